import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { preauthorizeOn } from '../../engine/provision/preauthorize.ts'
import { provisionBoard } from '../../engine/provision/provision.ts'
import type { Outcome } from '../../engine/provision/run.ts'
import type { SshHop } from '../../engine/provision/ssh/connect.ts'
import { isLockedKey, usualKeys } from '../../engine/provision/ssh/login.ts'
import { SshShell } from '../../engine/provision/ssh/shell.ts'
import type { CliContext } from '../context.ts'
import { readPassword } from '../passphrase.ts'
import { absolute, readText } from './artifact-files.ts'
import { type RecipeFlags, following, openLedger, recipeFor, report, serverOf } from './provision-recipe.ts'

interface SshFlags extends RecipeFlags {
  identity: string[]
  agent: boolean
  passwordFd?: string
  sudoPasswordFd?: string
  passphraseFd?: string
  jump: string[]
  hostKey?: string
}

const NOTES = `
A recipe is YAML; resources/recipes/debian-board.yaml shows what there is. It may be run again: what is as it should be is left alone.
When a step fails, what was done is undone, and what could not be is said.

Without -i and a password, the keys of ssh-agent and of ~/.ssh are tried, then the password is asked for. The host key is pinned when the
board is first seen, and a changed one is refused: otabench provision hosts.`

const again = (one: string, all: string[]): string[] => [...all, one]

/** `otabench provision ssh USER@HOST --recipe FILE`. */
export function provisionSshCommand(context: CliContext): Command {
  return new Command('ssh')
    .description('make a board one of the fleet, over SSH')
    .argument('<board>', 'USER@HOST or USER@HOST:PORT')
    .requiredOption('--recipe <file>', 'what it should become')
    .option('--dry-run', 'show the steps, and reach for no board')
    .option('--preauthorize', 'let the server expect it')
    .option('-i, --identity <file>', 'a private key to log in with; again for more', again, [])
    .option('--no-agent', 'leave ssh-agent out')
    .option('--passphrase-fd <number>', 'file descriptor with the passphrase of the key')
    .option('--password-fd <number>', 'file descriptor with the password; else it is asked for on the terminal')
    .option('--sudo-password-fd <number>', 'the same for sudo on the board; else it is the password')
    .option('--jump <host>', 'a host to go through, as USER@HOST:PORT; again for more', again, [])
    .option('--host-key <fingerprint>', 'the host key that is right: SHA256:…')
    .addHelpText('after', NOTES)
    .action((board: string, flags: SshFlags) => provisionBySsh(board, flags, context))
}

async function provisionBySsh(place: string, flags: SshFlags, context: CliContext): Promise<void> {
  const resolved = await recipeFor(flags, 'ssh', context)
  if (resolved === null) return
  using ledger = await openLedger(context)
  await using session = flags.preauthorize ? await context.openEngine() : null
  const job = following(context)
  const passwords = passwordsFor(place, flags, context)
  const hops = await hopsOf(place, flags, { context, askPassword: passwords.login })
  const outcome: Outcome = await provisionBoard(
    {
      ...{ resolved, ledger },
      preauthorize: session === null ? null : preauthorizeOn(serverOf(session.client)),
      connect: (signal) => SshShell.open(hops, { hostKeys: ledger.hostKeys, signal, log: job.log }),
      askSudoPassword: passwords.sudo,
    },
    job,
  )
  report(outcome, context)
}

/** Each asked for once; sudo mostly wants the one of the login. */
function passwordsFor(place: string, { passwordFd, sudoPasswordFd }: SshFlags, context: CliContext) {
  let known: Promise<string> | null = null
  const login = (user: string): Promise<string> => {
    known ??= needed(`Password of ${user} on ${place}`, passwordFd, context)
    return known
  }
  const sudo = (): Promise<string> => {
    if (sudoPasswordFd === undefined && known !== null) return known
    return needed(`Password of ${place} for sudo`, sudoPasswordFd ?? passwordFd, context)
  }
  return { login, sudo }
}

async function needed(prompt: string, descriptor: string | undefined, context: CliContext): Promise<string> {
  const password = await readPassword(prompt, descriptor, context)
  if (password !== null) return password
  throw new AppError('LOGIN_REFUSED', `${prompt}: there is no terminal to ask on`, 'Use --password-fd N or --sudo-password-fd N, or a key.')
}

interface Asking {
  context: CliContext
  askPassword: (user: string) => Promise<string>
}

async function hopsOf(place: string, flags: SshFlags, { context, askPassword }: Asking): Promise<SshHop[]> {
  const { environment } = context
  const keys = await keysOf(flags, context)
  const agent = flags.agent && flags.identity.length === 0 ? (environment['SSH_AUTH_SOCK'] ?? null) : null
  const shared = { keys, agent: agent === '' ? null : agent, password: null }
  const jumps = flags.jump.map((jump) => ({ ...parsePlace(jump), ...shared, askPassword: null, hostKey: null }))
  return [...jumps, { ...parsePlace(place), ...shared, askPassword, hostKey: flags.hostKey ?? null }]
}

const PLACE = /^(?<user>[^@/\s:-][^@/\s:]*)@(?<host>\[[0-9a-fA-F:.]+\]|[^-@:/\s[][^@:/\s]*)(?::(?<port>\d{1,5}))?$/

function parsePlace(text: string): { user: string; host: string; port: number } {
  const { user, host, port = '22' } = PLACE.exec(text.replace(/^ssh:\/\//, ''))?.groups ?? {}
  if (user === undefined || host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new AppError('BAD_INPUT', `"${text}" names no board`, 'Write USER@HOST or USER@HOST:PORT.')
  return { user, host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** Those of -i, else those that lie where ssh keeps them and need no passphrase. */
async function keysOf({ identity, passphraseFd }: SshFlags, context: CliContext): Promise<SshHop['keys']> {
  const { host, cwd, environment } = context
  const keys: { pem: string; passphrase?: string }[] = []
  for (const name of identity) {
    const pem = await readText(host.files, absolute(cwd, name))
    if (!isLockedKey(pem)) keys.push({ pem })
    else {
      const passphrase = await readPassword(`Passphrase of ${name}`, passphraseFd, context)
      if (passphrase === null) throw new AppError('KEY_MISSING', `${name} is encrypted`, 'Use --passphrase-fd N.')
      keys.push({ pem, passphrase })
    }
  }
  if (identity.length > 0) return keys
  return usualKeys({ files: host.files, machine: { ...host.machine, environment: (name) => environment[name] } })
}
