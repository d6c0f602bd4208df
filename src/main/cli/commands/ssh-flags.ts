import type { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { SshHop } from '../../engine/provision/ssh/connect.ts'
import { isLockedKey, usualKeys } from '../../engine/provision/ssh/login.ts'
import type { CliContext } from '../context.ts'
import { readPassword } from '../passphrase.ts'
import { absolute, readText } from './artifact-files.ts'

/** How to log in to a board over SSH. */
export interface SshFlags {
  identity: string[]
  agent: boolean
  passwordFd?: string
  passphraseFd?: string
  jump: string[]
  hostKey?: string
}

export const SSH_NOTES = `
Without -i and a password, the keys of ssh-agent and of ~/.ssh are tried, then the password is asked for. The host key is pinned when the
board is first seen, and a changed one is refused: otabench provision hosts.`

const again = (one: string, all: string[]): string[] => [...all, one]

export function withSshFlags(command: Command): Command {
  return command
    .option('-i, --identity <file>', 'a private key to log in with; again for more', again, [])
    .option('--no-agent', 'leave ssh-agent out')
    .option('--passphrase-fd <number>', 'file descriptor with the passphrase of the key')
    .option('--password-fd <number>', 'file descriptor with the password; else it is asked for on the terminal')
    .option('--jump <host>', 'a host to go through, as USER@HOST:PORT; again for more', again, [])
    .option('--host-key <fingerprint>', 'the host key that is right: SHA256:…')
}

/** Asks for the password of whoever logs in at a place. */
export function loginPassword(place: string, { passwordFd }: SshFlags, context: CliContext): (user: string) => Promise<string> {
  const from = { descriptor: passwordFd, hint: 'Use --password-fd N, or a key.' }
  return (user) => neededPassword(`Password of ${user} on ${place}`, from, context)
}

/** `hint` is for where there is no terminal to ask on. */
export async function neededPassword(
  prompt: string,
  { descriptor, hint }: { descriptor: string | undefined; hint: string },
  context: CliContext,
): Promise<string> {
  const password = await readPassword(prompt, descriptor, context)
  if (password !== null) return password
  throw new AppError('LOGIN_REFUSED', `${prompt}: there is no terminal to ask on`, hint)
}

interface Asking {
  context: CliContext
  askPassword: (user: string) => Promise<string>
}

/** The jump hosts and the board; `askPassword` is for the board. */
export async function hopsOf(place: string, flags: SshFlags, { context, askPassword }: Asking): Promise<SshHop[]> {
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
