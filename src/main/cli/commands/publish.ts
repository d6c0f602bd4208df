import { basename, resolve } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { readArtifact } from '../../engine/artifact/read.ts'
import { readAhead } from '../../engine/lib/file-streams.ts'
import { MenderServer, type RemoteTarget } from '../../engine/publish/mender-server.ts'
import { publish } from '../../engine/publish/publish.ts'
import { findArtifactIds } from '../../engine/store/snapshot.ts'
import { trustAuthority } from '../authority.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { repeated } from './artifact-flags.ts'

interface PublishOptions extends ExpansionFlag {
  to: string
  description: string
  check?: boolean
  deploy?: boolean
  group?: string
  device: string[]
  all?: boolean
}

const NOTES = `
The token is that of the other server: --token, or OTABENCH_TOKEN. A publication that was interrupted is begun again with the same
line: what is there already is not sent again.`

/** `otabench publish`: hands an artifact, and if asked a deployment, to a Mender server. */
export function publishCommand(context: CliContext): Command {
  return new Command('publish')
    .description('Sends an artifact to a Mender server, hosted or of your own, and checks that it arrived.')
    .argument('<artifact>', 'a .mender file, or the name or id of an artifact in the library of --data')
    .requiredOption('--to <url>', 'the other server, for example https://hosted.mender.io')
    .option('--description <text>', 'kept with the artifact there', '')
    .option('--check', 'fetch what was sent again, and compare every byte')
    .addOption(allowExpansionOption())
    .option('--all', 'also deploy it there, to all accepted devices')
    .option('--group <name>', 'also deploy it there, to the devices of a group')
    .addOption(repeated('--device <id>', 'also deploy it there, to a device; repeat for several'))
    .addHelpText('after', NOTES)
    .action((artifact: string, options: PublishOptions) => publishOne(artifact, options, context))
}

async function publishOne(artifact: string, options: PublishOptions, context: CliContext): Promise<void> {
  const { host, out, signal } = context
  const server = await serverOf(options, context)
  const target = targetOf(options)
  const { path, isInLibrary } = await placeOf(artifact, context)
  await using file = await host.files.open(path, 'read')
  const { sizeBytes, sha256, ...content } = await readArtifact(readAhead(file), {
    totalBytes: await file.sizeBytes(),
    limits: limitsWith({ allowExpansion: isInLibrary || options.allowExpansion }),
    signal,
  })
  const published = await publish({
    ...{ server, clock: host.clock, content, signal },
    file: { name: basename(path), sizeBytes, sha256, chunks: () => readAhead(file) },
    description: options.description,
    isContentChecked: options.check ?? false,
    onProgress: (step, done) => out.progress(done, sizeBytes, step === 'send' ? 'sent' : 'compared'),
    onRetry: (why) => out.note(`${why}; trying again`),
  })
  const deploymentId = target && (await server.deploy({ name: content.name, artifactName: content.name, target }, signal))
  const arrived = published.wasThere ? 'was there already' : `sent, ${size(sizeBytes)}`
  const text = `${content.name}: ${arrived} (${published.id})${deploymentId === null ? '' : `\ndeployment ${deploymentId}`}`
  out.result({ ...published, name: content.name, sizeBytes, deploymentId }, text)
}

async function serverOf({ to }: PublishOptions, context: CliContext): Promise<MenderServer> {
  const { token, ca, server } = context.globals()
  if (server !== undefined)
    throw new AppError('BAD_INPUT', 'publish takes the artifact from this machine', 'Leave --server out; --to names where it goes.')
  if (!/^https?:\/\//i.test(to) || !URL.canParse(to))
    throw new AppError('BAD_INPUT', `--to ${to} is not a URL`, 'Write for example https://hosted.mender.io.')
  if (token === undefined) throw new AppError('LOGIN_REFUSED', `${to} needs a token`, 'Give --token TOKEN or set OTABENCH_TOKEN.')
  await trustAuthority(context.host.files, ca)
  return new MenderServer(to, token)
}

function targetOf({ all, group, device }: PublishOptions): RemoteTarget | null {
  const targets: RemoteTarget[] = [
    ...(all ? [{ kind: 'all' } as const] : []),
    ...(group === undefined ? [] : [{ kind: 'group', group } as const]),
    ...(device.length === 0 ? [] : [{ kind: 'devices', ids: device } as const]),
  ]
  if (targets.length > 1) throw new AppError('BAD_INPUT', '--all, --group and --device exclude each other', 'Give one of them.')
  return targets[0] ?? null
}

/** The file of that path, else of that artifact in the library, which a server may be using, and which was checked when it came. */
async function placeOf(artifact: string, context: CliContext): Promise<{ path: string; isInLibrary: boolean }> {
  const path = resolve(context.cwd, artifact)
  if ((await context.host.files.stat(path))?.kind === 'file') return { path, isInLibrary: false }
  if (artifact.endsWith('.mender')) throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  const { data } = context.globals()
  const database = `${data}/bench.db`
  const ids = (await context.host.files.stat(database)) ? findArtifactIds(database, artifact) : []
  const [id, another] = ids
  if (id === undefined)
    throw new AppError('NOT_FOUND', `There is no file ${path}, and no artifact "${artifact}" in ${data}`, 'See otabench artifacts list.')
  if (another !== undefined) throw new AppError('BAD_INPUT', `Several artifacts are called "${artifact}"`, 'Name it by its id.')
  return { path: `${data}/artifacts/${id}.mender`, isInLibrary: true }
}
