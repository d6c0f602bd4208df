import { t } from '@lingui/core/macro'
import type { Change, Comparison, FileChange, FileFacts } from '@contract/comparisons.ts'
import { bytes } from '../../ui/format.ts'

/** One way of differing: its sign, its word, and the token of its colour. */
export const CHANGES: Readonly<Record<Change, { sign: string; word: string }>> = {
  added: { sign: '+', word: t`added` },
  removed: { sign: '−', word: t`removed` },
  changed: { sign: '~', word: t`changed` },
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  formatVersion: t`format version`,
  name: t`artifact name`,
  group: 'group',
  deviceTypes: t`device types`,
  payloadType: t`payload type`,
  compression: 'compression',
  dependsNames: t`depends on artifacts`,
  dependsGroups: t`depends on groups`,
  clearsProvides: t`clears provides`,
  metaData: 'meta-data',
  isSigned: 'signed',
}

/** A row of two values that differ; null where one side has none. */
export interface ValueRow {
  name: string
  change: Change
  a: string | null
  b: string | null
}

/** A value of the header for people: lists by comma, objects as JSON. */
function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(', ')
  if (typeof value === 'boolean') return value ? t`yes` : t`no`
  if (typeof value === 'number' || typeof value === 'string') return String(value)
  return JSON.stringify(value, null, 2)
}

function rowOf(name: string, a: unknown, b: unknown): ValueRow {
  const [textA, textB] = [valueText(a), valueText(b)]
  return { name, change: textA === null ? 'added' : textB === null ? 'removed' : 'changed', a: textA, b: textB }
}

/** Sections of the overview, those with nothing in them left out. */
export function sectionsOf({ header, provides, depends, payload }: Omit<Comparison, 'a' | 'b'>): { title: string; rows: ValueRow[] }[] {
  const sections = [
    { title: t`Header`, rows: header.map(({ field, a, b }) => rowOf(FIELD_WORDS[field] ?? field, a, b)) },
    { title: t`Provides`, rows: provides.map(({ key, a, b }) => rowOf(key, a, b)) },
    { title: t`Depends`, rows: depends.map(({ key, a, b }) => rowOf(key, a, b)) },
    { title: t`Payload files`, rows: payload.map(({ a, b }) => rowOf(b?.name ?? a?.name ?? '', payloadText(a), payloadText(b))) },
  ]
  return sections.filter(({ rows }) => rows.length > 0)
}

function payloadText(file: { name: string; sizeBytes: number; sha256: string } | null): string | null {
  return file && `${file.name}, ${bytes(file.sizeBytes)}\nsha256 ${file.sha256.slice(0, 16)}…`
}

/** A changed file inside an image of the payload. */
export interface ImageFile extends FileChange {
  /** Unique over all images. */
  key: string
}

/** The changed files of all images of the payload; where there are several, the image stands before the path. */
export function imageFiles({ payload }: Pick<Comparison, 'payload'>): ImageFile[] {
  const images = payload.flatMap(({ b, contents }) =>
    contents?.kind === 'ext4' ? [{ name: b?.name ?? '', changes: contents.changes }] : [],
  )
  return images.flatMap(({ name, changes }) =>
    changes.map((change) => ({ ...change, key: images.length > 1 ? `${name}:${change.path}` : change.path })),
  )
}

/** Why the files of an image could not be compared; null when there is no such image. */
export function whyUnreadable({ payload }: Comparison): string | null {
  return payload.flatMap(({ contents }) => (contents?.kind === 'unreadable' ? [contents.why] : []))[0] ?? null
}

/** What is to be said of a file beside its path: size and mode, or how they changed. */
export function fileWords({ change, differs, a, b }: FileChange): string {
  const facts = b ?? a
  if (facts === null) return ''
  if (change !== 'changed' || a === null || b === null) return [sizeWord(facts), facts.mode].join('  ')
  return differs.flatMap((field) => differenceWords(field, a, b)).join(', ')
}

function sizeWord({ kind, sizeBytes, linkTarget }: FileFacts): string {
  if (linkTarget !== null) return `→ ${linkTarget}`
  return sizeBytes === null ? kind : bytes(sizeBytes)
}

function differenceWords(field: keyof FileFacts, a: FileFacts, b: FileFacts): string[] {
  if (field === 'modifiedAt') return []
  if (field === 'sha256') return a.sizeBytes === b.sizeBytes ? ['content'] : []
  if (field === 'sizeBytes') return a.sizeBytes === null || b.sizeBytes === null ? [] : [`${bytes(a.sizeBytes)} → ${bytes(b.sizeBytes)}`]
  if (field === 'linkTarget') return [t`→ ${a.linkTarget ?? t`none`}, now → ${b.linkTarget ?? t`none`}`]
  return [`${field} ${a[field] ?? t`none`} → ${b[field] ?? t`none`}`]
}

const FACTS = ['kind', 'sizeBytes', 'mode', 'uid', 'gid', 'linkTarget', 'device', 'modifiedAt', 'sha256'] as const
const FACT_WORDS: Readonly<Partial<Record<keyof FileFacts, string>>> = {
  sizeBytes: 'size',
  uid: t`owner`,
  gid: 'group',
  linkTarget: t`points to`,
  modifiedAt: t`changed at`,
}

/** All facts of a file by name; those that differ as before and after. */
export function fileFactRows({ a, b }: FileChange): [name: string, value: string][] {
  return FACTS.flatMap((field): [string, string][] => {
    const [before, after] = [a && factText(field, a), b && factText(field, b)]
    const values = [...new Set([before, after])].filter((value) => value !== null)
    return values.length === 0 ? [] : [[FACT_WORDS[field] ?? field, values.join(' → ')]]
  })
}

function factText(field: keyof FileFacts, facts: FileFacts): string | null {
  const value = facts[field]
  if (value === null) return null
  if (field === 'sizeBytes') return Number(value) < 1000 ? t`${value} bytes` : t`${bytes(Number(value))} (${value} bytes)`
  if (field === 'modifiedAt')
    return new Date(Number(value))
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, ' UTC')
  return field === 'sha256' ? `${String(value).slice(0, 16)}…` : String(value)
}
