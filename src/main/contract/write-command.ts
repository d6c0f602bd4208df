import type { NewArtifact } from './new-artifact.ts'
import { KIND_SHAPES, type KindContent } from './new-artifact-kinds.ts'

/** How the command line calls what goes into an artifact. */
export const CONTENT_FLAGS: Readonly<Record<Exclude<keyof KindContent, 'kind'> | 'metaDataPath', string>> = {
  paths: '-f',
  destination: '--dest-dir',
  payloadType: '-T',
  metaDataPath: '-m',
  containers: '--image',
  runArgs: '--run-args',
  projectName: '--project-name',
  imagesPath: '--images-dir',
}

/**
 * The words of the command line that writes the same artifact, byte for byte where it is not signed with ECDSA. `keyFile` is the file
 * with the private key, null to leave it unsigned.
 */
export function writeWords(input: NewArtifact, keyFile: string | null): string[] {
  const { kind, name, deviceTypes, softwareFilesystem, softwareName, softwareVersion } = input
  return [
    ...['otabench', 'artifact', 'write', kind, '-n', name],
    ...deviceTypes.flatMap((type) => ['-t', type]),
    ...contentWords(input),
    ...given('--software-filesystem', softwareFilesystem),
    ...given('--software-name', softwareName),
    ...given('--software-version', softwareVersion),
    // After --software-…: what comes later wins.
    ...Object.entries(input.provides).flatMap(([key, value]) => ['-p', `${key}:${value}`]),
    ...Object.entries(input.depends).flatMap(([key, value]) => ['-d', `${key}:${value}`]),
    ...given('-g', input.group),
    ...input.dependsNames.flatMap((each) => ['-N', each]),
    ...input.dependsGroups.flatMap((each) => ['-G', each]),
    ...input.clearsProvides.flatMap((pattern) => ['--clears-provides', pattern]),
    ...input.scripts.flatMap((path) => ['-s', path]),
    ...['--compression', input.compression, '--reproducible'],
    ...(keyFile === null ? [] : ['-k', keyFile]),
    ...['-o', `${name}.mender`],
  ]
}

/** The fields of the kind's own, then its paths. */
function contentWords(input: NewArtifact): string[] {
  const { required, optional } = KIND_SHAPES[input.kind]
  return [...required, ...optional, 'paths' as const].flatMap((field) => {
    const value = input[field]
    if (value === null) return []
    return typeof value === 'string' ? given(CONTENT_FLAGS[field], value) : value.flatMap((each) => [CONTENT_FLAGS[field], each])
  })
}

/** A value that could pass for a flag is joined to its own. */
function given(flag: string, value: string): string[] {
  if (value === '') return []
  return value.startsWith('-') && flag.startsWith('--') ? [`${flag}=${value}`] : [flag, value]
}

/** One line for a POSIX shell that splits into these words again. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')
}
