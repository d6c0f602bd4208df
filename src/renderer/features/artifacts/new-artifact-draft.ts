import type { SigningKey } from '@contract/keys.ts'
import { newArtifact, type NewArtifact } from '@contract/new-artifact.ts'
import { shellLine, writeWords } from '@contract/write-command.ts'

/** The kinds that the form offers. */
export const FORM_KINDS = ['single-file', 'script', 'rootfs-image'] as const

/** The form as it is being filled in: lists of the lesser fields are text, one entry a line. */
export interface Draft {
  kind: (typeof FORM_KINDS)[number]
  paths: string
  destination: string
  name: string
  deviceTypes: string[]
  compression: NewArtifact['compression']
  keyId: string | null
  softwareName: string
  softwareVersion: string
  softwareFilesystem: string
  provides: string
  depends: string
  clearsProvides: string
  scripts: string
}

export type Field = keyof Draft

export const EMPTY_DRAFT: Draft = {
  ...{ kind: 'single-file', paths: '', destination: '', name: '', deviceTypes: [], compression: 'gzip', keyId: null },
  ...{ softwareName: '', softwareVersion: '', softwareFilesystem: '', provides: '', depends: '', clearsProvides: '', scripts: '' },
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function pairsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const colon = line.includes(':') ? line.indexOf(':') : line.length
      return [line.slice(0, colon), line.slice(colon + 1)]
    }),
  )
}

/** The operation's input, which may still be wrong. */
export function inputOf(draft: Draft): NewArtifact {
  return {
    ...draft,
    ...{ payloadType: '', metaDataPath: null, containers: [], runArgs: '', projectName: '', imagesPath: null },
    destination: draft.kind === 'single-file' ? draft.destination : '',
    paths: linesOf(draft.paths),
    provides: pairsOf(draft.provides),
    depends: pairsOf(draft.depends),
    clearsProvides: linesOf(draft.clearsProvides),
    scripts: linesOf(draft.scripts),
  }
}

export type Problems = Partial<Record<Field, string>>

const isField = (name: unknown): name is Field => typeof name === 'string' && Object.hasOwn(EMPTY_DRAFT, name)

/** What is wrong, by field: the first thing of each. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {}
  for (const field of ['provides', 'depends'] as const) {
    const bad = linesOf(draft[field]).find((line) => !line.includes(':'))
    if (bad !== undefined) problems[field] = `"${bad}" has no colon: write KEY:VALUE`
  }
  for (const { path, message } of newArtifact.safeParse(inputOf(draft)).error?.issues ?? []) {
    const [field] = path
    if (isField(field)) problems[field] ??= message
  }
  return problems
}

/** The field that a refusal of the engine names before its message; null when it names none. */
export function refusedField(message: string): { field: Field; message: string } | null {
  const [, field, rest = ''] = /^(\w+)(?:\.[^:]*)?: (.*)$/s.exec(message) ?? []
  return isField(field) ? { field, message: rest } : null
}

/** The command line that writes the same; what is missing is named in capitals. */
export function commandOf(draft: Draft, keys: readonly SigningKey[]): string {
  const input = inputOf(draft)
  const key = keys.find(({ id }) => id === draft.keyId)
  const filled: NewArtifact = {
    ...input,
    name: input.name || 'NAME',
    deviceTypes: input.deviceTypes.length > 0 ? input.deviceTypes : ['TYPE'],
    paths: input.paths.length > 0 ? input.paths : ['FILE'],
    destination: input.destination || 'FOLDER',
  }
  return shellLine(writeWords(filled, key ? `${key.name}.pem` : null))
}

/** The draft with files that were chosen or dropped: one takes the place of the last, scripts are added. */
export function withFiles(draft: Draft, paths: readonly string[]): Draft {
  const chosen = draft.kind === 'script' ? [...new Set([...linesOf(draft.paths), ...paths])] : paths.slice(0, 1)
  return chosen.length === 0 ? draft : { ...draft, paths: chosen.join('\n') }
}
