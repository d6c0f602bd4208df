import { Command } from 'commander'
import { resolve } from 'node:path'
import type { Artifact } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { size, table, time } from '../text.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'

interface UploadFlags extends ExpansionFlag {
  description: string
}

/** `otabench artifacts`: the library that deployments take from. */
export function artifactsCommand(context: CliContext): Command {
  const command = new Command('artifacts').description('The library of artifacts. One is named by its id or its artifact name.')
  command
    .command('list')
    .description('all artifacts')
    .action(() => list(context))
  command
    .command('upload <file...>')
    .description('check .mender files and copy them into the library')
    .option('--description <text>', 'kept with the artifact', '')
    .addOption(allowExpansionOption())
    .action((files: string[], options: UploadFlags) => upload(files, options, context))
  command
    .command('show <artifact>')
    .description('everything an artifact says of itself')
    .action((name: string) => show(name, context))
  command
    .command('rm <artifact...>')
    .description('remove artifacts that no unfinished deployment needs')
    .action((names: string[]) => remove(names, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const artifacts = await now(session.client.artifacts.list())
  const rows = artifacts.map((each) => [
    each.id,
    each.name,
    each.deviceTypes.join(','),
    each.payloadType ?? 'bootstrap',
    size(each.sizeBytes),
    each.signature.verifiedBy ?? (each.signature.present ? 'signed' : 'unsigned'),
    time(each.addedAt),
  ])
  const empty = 'The library is empty. Add a file with `otabench artifacts upload FILE`.'
  out.result(artifacts, rows.length === 0 ? empty : table(['id', 'name', 'device types', 'payload', 'size', 'signature', 'added'], rows))
}

async function upload(
  files: readonly string[],
  { description, allowExpansion }: UploadFlags,
  { openEngine, out, cwd }: CliContext,
): Promise<void> {
  await using session = await openEngine()
  for (const file of files) {
    const onProgress = (done: number, total: number) => out.progress(done, total, file)
    const id = await session.addArtifact({ path: resolve(cwd, file), description, allowExpansion, onProgress })
    out.event({ id, file }, `${id}  ${file}`)
  }
}

/** The artifact of that id or name; BAD_INPUT when several share the name. */
async function findArtifact(client: EngineClient, name: string): Promise<Artifact> {
  const [found, another] = (await now(client.artifacts.list())).filter((each) => each.id === name || each.name === name)
  if (!found) throw new AppError('NOT_FOUND', `There is no artifact "${name}" in the library`, 'See otabench artifacts list.')
  if (another) throw new AppError('BAD_INPUT', `Several artifacts are called "${name}"`, 'Name it by its id.')
  return found
}

async function show(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const artifact = await findArtifact(session.client, name)
  const { describeContent } = await import('./artifact-text.ts')
  out.verbatim(artifact, describeContent(artifact, false))
}

async function remove(names: readonly string[], { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const artifacts = await Promise.all(names.map((name) => findArtifact(session.client, name)))
  for (const { id } of artifacts) await session.client.artifacts.remove({ id })
  out.result({ removed: artifacts.map(({ id }) => id) }, `removed: ${names.join(', ')}`)
}
