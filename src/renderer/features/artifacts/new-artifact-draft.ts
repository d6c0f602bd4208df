import { t } from '@lingui/core/macro'
import type { SigningKey } from '@contract/keys.ts'
import { newArtifact, type NewArtifact } from '@contract/new-artifact.ts'
import { KIND_SHAPES, type NewArtifactKind } from '@contract/new-artifact-kinds.ts'
import { shellLine, writeWords } from '@contract/write-command.ts'
import { say } from '../../ui/engine-words.ts'

/** The form as it is being filled in: lists are text, one entry a line, but for the device types. */
export interface Draft {
  kind: NewArtifactKind
  paths: string
  destination: string
  payloadType: string
  metaDataPath: string
  containers: string
  runArgs: string
  projectName: string
  imagesPath: string
  name: string
  deviceTypes: string[]
  compression: NewArtifact['compression']
  keyId: string | null
  softwareName: string
  softwareVersion: string
  softwareFilesystem: string
  provides: string
  depends: string
  group: string
  dependsNames: string
  dependsGroups: string
  clearsProvides: string
  scripts: string
}

export type Field = keyof Draft

export const EMPTY_DRAFT: Draft = {
  ...{ kind: 'single-file', name: '', deviceTypes: [], compression: 'gzip', keyId: null },
  ...{ paths: '', destination: '', payloadType: '', metaDataPath: '', containers: '', runArgs: '', projectName: '', imagesPath: '' },
  ...{ softwareName: '', softwareVersion: '', softwareFilesystem: '', provides: '', depends: '', clearsProvides: '', scripts: '' },
  ...{ group: '', dependsNames: '', dependsGroups: '' },
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

/** The operation's input, which may still be wrong. What other kinds have for themselves, and was filled in for them, is left out. */
export function inputOf(draft: Draft): NewArtifact {
  const { paths, required, optional } = KIND_SHAPES[draft.kind]
  const own = new Set<string>([...required, ...optional])
  const textOf = (field: Field): string => (own.has(field) ? String(draft[field]) : '')
  return {
    ...draft,
    paths: paths.most === 0 ? [] : linesOf(draft.paths),
    destination: textOf('destination'),
    payloadType: textOf('payloadType'),
    runArgs: textOf('runArgs'),
    projectName: textOf('projectName'),
    containers: linesOf(textOf('containers')),
    metaDataPath: textOf('metaDataPath') || null,
    imagesPath: textOf('imagesPath') || null,
    provides: pairsOf(draft.provides),
    depends: pairsOf(draft.depends),
    dependsNames: linesOf(draft.dependsNames),
    dependsGroups: linesOf(draft.dependsGroups),
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
    if (bad !== undefined) problems[field] = t`"${bad}" has no colon: write KEY:VALUE`
  }
  for (const { path, message } of newArtifact.safeParse(inputOf(draft)).error?.issues ?? []) {
    const [field] = path
    if (isField(field)) problems[field] ??= say(message)
  }
  return problems
}

/** The field that a refusal of the engine names before its message; null when it names none. */
export function refusedField(message: string): { field: Field; message: string } | null {
  const [, field, rest = ''] = /^(\w+)(?:\.[^:]*)?: (.*)$/s.exec(message) ?? []
  return isField(field) ? { field, message: rest } : null
}

/** What stands in the command line for what is still missing. */
const MISSING = {
  ...{ destination: 'FOLDER', payloadType: 'MODULE', containers: 'IMAGE', projectName: 'PROJECT', imagesPath: 'IMAGES' },
}

/** The command line that writes the same; what is missing is named in capitals. */
export function commandOf(draft: Draft, keys: readonly SigningKey[]): string {
  const { paths, isFolder, required } = KIND_SHAPES[draft.kind]
  const missing = Object.fromEntries(required.filter((field) => draft[field] === '').map((field) => [field, MISSING[field]]))
  const input = inputOf({ ...draft, ...missing })
  const key = keys.find(({ id }) => id === draft.keyId)
  const filled: NewArtifact = {
    ...input,
    name: input.name || 'NAME',
    deviceTypes: input.deviceTypes.length > 0 ? input.deviceTypes : ['TYPE'],
    paths: input.paths.length === 0 && paths.least > 0 ? [isFolder ? 'FOLDER' : 'FILE'] : input.paths,
  }
  return shellLine(writeWords(filled, key ? `${key.name}.pem` : null))
}

/** What a file is likely to be for, by the end of its name. */
const BY_ENDING: readonly (readonly [RegExp, NewArtifactKind])[] = [
  [/\.deb$/i, 'deb'],
  [/\.rpm$/i, 'rpm'],
  [/\.sh$/i, 'script'],
  [/\.(ext[234]|img|squashfs)$/i, 'rootfs-image'],
]

/**
 * The draft with files that were chosen or dropped: where the kind takes one, it takes the place of the last, else they are added. The
 * first ones that come may change the kind to the one that they look like.
 */
export function withFiles(draft: Draft, paths: readonly string[]): Draft {
  const [first] = paths
  if (first === undefined) return draft
  const likely = BY_ENDING.find(([ending]) => paths.every((path) => ending.test(path)))?.[1]
  const isFirst = draft.paths === '' && draft.kind !== 'module-image'
  const kind = isFirst && likely !== undefined ? likely : draft.kind
  const isSeveral = KIND_SHAPES[kind].paths.most > 1
  return { ...draft, kind, paths: isSeveral ? [...new Set([...linesOf(draft.paths), ...paths])].join('\n') : first }
}
