import type { ByteReader } from './byte-reader.ts'
import { invalid, quoted } from './invalid.ts'
import { BLOCK_BYTES, fieldOf, headerSum, paddedSize } from './tar-header.ts'
import { numberIn, textIn } from './tar-read.ts'

export type TarKind = 'file' | 'hardLink' | 'link' | 'character device' | 'block device' | 'folder' | 'fifo'

/** A file of a root file system, as GNU tar, bsdtar, Python and Go write it. */
export interface TarFile {
  kind: TarKind
  /** Absolute, `/` for the root itself. */
  path: string
  /** Of a link what it says, of a hard link the absolute path of the file. */
  target: string
  sizeBytes: number
  mode: number
  uid: number
  gid: number
  modifiedAt: number
  major: number
  minor: number
  attributes: { name: string; value: Uint8Array }[]
}

const KINDS: Readonly<Record<string, TarKind>> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file', '1': 'hardLink', '2': 'link' },
  ...{ '3': 'character device', '4': 'block device', '5': 'folder', '6': 'fifo' },
}

/** Of a long name, and of the records before an entry. */
const MAX_RECORDS_BYTES = 1 << 20
const SPARSE_HINT = 'Make the tar without --sparse.'
const SPARSE_TYPE = 'S'
const HEAD_FIELDS = { long: { L: 'path', K: 'linkpath' } } as const
const XATTR_PREFIX = 'SCHILY.xattr.'

type Records = Map<string, Uint8Array>

/**
 * The files of a tar in their order. The content of the one at hand is read with `content` before the next is asked for, or skipped.
 * ARTIFACT_INVALID when it is damaged, cut or holds what no root file system has. Access control lists are counted and left out.
 */
export class TarFiles {
  readonly #bytes: ByteReader
  readonly #global: Records = new Map()
  #left = 0
  /** Entries whose access control list (SCHILY.acl) was left out. */
  aclCount = 0

  constructor(bytes: ByteReader) {
    this.#bytes = bytes
  }

  /** null at the end. Two blocks of zeros are the end, and so is the end of the stream after a whole entry. */
  async next(): Promise<TarFile | null> {
    for await (const _ of this.content());
    const records: Records = new Map(this.#global)
    for (;;) {
      const startsAt = this.#bytes.position
      if (await this.#bytes.isAtEnd()) return this.#atEnd(records, startsAt)
      const block = Uint8Array.from(await this.#bytes.read(BLOCK_BYTES, 'a header'))
      if (block.every((byte) => byte === 0)) return this.#atEnd(records, startsAt)
      const where = `${this.#bytes.label}, entry at byte ${startsAt}`
      checkSum(block, where)
      const type = String.fromCharCode(fieldOf(block, 'typeflag')[0] ?? 0)
      if (!(await this.#isRecords(block, { type, records, where }))) return this.#fileOf(block, { type, records, where })
    }
  }

  /** The content of the file last answered, once; a piece is gone when the next is asked for. */
  async *content(): AsyncGenerator<Uint8Array, void, void> {
    const sizeBytes = this.#left
    if (sizeBytes === 0) return
    this.#left = 0
    yield* this.#bytes.take(sizeBytes, 'its content')
    const padding = paddedSize(sizeBytes) - sizeBytes
    if (padding > 0) await this.#bytes.read(padding, 'its last block')
  }

  #atEnd(records: Records, startsAt: number): null {
    if (records.size > this.#global.size)
      throw invalid(`${this.#bytes.label} ends at byte ${startsAt}, before the entry that was announced`)
    return null
  }

  /** Takes entries that only say something of the next one. */
  async #isRecords(block: Uint8Array, { type, records, where }: Heading): Promise<boolean> {
    const long = type === 'L' || type === 'K' ? HEAD_FIELDS.long[type] : null
    if (long === null && type !== 'x' && type !== 'g') return false
    const sizeBytes = numberIn(block, 'size', where)
    if (sizeBytes > MAX_RECORDS_BYTES) throw invalid(`${where}: names and attributes of ${sizeBytes} bytes`)
    const body = Uint8Array.from(await this.#bytes.read(sizeBytes, 'its records'))
    const padding = paddedSize(sizeBytes) - sizeBytes
    if (padding > 0) await this.#bytes.read(padding, 'its records')
    if (long === null) for (const [key, value] of recordsIn(body, where)) (type === 'g' ? this.#global : records).set(key, value)
    else records.set(long, body.subarray(0, body.indexOf(0) < 0 ? body.length : body.indexOf(0)))
    if (type === 'g') for (const [key, value] of this.#global) if (!records.has(key)) records.set(key, value)
    return true
  }

  #fileOf(block: Uint8Array, { type, records, where }: Heading): TarFile {
    const sparse = type === SPARSE_TYPE || [...records.keys()].some((key) => key.startsWith('GNU.sparse.'))
    if (sparse) throw invalid(`${where}: the content is written with its holes left out`, SPARSE_HINT)
    const kind = KINDS[type]
    if (kind === undefined) throw invalid(`${where}: there is no type of entry ${quoted(type)}`)
    const number = (key: 'uid' | 'gid' | 'size' | 'mtime'): number => numberOf(records, key, where) ?? numberIn(block, key, where)
    const name = textOf(records, 'path') ?? nameIn(block)
    // An old way to say that it is a folder.
    const isFolder = kind === 'folder' || (kind === 'file' && name.endsWith('/'))
    const target = textOf(records, 'linkpath') ?? textIn(block, 'linkname')
    const sizeBytes = kind === 'file' && !isFolder ? number('size') : 0
    if ([...records.keys()].some((key) => key.startsWith('SCHILY.acl.'))) this.aclCount++
    this.#left = sizeBytes
    return {
      kind: isFolder ? 'folder' : kind,
      path: pathOf(name, where),
      target: kind === 'hardLink' ? pathOf(target, where) : target,
      sizeBytes,
      mode: numberIn(block, 'mode', where) & 0o7777,
      uid: number('uid'),
      gid: number('gid'),
      modifiedAt: number('mtime') * 1000,
      major: numberIn(block, 'devmajor', where),
      minor: numberIn(block, 'devminor', where),
      attributes: [...records].flatMap(([key, value]) =>
        key.startsWith(XATTR_PREFIX) ? [{ name: key.slice(XATTR_PREFIX.length), value }] : [],
      ),
    }
  }
}

interface Heading {
  type: string
  records: Records
  where: string
}

function checkSum(block: Uint8Array, where: string): void {
  if (numberIn(block, 'checksum', where) !== headerSum(block))
    throw invalid(`${where}: the checksum of the header is wrong`, 'It is no tar, or it is damaged.')
}

/** `./etc/passwd` and `etc/passwd` as `/etc/passwd`; nothing leads out of the tree. */
function pathOf(name: string, where: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw invalid(`${where}: the name ${quoted(name)} leads out of the tree`)
  return `/${parts.join('/')}`
}

/** The name in the header itself: of POSIX with a prefix; old GNU tars keep something else there. */
function nameIn(block: Uint8Array): string {
  const isPosix = String.fromCharCode(...fieldOf(block, 'magic')).startsWith('ustar\x00')
  const prefix = isPosix ? textIn(block, 'prefix') : ''
  return (prefix === '' ? '' : `${prefix}/`) + textIn(block, 'name')
}

const decoder = new TextDecoder('utf-8')

function textOf(records: Records, key: string): string | undefined {
  const value = records.get(key)
  return value && decoder.decode(value)
}

function numberOf(records: Records, key: string, where: string): number | undefined {
  const text = textOf(records, key)
  if (text === undefined) return undefined
  const value = /^-?\d{1,15}(\.\d*)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value) || (key !== 'mtime' && value < 0)) throw invalid(`${where}: PAX ${key} ${quoted(text)} is not a number`)
  return value
}

/** `LENGTH KEY=VALUE\n`, the value being any bytes. */
function* recordsIn(body: Uint8Array, where: string): Generator<[string, Uint8Array], void, void> {
  for (let at = 0; at < body.length;) {
    const digits = /^(\d{1,7}) /.exec(String.fromCharCode(...body.subarray(at, at + 8)))?.[1]
    const end = at + Number(digits)
    const equals = body.indexOf('='.charCodeAt(0), at)
    if (digits === undefined || end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end)
      throw invalid(`${where}: malformed PAX record at byte ${at}`)
    yield [decoder.decode(body.subarray(at + digits.length + 1, equals)), body.subarray(equals + 1, end - 1)]
    at = end
  }
}
