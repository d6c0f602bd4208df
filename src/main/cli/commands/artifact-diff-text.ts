import type { Comparison, FileChange, FileFacts, ImageDiff } from '../../contract/comparisons.ts'
import { say, word } from '../language.ts'
import { size, time } from '../text.ts'

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

/** Without characters that would command the terminal. */
function plain(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function shown(value: unknown): string {
  return plain(typeof value === 'string' ? value : JSON.stringify(value))
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${word(title)}:`, ...lines.map((line) => `  ${line}`)]
}

function valueLine(sign: string, name: string, [a, b]: readonly [unknown, unknown]): string {
  if (a === null) return `${sign} ${shown(name)}: ${shown(b)}`
  return b === null ? `${sign} ${shown(name)}: ${shown(a)}` : `${sign} ${shown(name)}: ${shown(a)} -> ${shown(b)}`
}

function payloadLines({ change, a, b, contents }: Comparison['payload'][number]): string[] {
  const facts = [a, b].flatMap((file) => (file ? [`${size(file.sizeBytes)} sha256 ${file.sha256.slice(0, 12)}…`] : []))
  const names = [...new Set([a, b].flatMap((file) => (file ? [file.name] : [])))]
  return [`${SIGNS[change]} ${names.join(' -> ')}: ${facts.join(' -> ')}`, ...contentLines(contents).map((line) => `    ${line}`)]
}

function contentLines(contents: ImageDiff | null): string[] {
  if (!contents) return []
  if (contents.kind === 'unreadable') return [say(`its files cannot be compared: ${contents.why}`)]
  const isTimeAlone = ({ change, differs }: FileChange) => change === 'changed' && differs.every((field) => field === 'modifiedAt')
  const others = contents.changes.filter((change) => !isTimeAlone(change))
  const timeCount = contents.changes.length - others.length
  const summary = timeCount === 0 ? [] : [say(`${timeCount} more differ in nothing but their time of change`)]
  return contents.changes.length === 0 ? [say('every file in it is the same')] : [...others.flatMap(fileLines), ...summary]
}

function fileLines(change: FileChange): string[] {
  return [fileLine(change), ...(change.lines ?? []).map((line) => `    ${plain(line)}`)]
}

function fileLine({ path, change, differs, a, b }: FileChange): string {
  const facts = a ?? b
  if (change !== 'changed' || !a || !b || !facts) return `${SIGNS[change]} ${plain(path)}  ${facts ? factsText(facts) : ''}`.trimEnd()
  return `~ ${plain(path)}  ${differs.flatMap((field) => differenceText(field, a, b)).join(', ')}`
}

function factsText({ kind, mode, uid, gid, sizeBytes, linkTarget, device }: FileFacts): string {
  const detail = linkTarget === null ? (device ?? (sizeBytes === null ? '' : size(sizeBytes))) : `-> ${plain(linkTarget)}`
  return `${kind} ${mode} ${uid}:${gid} ${detail}`.trimEnd()
}

function differenceText(field: keyof FileFacts, a: FileFacts, b: FileFacts): string[] {
  if (field === 'sha256') return a.sha256 === null || b.sha256 === null ? [] : ['content']
  if (field === 'modifiedAt') return [`time ${time(a.modifiedAt)} -> ${time(b.modifiedAt)}`]
  if (field === 'sizeBytes') return a.sizeBytes === null || b.sizeBytes === null ? [] : [`${size(a.sizeBytes)} -> ${size(b.sizeBytes)}`]
  return [`${field === 'linkTarget' ? 'target' : field} ${shown(a[field] ?? 'none')} -> ${shown(b[field] ?? 'none')}`]
}

/** The differences of two artifacts for people to read: `+` added, `-` removed, `~` changed. */
export function describeDiff({ header, provides, depends, scripts, payload }: Comparison): string {
  return [
    ...section(
      'Header',
      header.map(({ field, a, b }) => `~ ${field}: ${shown(a)} -> ${shown(b)}`),
    ),
    ...section(
      'Provides',
      provides.map(({ key, change, a, b }) => valueLine(SIGNS[change], key, [a, b])),
    ),
    ...section(
      'Depends',
      depends.map(({ key, change, a, b }) => valueLine(SIGNS[change], key, [a, b])),
    ),
    ...section(
      'State scripts',
      scripts.flatMap(({ name, change, lines }) => [
        `${SIGNS[change]} ${plain(name)}`,
        ...(lines ?? [say('its content, which is no text to compare')]).map((line) => `    ${plain(line)}`),
      ]),
    ),
    ...section('Payload files', payload.flatMap(payloadLines)),
  ].join('\n')
}
