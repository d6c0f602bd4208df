import { type RawEntry, brokenArtifact, bytesOf, textOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

/** An artifact that breaks one rule. */
export interface MalformedCase {
  /** What is wrong, to be read after "refuses". */
  what: string
  file: Uint8Array
  /** What the refusal says. */
  message: RegExp
  /** mender-artifact 3.9.0 calls it valid. */
  isTakenByPeer: boolean
}

/** One line of a table: what, file, message; with `'peer takes it'` where mender-artifact 3.9.0 calls it valid. */
export type Line = readonly [what: string, file: Uint8Array, message: RegExp, peer?: 'peer takes it']

export function malformed(lines: readonly Line[]): MalformedCase[] {
  return lines.map(([what, file, message, peer]) => ({ what, file, message, isTakenByPeer: peer !== undefined }))
}

export const HEADER_INFO = {
  payloads: [{ type: 'script' }],
  artifact_provides: { artifact_name: 'r' },
  artifact_depends: { device_type: ['d'] },
}
export const ROOTFS_INFO = { ...HEADER_INFO, payloads: [{ type: 'rootfs-image' }] }

export const entry = (name: string, text: string | Uint8Array = '', facts: RawEntry['facts'] = {}): RawEntry => ({
  name,
  content: typeof text === 'string' ? bytesOf(text) : text,
  facts,
})
export const typeInfo = entry('headers/0000/type-info', '{"type":"script"}')
export const headerOf = (...more: RawEntry[]): RawEntry[] => [entry('header-info', JSON.stringify(HEADER_INFO)), ...more]

/** Artifacts with one part replaced: a JSON text or value, the entries of a tar, its bytes. */
export const version = (text: string | Uint8Array) => brokenArtifact({ version: typeof text === 'string' ? bytesOf(text) : text })
export const info = (headerInfo: unknown) => brokenArtifact({ headerInfo })
export const infoText = (text: string) => brokenArtifact({ headerInfo: bytesOf(text) })
export const types = (value: unknown) => brokenArtifact({ typeInfo: value })
export const typesText = (text: string) => brokenArtifact({ typeInfo: bytesOf(text) })
export const header = (...entries: RawEntry[]) => brokenArtifact({ header: entries })
export const files = (...payload: RawEntry[]) => brokenArtifact({ payload })
export const manifest = (edit: (text: string) => string) => brokenArtifact({ manifest: (bytes) => bytesOf(edit(textOf(bytes))) })
export const outer = (edit: (entries: RawEntry[]) => RawEntry[]) => brokenArtifact({ outer: (entries) => edit(entries) })
export const whole = (edit: (bytes: Uint8Array) => Uint8Array) => brokenArtifact({ whole: (bytes) => edit(bytes) })
export const dataTar = (edit: (tar: Uint8Array) => Uint8Array) =>
  brokenArtifact({ dataName: 'data/0000.tar', storedData: (storedData) => edit(storedData) })

export const at = (entries: readonly RawEntry[], index: number): RawEntry => entries[index] ?? entry('absent')
export const swapped = (entries: RawEntry[], a: number, b: number): RawEntry[] => entries.with(a, at(entries, b)).with(b, at(entries, a))
export const flipped = (bytes: Uint8Array, index: number): Uint8Array => bytes.with(index, (bytes[index] ?? 0) ^ 1)
export const followed = (bytes: Uint8Array, more: Uint8Array | string): Uint8Array =>
  joinBytes([bytes, typeof more === 'string' ? bytesOf(more) : more])

/** The tar with some bytes of the header block at `start` replaced, and its checksum made right again. */
export function patched(
  tar: Uint8Array,
  start: number,
  ...edits: readonly (readonly [offset: number, bytes: Uint8Array | string])[]
): Uint8Array {
  const copy = Uint8Array.from(tar)
  for (const [offset, bytes] of edits) copy.set(typeof bytes === 'string' ? bytesOf(bytes) : bytes, start + offset)
  const sum = copy.subarray(start, start + 512).reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  copy.set(bytesOf(`${sum.toString(8).padStart(6, '0')}\0 `), start + 148)
  return copy
}

/** Offsets in a tar header: what an entry is, its size, its dialect. */
export const FIELD = { name: 0, size: 124, type: 156, magic: 257, prefix: 345 } as const

/** A PAX entry of this body, to stand before another. */
export function paxEntry(body: string, type = 'x'): Uint8Array {
  const head = patched(
    new Uint8Array(512),
    0,
    [0, 'PaxHeaders.0/x'],
    [100, '0000000\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${bytesOf(body).length.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [156, type],
    [257, 'ustar\x0000'],
  )
  return joinBytes([head, bytesOf(body), new Uint8Array((512 - (bytesOf(body).length % 512)) % 512)])
}

export const record = (text: string): string => {
  let length = text.length + 3
  while (`${length} ${text}\n`.length !== length) length += 1
  return `${length} ${text}\n`
}
