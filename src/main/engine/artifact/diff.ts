import type { ArtifactContent } from '../../contract/artifacts.ts'
import type { ArtifactDiff, Change } from '../../contract/comparisons.ts'
import { diffLines } from './diff-lines.ts'

/** One of two artifacts: what it says of itself, and its state scripts by name. */
export interface DiffSide {
  content: ArtifactContent
  scripts: ReadonlyMap<string, Uint8Array>
}

type FieldChange = ArtifactDiff['header'][number]
type EntryChange = ArtifactDiff['provides'][number]
type ScriptChange = ArtifactDiff['scripts'][number]
type PayloadChange = ArtifactDiff['payload'][number]

const FIELDS = [
  'formatVersion',
  'name',
  'group',
  'deviceTypes',
  'payloadType',
  'compression',
  'dependsNames',
  'dependsGroups',
  'clearsProvides',
  'metaData',
] as const

const MAX_TEXT = 1 << 20

/**
 * What differs between two artifacts, part by part; lists are empty where nothing does. Files of the payload are paired by name, and
 * where each side has one that is left, these two: the image of a root file system is often named by its version.
 */
export function diffArtifacts(a: DiffSide, b: DiffSide): ArtifactDiff {
  return {
    header: headerChanges(a.content, b.content),
    provides: entryChanges(a.content.provides, b.content.provides),
    depends: entryChanges(a.content.depends, b.content.depends),
    scripts: scriptChanges(a.scripts, b.scripts),
    payload: payloadChanges(a.content.files, b.content.files),
  }
}

/** Whether nothing of the content differs. The file may: times, order and compression level are no content. */
export function isSame({ header, provides, depends, scripts, payload }: ArtifactDiff): boolean {
  return [header, provides, depends, scripts, payload].every((changes) => changes.length === 0)
}

function headerChanges(a: ArtifactContent, b: ArtifactContent): FieldChange[] {
  const changes = FIELDS.map((field): FieldChange => ({ field, a: a[field], b: b[field] }))
  changes.push({ field: 'isSigned', a: a.signature.present, b: b.signature.present })
  return changes.filter((change) => canonical(change.a) !== canonical(change.b))
}

/** JSON with the keys of every object sorted, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  )
}

type Entries = Readonly<Record<string, string | string[]>>

function entryChanges(a: Entries, b: Entries): EntryChange[] {
  return keysOf(Object.keys(a), Object.keys(b)).flatMap((key) => {
    const [inA, inB] = [a[key] ?? null, b[key] ?? null]
    return canonical(inA) === canonical(inB) ? [] : [{ key, change: changeOf(inA, inB), a: inA, b: inB }]
  })
}

function keysOf(a: Iterable<string>, b: Iterable<string>): string[] {
  return [...new Set([...a, ...b])].toSorted()
}

function changeOf(a: unknown, b: unknown): Change {
  if (a === null) return 'added'
  return b === null ? 'removed' : 'changed'
}

function scriptChanges(a: DiffSide['scripts'], b: DiffSide['scripts']): ScriptChange[] {
  return keysOf(a.keys(), b.keys()).flatMap((name) => {
    const [inA, inB] = [a.get(name) ?? null, b.get(name) ?? null]
    if (inA && inB && Buffer.compare(inA, inB) === 0) return []
    return [{ name, change: changeOf(inA, inB), lines: textDiff(inA, inB) }]
  })
}

/** How two texts differ as unified hunks; of one alone all its lines, with their sign. null when it is no text or too long. */
export function textDiff(a: Uint8Array | null, b: Uint8Array | null): string[] | null {
  const [textA, textB] = [textOf(a), textOf(b)]
  if (textA === null || textB === null) return null
  if (a === null) return allLines('+', textB)
  return b === null ? allLines('-', textA) : diffLines(textA, textB)
}

function allLines(sign: string, text: string): string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => sign + line)
}

/** null when it is no text. */
function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return ''
  if (bytes.length > MAX_TEXT || bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

type PayloadFiles = ArtifactContent['files']

function payloadChanges(a: PayloadFiles, b: PayloadFiles): PayloadChange[] {
  const names = (files: PayloadFiles) => new Set(files.map(({ name }) => name))
  const [namesA, namesB] = [names(a), names(b)]
  const onlyA = a.filter(({ name }) => !namesB.has(name))
  const onlyB = b.filter(({ name }) => !namesA.has(name))
  const pairs = a.flatMap((file): PayloadChange[] => {
    const other = b.find(({ name }) => name === file.name)
    return other && (other.sha256 !== file.sha256 || other.sizeBytes !== file.sizeBytes) ? [{ change: 'changed', a: file, b: other }] : []
  })
  const [lastA, lastB] = [onlyA[0], onlyB[0]]
  if (onlyA.length === 1 && onlyB.length === 1 && lastA && lastB) return [...pairs, { change: 'changed', a: lastA, b: lastB }]
  return [
    ...pairs,
    ...onlyA.map((file): PayloadChange => ({ change: 'removed', a: file, b: null })),
    ...onlyB.map((file): PayloadChange => ({ change: 'added', a: null, b: file })),
  ]
}
