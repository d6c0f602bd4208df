import { z } from 'zod'

/** What can be written: the types of mender-artifact, and the payloads of the stock update modules. */
export const newArtifactKind = z.enum([
  'rootfs-image',
  'single-file',
  'directory',
  'script',
  'deb',
  'rpm',
  'docker',
  'docker-compose',
  'module-image',
  'bootstrap-artifact',
])
export type NewArtifactKind = z.infer<typeof newArtifactKind>

/** What goes into an artifact of a kind. A field that is not the kind's own stays empty. */
export interface KindContent {
  kind: NewArtifactKind
  /** The image, the files, the folder or the scripts, in any order. */
  paths: readonly string[]
  /** The folder on the device that a single file or a directory goes to. */
  destination: string
  /** For module-image: the name of the update module. */
  payloadType: string
  /** For docker: images to run, best pinned by digest. */
  containers: readonly string[]
  /** For docker: arguments of `docker run`. */
  runArgs: string
  /** For docker-compose. */
  projectName: string
  /** For docker-compose: the folder with the images, as `docker save` writes them. */
  imagesPath: string | null
}

type OwnField = Exclude<keyof KindContent, 'kind' | 'paths'> | 'metaDataPath'

interface KindShape {
  /** How many paths it takes. */
  paths: { least: number; most: number }
  /** The path is a folder's. */
  isFolder: boolean
  /** The files may be called anything: they get a name of the module's, or one that clients take. */
  isRenamed: boolean
  /** Fields of the kind's own that must be filled in. */
  required: readonly Exclude<OwnField, 'metaDataPath' | 'runArgs'>[]
  /** Fields of the kind's own that may stay empty. */
  optional: readonly OwnField[]
}

function shape(least: number, most: number, more: Partial<KindShape> = {}): KindShape {
  return { paths: { least, most }, isFolder: false, isRenamed: false, required: [], optional: [], ...more }
}

/** What each kind asks for: the form, the command line and the checks follow it. */
export const KIND_SHAPES: Readonly<Record<NewArtifactKind, KindShape>> = {
  'rootfs-image': shape(1, 1),
  'single-file': shape(1, 1, { required: ['destination'] }),
  directory: shape(1, 1, { isFolder: true, isRenamed: true, required: ['destination'] }),
  script: shape(1, Infinity),
  deb: shape(1, Infinity, { isRenamed: true }),
  rpm: shape(1, Infinity, { isRenamed: true }),
  docker: shape(0, 0, { required: ['containers'], optional: ['runArgs'] }),
  'docker-compose': shape(1, 1, { isFolder: true, isRenamed: true, required: ['projectName', 'imagesPath'] }),
  'module-image': shape(0, Infinity, { required: ['payloadType'], optional: ['metaDataPath'] }),
  'bootstrap-artifact': shape(0, 0),
}

export type ContentProblem = readonly [field: Exclude<keyof KindContent, 'kind'>, message: string]

/** What is wrong with the content, by field: what the format or the update module could not take. */
export function* contentProblems(content: KindContent): Generator<ContentProblem, void, void> {
  const { paths, required, isRenamed } = KIND_SHAPES[content.kind]
  const count = content.paths.length
  if (count < paths.least)
    yield ['paths', content.kind === 'docker-compose' || content.kind === 'directory' ? 'Choose a folder' : 'Choose a file']
  if (count > paths.most) yield ['paths', `A ${content.kind} has ${paths.most === 0 ? 'no files' : `one path, not ${count}`}`]
  if (!isRenamed) yield* nameProblems(content.paths)
  for (const field of required) {
    const value = content[field]
    if (value === null || value.length === 0) yield [field, REQUIRED[field]]
  }
  yield* RULES[content.kind]?.(content) ?? []
}

const REQUIRED = {
  destination: 'Name a folder of the device, from /',
  payloadType: 'Name the update module',
  containers: 'Name at least one image',
  projectName: 'Name the project',
  imagesPath: 'Choose the folder with the images',
}

function* nameProblems(paths: readonly string[]): Generator<ContentProblem, void, void> {
  const names = paths.map(baseName)
  const bad = names.find((name) => !/^[\w\-.,]+$/.test(name))
  if (bad !== undefined) yield ['paths', `Clients refuse the file name "${bad}": only letters, digits and . , _ - are allowed`]
  if (new Set(names).size < names.length) yield ['paths', 'Two files have the same name']
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** File names that the update module single-file keeps for itself. */
export const SINGLE_FILE_NAMES = ['dest_dir', 'filename', 'permissions']

/** What the update modules ask for beyond what stands in the table. */
const RULES: Partial<Record<NewArtifactKind, (content: KindContent) => Iterable<ContentProblem>>> = {
  *'single-file'({ destination, paths }) {
    if (destination !== '' && !/^\/[^\0\n]*$/.test(destination)) yield ['destination', REQUIRED.destination]
    const taken = paths.map(baseName).find((name) => SINGLE_FILE_NAMES.includes(name))
    if (taken !== undefined) yield ['paths', `The update module uses the name "${taken}" itself: rename the file`]
  },
  *directory({ destination }) {
    const problem = destination === '' ? null : directoryProblem(destination)
    if (problem !== null) yield ['destination', problem]
  },
  deb: ({ paths }) => extensionProblems(paths, '.deb'),
  rpm: ({ paths }) => extensionProblems(paths, '.rpm'),
  *docker({ containers, runArgs }) {
    const bad = containers.find((name) => !/^[a-zA-Z0-9][\w./:-]*(?:@sha256:[0-9a-f]{64})?$/.test(name))
    if (bad !== undefined) yield ['containers', `"${bad}" names no image: write NAME:TAG or NAME@sha256:DIGEST`]
    if (/[\0\n]/.test(runArgs)) yield ['runArgs', 'One line only']
  },
  *'docker-compose'({ projectName }) {
    if (!/^[\w-]*$/.test(projectName)) yield ['projectName', 'Only letters, digits, _ and - are allowed']
  },
}

function* extensionProblems(paths: readonly string[], extension: string): Generator<ContentProblem, void, void> {
  const other = paths.map(baseName).find((name) => !name.endsWith(extension))
  if (other !== undefined) yield ['paths', `The update module takes only files whose name ends with ${extension}, not "${other}"`]
}

/**
 * Why the stock update module directory cannot install to this folder; null when it can. It removes the folder before it unpacks, and
 * gives its name to the shell unquoted: a space or a way up to / would remove something else.
 */
function directoryProblem(destination: string): string | null {
  if (!destination.startsWith('/')) return REQUIRED.destination
  if (!/^[\w\-.,:@%+=/\u0080-\uffff]*$/.test(destination))
    return 'The update module takes no spaces or characters of the shell in this path'
  const parts = destination.split('/').filter((part) => part !== '')
  if (parts.includes('.') || parts.includes('..')) return 'Write the path without . and ..'
  return parts.length === 0 ? 'The update module does not install to / itself' : null
}
