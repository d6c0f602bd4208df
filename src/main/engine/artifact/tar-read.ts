import { invalid, quoted } from './invalid.ts'
import type { ByteReader } from './byte-reader.ts'
import { BLOCK_BYTES, type Field, type TarEntry, fieldOf, headerSum, paddedSize } from './tar-header.ts'
import { type PaxRecords, decodePax } from './tar-pax.ts'

/** An entry as found: `startsAt` is the byte of its (first) header block in its tar. */
export interface FoundEntry extends TarEntry {
  startsAt: number
}

const KNOWN_PAX = new Set(['path', 'size', 'uid', 'gid', 'uname', 'gname', 'mtime', 'atime', 'ctime'])

/** The text of a field up to its first NUL. */
export function textIn(block: Uint8Array, field: Field): string {
  const bytes = fieldOf(block, field)
  const end = bytes.indexOf(0)
  return new TextDecoder('utf-8').decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Octal digits, or GNU's base 256 when the first bit is set. */
export function numberIn(block: Uint8Array, field: Field, where: string): number {
  const bytes = fieldOf(block, field)
  if ((bytes[0] ?? 0) & 0x80) return base256(bytes, field, where)
  const text = String.fromCharCode(...bytes).replace(/^ +/, '')
  const digits = /^([0-7]*)[\0 ]*$/.exec(text)?.[1]
  if (digits === undefined) throw invalid(`${where}: ${field} ${quoted(text)} is not an octal number`)
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function base256(bytes: Uint8Array, field: Field, where: string): number {
  let value = 0
  for (const [index, byte] of bytes.entries()) value = value * 256 + (index === 0 ? byte & 0x7f : byte)
  if ((bytes[0] ?? 0) & 0x40 || value > Number.MAX_SAFE_INTEGER) throw invalid(`${where}: ${field} is out of range`)
  return value
}

function paxNumber(records: PaxRecords, key: string, where: string): number | undefined {
  const text = records[key]
  if (text === undefined) return undefined
  const pattern = key === 'mtime' ? /^-?[0-9]{1,15}(\.[0-9]*)?$/ : /^[0-9]{1,15}$/
  if (!pattern.test(text)) throw invalid(`${where}: PAX ${key} ${quoted(text)} is not a number`)
  return Number(text)
}

function entryOf(block: Uint8Array, pax: PaxRecords, startsAt: number, where: string): FoundEntry {
  const isUstar = String.fromCharCode(...fieldOf(block, 'magic')).startsWith('ustar\x0000')
  const prefix = isUstar ? textIn(block, 'prefix') : ''
  const name = pax['path'] ?? (prefix === '' ? '' : `${prefix}/`) + textIn(block, 'name')
  const seconds = paxNumber(pax, 'mtime', where) ?? numberIn(block, 'mtime', where)
  return {
    name,
    sizeBytes: paxNumber(pax, 'size', where) ?? numberIn(block, 'size', where),
    mode: numberIn(block, 'mode', where) & 0o7777,
    uid: paxNumber(pax, 'uid', where) ?? numberIn(block, 'uid', where),
    gid: paxNumber(pax, 'gid', where) ?? numberIn(block, 'gid', where),
    uname: pax['uname'] ?? textIn(block, 'uname'),
    gname: pax['gname'] ?? textIn(block, 'gname'),
    modifiedAt: Math.floor(seconds * 1000),
    startsAt,
  }
}

/** What may fill the last record behind the end of a tar: far more than any tar program's records have. */
const FILL_MAX_BYTES = 1 << 20

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

const LINK_NAMES: Record<string, string> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder',
  '6': 'a FIFO',
}

/**
 * Reads one tar as a strict reader: regular files only, every checksum right, two zero blocks at the end and nothing but zeros
 * after them. Take or skip each entry's content before asking for the next.
 */
export class TarReader {
  readonly #bytes: ByteReader
  readonly #paxLimit: number
  #current: FoundEntry | null = null
  #isTaken = false

  constructor(bytes: ByteReader, paxLimit: number) {
    this.#bytes = bytes
    this.#paxLimit = paxLimit
  }

  get label(): string {
    return this.#bytes.label
  }

  /** The next entry, or null at the proper end of the tar, which is then read to its last byte. */
  async next(): Promise<FoundEntry | null> {
    if (this.#current && !this.#isTaken) for await (const _ of this.content());
    this.#current = null
    const startsAt = this.#bytes.position
    let pax: PaxRecords = {}
    let block = await this.#header(startsAt)
    if (isZero(block)) return this.#end()
    if (this.#typeOf(block, startsAt) === 'x') {
      pax = await this.#pax(block, startsAt)
      block = await this.#header(startsAt)
    }
    const where = `${this.label}, entry at byte ${startsAt}`
    const type = this.#typeOf(block, startsAt)
    const entry = entryOf(block, pax, startsAt, where)
    if (type !== '0' && type !== '\0') {
      throw invalid(`${where}: ${quoted(entry.name)} is ${LINK_NAMES[type] ?? `of type ${quoted(type)}`}; only regular files may be there`)
    }
    if (!isUnambiguous(entry.name)) throw invalid(`${where}: the name ${quoted(entry.name)} is not acceptable`)
    this.#current = entry
    this.#isTaken = false
    return entry
  }

  /** The content of the entry last answered, once. */
  async *content(): AsyncGenerator<Uint8Array, void, void> {
    const entry = this.#current
    if (!entry || this.#isTaken) return
    this.#isTaken = true
    yield* this.#bytes.take(entry.sizeBytes, entry.name)
    const padding = paddedSize(entry.sizeBytes) - entry.sizeBytes
    if (padding > 0) await this.#bytes.read(padding, `${entry.name}'s last block`)
  }

  /** The whole content of the entry last answered; ARTIFACT_INVALID when it is over `limit` bytes. */
  async contentWhole(limit: number): Promise<Uint8Array> {
    const entry = this.#current
    if (!entry) return new Uint8Array(0)
    if (entry.sizeBytes > limit) {
      const place = `${this.label}, entry at byte ${entry.startsAt}`
      throw invalid(`${place}: ${quoted(entry.name)} has ${entry.sizeBytes} bytes, more than the ${limit} that are accepted`)
    }
    const whole = new Uint8Array(entry.sizeBytes)
    let filled = 0
    for await (const piece of this.content()) {
      whole.set(piece, filled)
      filled += piece.length
    }
    return whole
  }

  async #header(startsAt: number): Promise<Uint8Array> {
    const block = await this.#bytes.read(BLOCK_BYTES, `the tar header at byte ${startsAt}`)
    if (isZero(block)) return block
    const where = `${this.label}, byte ${this.#bytes.position - BLOCK_BYTES}`
    if (!String.fromCharCode(...fieldOf(block, 'magic')).startsWith('ustar')) throw invalid(`${where}: this is not a tar header`)
    if (numberIn(block, 'checksum', where) !== headerSum(block)) throw invalid(`${where}: the tar header's checksum is wrong`)
    return block
  }

  #typeOf(block: Uint8Array, startsAt: number): string {
    if (isZero(block)) throw invalid(`${this.label}, entry at byte ${startsAt}: a PAX header with no entry after it`)
    return String.fromCharCode(...fieldOf(block, 'typeflag'))
  }

  async #pax(block: Uint8Array, startsAt: number): Promise<PaxRecords> {
    const where = `${this.label}, PAX header at byte ${startsAt}`
    const sizeBytes = numberIn(block, 'size', where)
    if (sizeBytes > this.#paxLimit) throw invalid(`${where}: ${sizeBytes} bytes are more than the ${this.#paxLimit} that are accepted`)
    const body = await this.#bytes.read(paddedSize(sizeBytes), 'the PAX header')
    const records = decodePax(body.subarray(0, sizeBytes), where)
    const unknown = Object.keys(records).find((key) => !KNOWN_PAX.has(key))
    if (unknown !== undefined) throw invalid(`${where}: unknown PAX record ${quoted(unknown)}`)
    return records
  }

  async #end(): Promise<null> {
    const second = await this.#bytes.read(BLOCK_BYTES, 'the end of the archive')
    if (!isZero(second))
      throw invalid(`${this.label}: one zero block at byte ${this.#bytes.position - 2 * BLOCK_BYTES}, where the archive ends with two`)
    const endsAt = this.#bytes.position
    for (let rest = await this.#bytes.readAny(); rest; rest = await this.#bytes.readAny()) {
      if (this.#bytes.position - endsAt > FILL_MAX_BYTES) throw invalid(`${this.label}: more than ${FILL_MAX_BYTES} bytes follow its end`)
      if (!isZero(rest)) throw invalid(`${this.label}: something follows the end of the archive before byte ${this.#bytes.position}`)
    }
    return null
  }
}

/** No empty, absolute, dotted or control-character name: what is unpacked by it must land where it says. */
function isUnambiguous(name: string): boolean {
  return name !== '' && !/[\0-\x1f\x7f\\\ufffd]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
