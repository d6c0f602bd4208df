import { ByteReader } from './byte-reader.ts'
import { type Compression, decompress } from './compression.ts'
import { invalid, quoted } from './invalid.ts'
import { BLOCK_BYTES, paddedSize } from './tar-header.ts'

/** What a package says of itself. */
export interface PackageFacts {
  name: string
  version: string
  architecture: string
}

const HINT = 'Give the package as its build made it, or get it again.'
const AR_MAGIC = '!<arch>\n'
const AR_HEAD_BYTES = 60
/** The packed control archive, what is read of it unpacked, and the control file: real ones are far below. */
const CONTROL_BYTES = 16 << 20

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/**
 * What the control file of a Debian package says (deb(5)). `chunks` is read no further than its control archive. ARTIFACT_INVALID
 * when it is none.
 */
export async function readDeb(chunks: AsyncIterable<Uint8Array>, fileName: string): Promise<PackageFacts> {
  const bytes = new ByteReader(chunks, fileName)
  try {
    if (latin1(await bytes.read(AR_MAGIC.length, 'a Debian package')) !== AR_MAGIC) throw noPackage(fileName, 'it is no ar archive')
    const first = await member(bytes, fileName)
    if (first.name !== 'debian-binary') throw noPackage(fileName, `its first member is ${quoted(first.name)}, not debian-binary`)
    const version = latin1(await bytes.read(first.sizeBytes, first.name)).trim()
    if (!version.startsWith('2.')) throw noPackage(fileName, `it has the format ${quoted(version)}, not 2.x`)
    await bytes.read(first.sizeBytes % 2, first.name)
    const control = await member(bytes, fileName)
    const compression = CONTROL_NAMES[control.name]
    if (compression === undefined) throw noPackage(fileName, `${quoted(control.name)} stands where the control archive should`)
    return factsOf(await controlFile(bytes.take(control.sizeBytes, control.name), compression, fileName), fileName)
  } finally {
    await bytes.close()
  }
}

const CONTROL_NAMES: Readonly<Record<string, Compression>> = {
  'control.tar': 'none',
  'control.tar.gz': 'gzip',
  'control.tar.xz': 'lzma',
  'control.tar.zst': 'zstd',
}

function noPackage(fileName: string, why: string): Error {
  return invalid(`${fileName} is no Debian package: ${why}`, HINT)
}

async function member(bytes: ByteReader, fileName: string): Promise<{ name: string; sizeBytes: number }> {
  const head = latin1(await bytes.read(AR_HEAD_BYTES, 'the head of an ar member'))
  const size = /^\d{1,10}$/.exec(head.slice(48, 58).trim())
  if (!head.endsWith('`\n') || !size) throw noPackage(fileName, 'its ar archive is damaged')
  const sizeBytes = Number(size[0])
  if (sizeBytes > CONTROL_BYTES) throw noPackage(fileName, `a member of ${sizeBytes} bytes stands before its control file`)
  return { name: head.slice(0, 16).trim().replace(/\/$/, ''), sizeBytes }
}

/** The text of `control` in the control archive; names of entries and folders in it are nobody's business here. */
async function controlFile(packed: AsyncIterable<Uint8Array>, compression: Compression, fileName: string): Promise<string> {
  const tar = new ByteReader(decompress(packed, compression, fileName), fileName)
  try {
    while (tar.position < CONTROL_BYTES) {
      const head = await tar.read(BLOCK_BYTES, 'its control archive')
      const name = latin1(head.subarray(0, 100)).replace(/\0.*$/s, '').replace(/^\.\//, '')
      const size = /^ *([0-7]{1,11})[ \0]*$/.exec(latin1(head.subarray(124, 136)))?.[1]
      if (head[0] === 0 || size === undefined) break
      const sizeBytes = Number.parseInt(size, 8)
      if (sizeBytes > CONTROL_BYTES) break
      const content = await tar.read(paddedSize(sizeBytes), name)
      if (name === 'control') return new TextDecoder().decode(content.subarray(0, sizeBytes))
    }
    throw noPackage(fileName, 'its control archive has no control file')
  } finally {
    await tar.close()
  }
}

function factsOf(control: string, fileName: string): PackageFacts {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:[ \\t]*(\\S+)`, 'im').exec(control)?.[1]
    if (value === undefined) throw noPackage(fileName, `its control file has no ${name}`)
    return value
  }
  return { name: field('Package'), version: field('Version'), architecture: field('Architecture') }
}
