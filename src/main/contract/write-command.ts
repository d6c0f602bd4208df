import type { NewArtifact } from './new-artifact.ts'

/**
 * The words of the command line that writes the same artifact, byte for byte where it is not signed with ECDSA. `keyFile` is the file
 * with the private key, null to leave it unsigned.
 */
export function writeWords(input: NewArtifact, keyFile: string | null): string[] {
  const { kind, name, deviceTypes, paths, destination, softwareFilesystem, softwareName, softwareVersion } = input
  return [
    ...['otabench', 'artifact', 'write', kind, '-n', name],
    ...deviceTypes.flatMap((type) => ['-t', type]),
    ...(kind === 'single-file' ? ['--dest-dir', destination] : []),
    ...paths.flatMap((path) => ['-f', path]),
    ...given('--software-filesystem', softwareFilesystem),
    ...given('--software-name', softwareName),
    ...given('--software-version', softwareVersion),
    // After --software-…: what comes later wins.
    ...Object.entries(input.provides).flatMap(([key, value]) => ['-p', `${key}:${value}`]),
    ...Object.entries(input.depends).flatMap(([key, value]) => ['-d', `${key}:${value}`]),
    ...input.clearsProvides.flatMap((pattern) => ['--clears-provides', pattern]),
    ...input.scripts.flatMap((path) => ['-s', path]),
    ...['--compression', input.compression, '--reproducible'],
    ...(keyFile === null ? [] : ['-k', keyFile]),
    ...['-o', `${name}.mender`],
  ]
}

function given(flag: string, value: string): string[] {
  return value === '' ? [] : [flag, value]
}

/** One line for a POSIX shell that splits into these words again. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')
}
