import { AppError } from '../../contract/errors.ts'
import { piecesOf } from './blocks.ts'
import { ByteReader } from './byte-reader.ts'
import { goJson } from './go-json.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { metaDataJson } from './schema.ts'
import { parseStrictJson } from './strict-json.ts'
import { memoryEntry } from './tar-header.ts'
import { TarReader } from './tar-read.ts'
import { tarEntry } from './tar-write.ts'
import type { ScriptSource } from './write.ts'

/** An entry of header.tar. */
export interface HeaderEntry {
  name: string
  content: Uint8Array
  /** With tar header and padding. */
  blocks: Uint8Array
}

/** The entries of a header.tar that has been checked. */
export async function entriesOf(tar: Uint8Array): Promise<HeaderEntry[]> {
  const bytes = new ByteReader(piecesOf(tar), 'header.tar')
  const reader = new TarReader(bytes, DEFAULT_LIMITS.pax)
  const entries: HeaderEntry[] = []
  for (let entry = await reader.next(); entry; entry = await reader.next()) {
    const content = await reader.contentWhole(DEFAULT_LIMITS.headerExpanded)
    entries.push({ name: entry.name, content, blocks: tar.subarray(entry.startsAt, bytes.position) })
  }
  return entries
}

/** Of format 2. */
export const FILES = 'headers/0000/files'
export const TYPE_INFO = 'headers/0000/type-info'
export const META_DATA = 'headers/0000/meta-data'

/** The entry as it is when both texts are the same, else a new one. */
export function jsonEntry(entry: HeaderEntry | undefined, { name, old, now }: { name: string; old: string; now: string }): Uint8Array {
  return entry && old === now ? entry.blocks : tarEntry(memoryEntry(name, 0), new TextEncoder().encode(now))
}

/** null where there is to be none. */
export function metaDataEntry(
  entry: HeaderEntry | undefined,
  metaData: Readonly<Record<string, unknown>> | undefined,
  type: string | null,
): Uint8Array | null {
  if (metaData === undefined) return entry?.blocks ?? null
  if (type === null) throw new AppError('BAD_INPUT', 'A bootstrap artifact has no meta-data', 'Leave -m out.')
  const isEmpty = Object.keys(metaData).length === 0
  if (isEmpty && type !== 'rootfs-image') return null
  const old = entry && entry.content.length > 0 ? goJson(parseStrictJson(entry.content, metaDataJson, 'meta-data')) : ''
  return jsonEntry(entry, { name: META_DATA, old, now: isEmpty ? '' : goJson(metaData) })
}

/** The scripts in their order, new ones behind them by name. */
export function scriptEntries(entries: readonly HeaderEntry[], scripts: readonly ScriptSource[]): Uint8Array[] {
  const blocks = new Map(entries.filter(({ name }) => name.startsWith('scripts/')).map((entry) => [entry.name, entry.blocks]))
  for (const { content, ...facts } of scripts.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = `scripts/${facts.name}`
    blocks.set(name, tarEntry({ ...facts, name }, content))
  }
  return [...blocks.values()]
}
