import { ByteReader } from './byte-reader.ts'
import { type Compression, compressionOf, decompress } from './compression.ts'
import { beginDeb, latin1, noPackage } from './deb-archive.ts'
import { quoted } from './invalid.ts'
import { BLOCK_BYTES, paddedSize } from './tar-header.ts'

/** What a package says of itself. */
export interface PackageFacts {
  name: string
  version: string
  architecture: string
}

/** The packed control archive, what is read of it unpacked, and the control file: real ones are far below. */
const CONTROL_BYTES = 16 << 20

/**
 * What the control file of a Debian package says (deb(5)). `chunks` is read no further than its control archive. ARTIFACT_INVALID
 * when it is none.
 */
export async function readDeb(chunks: AsyncIterable<Uint8Array>, fileName: string): Promise<PackageFacts> {
  const bytes = new ByteReader(chunks, fileName)
  try {
    const control = await beginDeb(bytes, fileName)
    const compression = compressionOf(control.name, 'control.tar')
    if (compression === null) throw noPackage(fileName, `${quoted(control.name)} stands where the control archive should`)
    if (control.sizeBytes > CONTROL_BYTES) throw noPackage(fileName, `a control archive of ${control.sizeBytes} bytes`)
    return factsOf(await controlFile(bytes.take(control.sizeBytes, control.name), compression, fileName), fileName)
  } finally {
    await bytes.close()
  }
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
