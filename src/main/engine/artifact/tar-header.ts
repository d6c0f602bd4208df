import { type PaxRecords, encodePax } from './tar-pax.ts'

export const BLOCK_BYTES = 512

/** One regular file of a tar. `modifiedAt` is in whole seconds when it is written as USTAR. */
export interface TarEntry {
  name: string
  sizeBytes: number
  mode: number
  uid: number
  gid: number
  uname: string
  gname: string
  modifiedAt: number
}

/** An entry that no file stands behind: owner 0, time 0 (version, manifest, header-info and their like). */
export function memoryEntry(name: string, sizeBytes: number, mode = 0o600): TarEntry {
  return { name, sizeBytes, mode, uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }
}

/** Where a field of a USTAR header lies: first byte, length. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
} as const

export type Field = keyof typeof FIELD

/** The bytes of one field of a header block. */
export function fieldOf(block: Uint8Array, field: Field): Uint8Array {
  const [start, length] = FIELD[field]
  return block.subarray(start, start + length)
}

const encoder = new TextEncoder()

function setText(block: Uint8Array, field: Field, text: string): void {
  fieldOf(block, field).set(encoder.encode(text).subarray(0, FIELD[field][1]))
}

function fitsOctal(field: Field, value: number): boolean {
  return value >= 0 && value < 8 ** (FIELD[field][1] - 1)
}

function setOctal(block: Uint8Array, field: Field, value: number): void {
  const digits = FIELD[field][1] - 1
  const shown = fitsOctal(field, value) ? value : 0
  setText(block, field, `${shown.toString(8).padStart(digits, '0')}\0`)
}

/** Sum of the header's bytes with the checksum field itself taken as spaces. */
export function headerSum(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (const byte of block) sum += byte
  for (const byte of fieldOf(block, 'checksum')) sum -= byte
  return sum
}

function seal(block: Uint8Array): Uint8Array {
  setText(block, 'checksum', `${headerSum(block).toString(8).padStart(6, '0')}\0 `)
  return block
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)

/** A path over 100 bytes as USTAR's prefix and name, or null when no slash lies where it must. */
function splitPath(name: string): { prefix: string; name: string } | null {
  if (name.length <= FIELD.name[1] || !isAscii(name)) return null
  const slash = name.lastIndexOf('/', Math.min(name.length - 2, FIELD.prefix[1]))
  const rest = name.slice(slash + 1)
  return slash <= 0 || rest.length > FIELD.name[1] ? null : { prefix: name.slice(0, slash), name: rest }
}

/** What of an entry USTAR cannot hold, as PAX records; empty when it holds everything. */
function paxNeeds(entry: TarEntry, isSplit: boolean): PaxRecords {
  const needs: PaxRecords = {}
  const seconds = secondsOf(entry)
  if (!isAscii(entry.name) || (entry.name.length > FIELD.name[1] && !isSplit)) needs['path'] = entry.name
  for (const owner of ['uname', 'gname'] as const) {
    if (!isAscii(entry[owner]) || entry[owner].length > FIELD[owner][1]) needs[owner] = entry[owner]
  }
  if (!fitsOctal('size', entry.sizeBytes)) needs['size'] = String(entry.sizeBytes)
  if (!fitsOctal('uid', entry.uid)) needs['uid'] = String(entry.uid)
  if (!fitsOctal('gid', entry.gid)) needs['gid'] = String(entry.gid)
  if (!fitsOctal('mtime', seconds)) needs['mtime'] = String(seconds)
  return needs
}

function secondsOf(entry: TarEntry): number {
  return Math.round(entry.modifiedAt / 1000)
}

function mainBlock(entry: TarEntry, path: { prefix: string; name: string }): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  const plain = (text: string): string => text.replace(/[^\0-\x7f]/g, '')
  setText(block, 'name', plain(path.name))
  setOctal(block, 'mode', entry.mode)
  setOctal(block, 'uid', entry.uid)
  setOctal(block, 'gid', entry.gid)
  setOctal(block, 'size', entry.sizeBytes)
  setOctal(block, 'mtime', secondsOf(entry))
  setText(block, 'typeflag', '0')
  setText(block, 'magic', 'ustar\x0000')
  setText(block, 'uname', plain(entry.uname))
  setText(block, 'gname', plain(entry.gname))
  setOctal(block, 'devmajor', 0)
  setOctal(block, 'devminor', 0)
  setText(block, 'prefix', path.prefix)
  return seal(block)
}

/** The PAX entry before the main one carries zeros and no owner; its device numbers stay NUL. */
function paxBlocks(name: string, records: PaxRecords): Uint8Array {
  const body = encodePax(records)
  const slash = name.lastIndexOf('/') + 1
  const blocks = new Uint8Array(BLOCK_BYTES + paddedSize(body.length))
  const block = blocks.subarray(0, BLOCK_BYTES)
  setText(block, 'name', `${name.slice(0, slash)}PaxHeaders.0/${name.slice(slash)}`.replace(/[^\0-\x7f]/g, ''))
  for (const field of ['mode', 'uid', 'gid', 'mtime'] as const) setOctal(block, field, 0)
  setOctal(block, 'size', body.length)
  setText(block, 'typeflag', 'x')
  setText(block, 'magic', 'ustar\x0000')
  seal(block)
  blocks.set(body, BLOCK_BYTES)
  return blocks
}

/** A size rounded up to whole blocks. */
export function paddedSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
}

/**
 * The header of an entry as Go's archive/tar writes it: one USTAR block whenever everything fits, else a PAX entry before it.
 * `forcedPax` adds records that would not be needed, to keep room for a size not yet known.
 */
export function encodeTarHeader(entry: TarEntry, forcedPax: PaxRecords = {}): Uint8Array {
  const split = splitPath(entry.name)
  const needs = { ...forcedPax, ...paxNeeds(entry, split !== null) }
  if (Object.keys(needs).length === 0) return mainBlock(entry, split ?? { prefix: '', name: entry.name })
  const pax = paxBlocks(entry.name, needs)
  const whole = new Uint8Array(pax.length + BLOCK_BYTES)
  whole.set(pax)
  whole.set(mainBlock(entry, { prefix: '', name: entry.name }), pax.length)
  return whole
}
