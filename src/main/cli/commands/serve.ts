import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { parseAcceptMode } from '../../contract/accept-mode.ts'
import { AppError } from '../../contract/errors.ts'
import { parseSilenceRule } from '../../contract/silence.ts'
import { type EngineOptions, createEngine } from '../../engine/engine.ts'
import type { CertificateChoice } from '../../engine/server/certificate.ts'
import { parseAddress } from '../args.ts'
import type { CliContext } from '../context.ts'
import { EXPANSION_LIMIT } from './artifact-expansion.ts'
import { repeated } from './artifact-flags.ts'

interface ServeOptions {
  http?: string
  https?: string
  accept?: string
  silentAfter?: string
  ui?: boolean
  shareMachine?: boolean
  allowExpansion?: boolean
  cert?: string
  key?: string
  clientCa?: string
  trustedProxy: string[]
  grace: number
}

const DEFAULT_HTTP = '0.0.0.0:8080'
const DEFAULT_HTTPS = '0.0.0.0:8443'

/** `otabench serve`: the engine in the foreground until SIGINT or SIGTERM. */
export function serveCommand(context: CliContext): Command {
  return new Command('serve')
    .description('Runs the server that devices poll, in the foreground, until Ctrl+C or SIGTERM.')
    .option('--http <HOST:PORT>', `plain http address; without --http and --https both ${DEFAULT_HTTP} and ${DEFAULT_HTTPS} are used`)
    .option('--https <HOST:PORT>', 'https address, with the certificate of the bench')
    .option('--accept <MODE>', 'which devices to accept by themselves: none, all, 192.168.7.0/24, mac=02:*, or all for 15m')
    .option('--silent-after <RULE>', 'when a device counts as silent: 3 for missed polls, or a time as 30m, 2h or 1d')
    .option('--cert <FILE>', 'certificate of the https address, with its chain, instead of one of the bench; it is looked at every minute')
    .option('--key <FILE>', 'the private key of --cert')
    .option('--client-ca <FILE>', 'let only clients with a certificate of this authority use the https address')
    .addOption(repeated('--trusted-proxy <ADDRESS>', 'address or network of a reverse proxy on another machine; repeat for several'))
    .option('--grace <SECONDS>', 'how long downloads may take to end after SIGTERM', seconds, 30)
    .option('--allow-expansion', `take artifacts also when their payload expands to more than ${EXPANSION_LIMIT}`)
    .option('--ui', 'also serve the app to a browser; the address to open is printed')
    .option(
      '--share-machine',
      "with --ui: operators and engineers who log in there use this machine's drives, serial lines and files as if they sat at it",
    )
    .action((options: ServeOptions) => serve(options, context))
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give whole seconds.')
}

/** The files of --cert, --key and --client-ca. */
function certificateOf({ cert, key, clientCa }: ServeOptions, cwd: string): CertificateChoice {
  const clientCaFile = clientCa === undefined ? undefined : resolve(cwd, clientCa)
  if (cert === undefined && key === undefined) return { clientCaFile }
  if (cert === undefined || key === undefined) throw new AppError('BAD_INPUT', '--cert and --key go together', 'Give both, or neither.')
  return { given: { certFile: resolve(cwd, cert), keyFile: resolve(cwd, key) }, clientCaFile }
}

function engineOptions(options: ServeOptions, { globals, host, cwd, environment, rendererFolder }: CliContext): EngineOptions {
  const isDefault = options.http === undefined && options.https === undefined
  const http = options.http ?? (isDefault ? DEFAULT_HTTP : null)
  const https = options.https ?? (isDefault ? DEFAULT_HTTPS : null)
  return {
    dataFolder: globals().data,
    http: http === null ? null : parseAddress(http),
    https: https === null ? null : parseAddress(https),
    acceptMode: options.accept === undefined ? undefined : parseAcceptMode(options.accept, host.clock.now()),
    silenceRule: options.silentAfter === undefined ? undefined : parseSilenceRule(options.silentAfter),
    adminPassword: environment['OTABENCH_ADMIN_PASSWORD'],
    certificate: certificateOf(options, cwd),
    trustedProxies: options.trustedProxy,
    allowExpansion: options.allowExpansion,
    graceMs: options.grace * 1000,
    uiFolder: options.ui ? rendererFolder : null,
    isMachineShared: options.shareMachine,
  }
}

async function serve(options: ServeOptions, context: CliContext): Promise<void> {
  const { host, out, signal } = context
  if (options.shareMachine && !options.ui)
    throw new AppError(
      'BAD_INPUT',
      '--share-machine shares the machine with the page of --ui',
      'Give --ui too, or leave --share-machine out.',
    )
  const engine = await createEngine(host, engineOptions(options, context))
  try {
    const { urls, createdPassword } = engine
    if (createdPassword !== undefined)
      out.important(`Made the user admin with the password ${createdPassword} (shown this once; OTABENCH_ADMIN_PASSWORD sets another)`)
    const page = engine.uiUrl
    const text = `ready ${urls.join(' ')}${page === null ? '' : `\nopen ${page}`}`
    out.result({ ready: true, urls, page, createdPassword: createdPassword ?? null, caFile: engine.caFile }, text)
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    out.note('Stopping…')
  } finally {
    await engine.close()
  }
  if (signal.reason instanceof AppError && signal.reason.message.endsWith('SIGINT')) out.note('Stopped.')
}
