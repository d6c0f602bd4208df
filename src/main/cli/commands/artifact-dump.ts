import { Command, Option } from 'commander'
import { join } from 'node:path'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { goJson } from '../../engine/artifact/go-json.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { checkArtifact } from '../../engine/artifact/read.ts'
import type { Files } from '../../engine/host.ts'
import { writeSparse } from '../../engine/lib/image-file.ts'
import type { CliContext } from '../context.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { repeated } from './artifact-flags.ts'
import { withProgress } from './artifact-open.ts'
import { writeStdout } from './artifact-output.ts'
import { verificationKeys } from './artifact-sign-key.ts'

interface DumpFlags extends ExpansionFlag {
  files?: string
  metaData?: string
  scripts?: string
  printCmdline?: boolean
  print0Cmdline?: boolean
  key: string[]
}

/** `otabench artifact dump FILE`: what is in an artifact, as files. */
export function dumpCommand(context: CliContext): Command {
  return new Command('dump')
    .description('take an artifact apart into files; none that exists is overwritten')
    .argument('<file>')
    .option('--files <folder>', 'write the payload files there')
    .option('--meta-data <folder>', 'write the meta-data there, as 0000.meta-data')
    .option('--scripts <folder>', 'write the state scripts there')
    .option('--print-cmdline', 'print the arguments with which write makes it again')
    .addOption(new Option('--print0-cmdline', 'the same, with a zero byte after each argument').conflicts('printCmdline'))
    .addOption(repeated('-k, --key <file>', 'public key; nothing is written unless one of them made the signature'))
    .addOption(allowExpansionOption())
    .action((path: string, flags: DumpFlags) => dump(path, flags, context))
}

async function dump(path: string, flags: DumpFlags, context: CliContext): Promise<void> {
  const { host, out, cwd } = context
  if (!flags.files && !flags.metaData && !flags.scripts && !flags.printCmdline && !flags.print0Cmdline) {
    throw new AppError('BAD_INPUT', 'Nothing to dump', 'Say what: --files DIR, --meta-data DIR, --scripts DIR or --print-cmdline.')
  }
  const dumped = new DumpFolder(host.files, cwd)
  try {
    const content = await read(path, flags, { dumped, context })
    const { metaData } = content
    if (flags.metaData !== undefined && metaData !== null && Object.keys(metaData).length > 0) {
      await dumped.write('meta-data', join(flags.metaData, '0000.meta-data'), new TextEncoder().encode(`${goJson(metaData)}\n`))
    }
    const words = [...commandLine(content, out.note.bind(out)), ...dumped.flags()]
    if (flags.print0Cmdline && !out.style.isJson)
      return await writeStdout(new TextEncoder().encode(words.map((word) => `${word}\0`).join('')))
    const text = flags.printCmdline ? words.map(quotedForShell).join(' ') : dumped.paths().join('\n')
    out.verbatim({ name: content.name, written: dumped.paths(), commandLine: words }, text)
  } catch (thrown) {
    await dumped.remove()
    throw thrown
  }
}

interface DumpWork {
  dumped: DumpFolder
  context: CliContext
}

async function read(path: string, flags: DumpFlags, { dumped, context }: DumpWork): Promise<ArtifactContent> {
  const { host, cwd, signal } = context
  const keys = await verificationKeys(flags.key, context)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const { files, scripts } = flags
  return await checkArtifact(await withProgress(file, 'read', context), {
    ...{ keys, signal, requireSignature: keys.length > 0, totalBytes: await file.sizeBytes(), limits: limitsWith(flags) },
    ...(scripts !== undefined && { onScript: (name: string, content: Uint8Array) => dumped.write('script', join(scripts, name), content) }),
    ...(files !== undefined && {
      onPayloadFile: ({ name }: { name: string }, content: AsyncIterable<Uint8Array>) => dumped.write('file', join(files, name), content),
    }),
  })
}

type DumpKind = 'script' | 'meta-data' | 'file'

/** Files that a dump made, so that one that fails leaves nothing behind. */
class DumpFolder {
  readonly #files: Files
  readonly #cwd: string
  readonly #written: { kind: DumpKind; path: string }[] = []

  constructor(files: Files, cwd: string) {
    this.#files = files
    this.#cwd = cwd
  }

  /** Writes a file that must not be there yet. The name has been checked by the reader: it lies in its folder. */
  async write(kind: DumpKind, path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const place = absolute(this.#cwd, path)
    await this.#files.makeFolder(join(place, '..'))
    await using file = await this.#files.open(place, 'create')
    this.#written.push({ kind, path })
    if (kind === 'script') await this.#files.setMode(place, 0o755)
    if (content instanceof Uint8Array) return await file.write(content, 0)
    await writeSparse(file, content)
  }

  paths(): string[] {
    return this.#written.map(({ path }) => path)
  }

  /** The flags of write that take these files in again. */
  flags(): string[] {
    return (['script', 'meta-data', 'file'] as const).flatMap((kind) =>
      this.#written.filter((each) => each.kind === kind).flatMap(({ path }) => [`--${kind}`, path]),
    )
  }

  async remove(): Promise<void> {
    for (const { path } of this.#written) await this.#files.remove(absolute(this.#cwd, path))
  }
}

/** The words after `otabench artifact` that make the same artifact again: long flags only, in the order of mender-artifact. */
function commandLine(content: ArtifactContent, note: (text: string) => void): string[] {
  const { payloadType, name, group, dependsNames, deviceTypes, dependsGroups, provides, depends, clearsProvides } = content
  const flags = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${flag}`, value])
  const pairs = Object.entries(depends).flatMap(([key, value]) => {
    if (typeof value === 'string') return [`${key}:${value}`]
    note(`depends "${key}" is a list, which no flag can say; clients refuse it.`)
    return []
  })
  const isBootstrap = payloadType === null
  return [
    ...['write', isBootstrap ? 'bootstrap-artifact' : 'module-image', '--artifact-name', name],
    ...flags('provides-group', group === null ? [] : [group]),
    ...flags('artifact-name-depends', dependsNames),
    ...flags('device-type', deviceTypes),
    ...flags('depends-groups', dependsGroups),
    ...(isBootstrap ? [] : ['--type', payloadType, '--no-default-software-version']),
    ...flags(
      'provides',
      Object.entries(provides).map(([key, value]) => `${key}:${value}`),
    ),
    ...flags('depends', pairs),
    ...(isBootstrap ? [] : ['--no-default-clears-provides']),
    ...flags('clears-provides', clearsProvides ?? []),
  ]
}

/** A word as a POSIX shell takes it for one. */
function quotedForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
