import { ByteReader } from './byte-reader.ts'
import { compressionOf, decompress } from './compression.ts'
import { invalid, quoted } from './invalid.ts'
import { TarFiles } from './tar-files.ts'

const HINT = 'Give the package as its build made it, or get it again.'
const AR_MAGIC = '!<arch>\n'
const AR_HEAD_BYTES = 60

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export function noPackage(fileName: string, why: string): Error {
  return invalid(`${fileName} is no Debian package: ${why}`, HINT)
}

export interface Member {
  name: string
  sizeBytes: number
}

/** Reads to the head of a package's control archive, which it answers (deb(5)). */
export async function beginDeb(bytes: ByteReader, fileName: string): Promise<Member> {
  if (latin1(await bytes.read(AR_MAGIC.length, 'a Debian package')) !== AR_MAGIC) throw noPackage(fileName, 'it is no ar archive')
  const first = await member(bytes, fileName)
  if (first.name !== 'debian-binary') throw noPackage(fileName, `its first member is ${quoted(first.name)}, not debian-binary`)
  if (first.sizeBytes > 64) throw noPackage(fileName, `a member of ${first.sizeBytes} bytes stands before its control file`)
  const version = latin1(await bytes.read(first.sizeBytes, first.name)).trim()
  if (!version.startsWith('2.')) throw noPackage(fileName, `it has the format ${quoted(version)}, not 2.x`)
  await bytes.read(first.sizeBytes % 2, first.name)
  return member(bytes, fileName)
}

async function member(bytes: ByteReader, fileName: string): Promise<Member> {
  const head = latin1(await bytes.read(AR_HEAD_BYTES, 'the head of an ar member'))
  const size = /^\d{1,10}$/.exec(head.slice(48, 58).trim())
  if (!head.endsWith('`\n') || !size) throw noPackage(fileName, 'its ar archive is damaged')
  return { name: head.slice(0, 16).trim().replace(/\/$/, ''), sizeBytes: Number(size[0]) }
}

/** The files that a package installs. A chunk of `chunks` may be reused after the next is asked for. ARTIFACT_INVALID when it is none. */
export async function debFiles(chunks: AsyncIterable<Uint8Array>, fileName: string): Promise<TarFiles> {
  const bytes = new ByteReader(chunks, fileName)
  const control = await beginDeb(bytes, fileName)
  for await (const _ of bytes.take(control.sizeBytes + (control.sizeBytes % 2), control.name));
  const data = await member(bytes, fileName)
  const compression = compressionOf(data.name, 'data.tar')
  if (compression === null) throw noPackage(fileName, `${quoted(data.name)} stands where its files should`)
  return new TarFiles(new ByteReader(decompress(bytes.take(data.sizeBytes, data.name), compression, fileName), fileName))
}
