import { ByteReader } from './byte-reader.ts'
import { invalid } from './invalid.ts'
import type { PackageFacts } from './package-deb.ts'

const HINT = 'Give the binary package as rpmbuild made it, or get it again.'
const LEAD_BYTES = 96
const LEAD_MAGIC = 0xedabeedb
const HEADER_MAGIC = 0x8eade801
const INDEX_ENTRY_BYTES = 16
/** What rpm itself refuses is far above; real headers are below one megabyte. */
const HEADER_BYTES = 32 << 20

const TAG = { name: 1000, version: 1001, release: 1002, architecture: 1022, sourceRpm: 1044 } as const

/** What the header of an RPM package says (format version 3 and 4). ARTIFACT_INVALID when it is none, or one of sources. */
export async function readRpm(chunks: AsyncIterable<Uint8Array>, fileName: string): Promise<PackageFacts> {
  const bytes = new ByteReader(chunks, fileName)
  try {
    const lead = viewOf(await bytes.read(LEAD_BYTES, 'an RPM package'))
    if (lead.getUint32(0) !== LEAD_MAGIC) throw noPackage(fileName, 'it does not begin like one')
    if (lead.getUint16(6) !== 0) throw noPackage(fileName, 'it holds sources, which no device installs')
    const signature = await header(bytes, fileName)
    await bytes.read((8 - (signature.sizeBytes % 8)) % 8, 'the padding of its signature')
    const main = await header(bytes, fileName)
    if (!main.has(TAG.sourceRpm)) throw noPackage(fileName, 'it holds sources, which no device installs')
    const [name, version, architecture] = [main.text(TAG.name), main.text(TAG.version), main.text(TAG.architecture)]
    return { name, version: `${version}-${main.text(TAG.release)}`, architecture }
  } finally {
    await bytes.close()
  }
}

function noPackage(fileName: string, why: string): Error {
  return invalid(`${fileName} is no RPM package: ${why}`, HINT)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

interface RpmHeader {
  sizeBytes: number
  has(tag: number): boolean
  /** The first string of a tag. */
  text(tag: number): string
}

/** An index of (tag, type, offset, count) and the store that the offsets point into. */
async function header(bytes: ByteReader, fileName: string): Promise<RpmHeader> {
  const head = viewOf(Uint8Array.from(await bytes.read(16, 'a header of an RPM package')))
  const [entries, storeBytes] = [head.getUint32(8), head.getUint32(12)]
  if (head.getUint32(0) !== HEADER_MAGIC || entries * INDEX_ENTRY_BYTES + storeBytes > HEADER_BYTES)
    throw noPackage(fileName, 'its header is damaged')
  const index = viewOf(Uint8Array.from(await bytes.read(entries * INDEX_ENTRY_BYTES, 'the index of its header')))
  const store = Uint8Array.from(await bytes.read(storeBytes, 'its header'))
  const offsets = new Map<number, number>()
  for (let at = 0; at < index.byteLength; at += INDEX_ENTRY_BYTES) offsets.set(index.getUint32(at), index.getUint32(at + 8))
  return {
    sizeBytes: storeBytes,
    has: (tag) => offsets.has(tag),
    text: (tag) => {
      const start = offsets.get(tag) ?? store.length
      const end = store.indexOf(0, start)
      if (end <= start) throw noPackage(fileName, `its header does not say tag ${tag}`)
      return new TextDecoder().decode(store.subarray(start, end))
    },
  }
}
