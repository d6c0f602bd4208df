import { AppError } from '../../contract/errors.ts'

/** Where to log in. */
export interface SshTarget {
  user: string | null
  host: string
  /** null leaves it to ssh and its configuration. */
  port: number | null
}

const URL_PATTERN = /^ssh:\/\/(?:(?<user>[^@/\s:-][^@/\s:]*)@)?(?<host>\[[0-9a-fA-F:.]+\]|[^-@:/\s[][^@:/\s]*)(?::(?<port>\d{1,5}))?\/?$/

/** The target of `ssh://[USER@]HOST[:PORT]`. No part of it can pass for an option of ssh. BAD_INPUT for anything else. */
export function parseSshTarget(url: string): SshTarget {
  const { user, host, port } = URL_PATTERN.exec(url)?.groups ?? {}
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535)
    throw new AppError('BAD_INPUT', `"${url}" names no device`, 'Write ssh://USER@HOST or ssh://USER@HOST:PORT.')
  return { user: user ?? null, host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? null : Number(port) }
}

export function nameOf({ user, host }: SshTarget): string {
  return user === null ? host : `${user}@${host}`
}

/** What keeps a session from hanging for ever on a network that is gone. */
const KEEP_ALIVE = ['-o', 'ServerAliveInterval=30', '-o', 'ServerAliveCountMax=1']

/** The arguments of ssh. Those of -S come first, so that they win; `-p 22` may be one word, as mender-artifact takes it. */
export function sshArguments(target: SshTarget, given: readonly string[], command: string): string[] {
  const words = given.flatMap((text) => {
    const [, flag, value] = /^(-[a-zA-Z]) +(.+)$/.exec(text) ?? []
    return flag !== undefined && value !== undefined ? [flag, value] : [text]
  })
  const hasPort = words.some((word) => word.startsWith('-p'))
  const port = target.port === null || hasPort ? [] : ['-p', String(target.port)]
  return [...words, ...port, ...KEEP_ALIVE, '-T', '--', nameOf(target), command]
}

interface SshEnd {
  exitCode: number
  stderr: string
  receivedBytes: number
}

type Refusal = readonly [pattern: RegExp, failure: (name: string, target: SshTarget) => AppError]

/** What ssh and the device say, the most telling first. */
const REFUSALS: readonly Refusal[] = [
  [
    /HOST IDENTIFICATION HAS CHANGED/,
    (name, target) => {
      const place = target.port === null ? target.host : `[${target.host}]:${target.port}`
      const hint = `If the device was installed anew, forget its old key: ssh-keygen -R "${place}". Otherwise somebody stands in between.`
      return new AppError('HOST_KEY_CHANGED', `The host key of ${name} is not the one that is known here`, hint)
    },
  ],
  [
    /Host key verification failed|key fingerprint .* not known|No .* host key is known/,
    (name) => {
      const hint = `Log in by hand once and compare the fingerprint: ssh ${name}. Or trust the first one: -S "-o StrictHostKeyChecking=accept-new"`
      return new AppError('HOST_KEY_CHANGED', `The host key of ${name} is not known here`, hint)
    },
  ],
  [
    /Permission denied \(|Too many authentication failures/,
    (name) => {
      const hint = `Check the user and the key: ssh ${name}. A key file is named with -S "-i FILE".`
      return new AppError('LOGIN_REFUSED', `${name} refuses the login`, hint)
    },
  ],
  [
    /otabench: no mender/,
    (name) => {
      const hint = 'Install mender-snapshot there (Mender client 4), or mender-client 3 or older, which has it built in.'
      return new AppError('TOOL_MISSING', `There is no mender-snapshot on ${name}`, hint)
    },
  ],
  [
    /otabench: no sudo/,
    (name) =>
      new AppError('PERMISSION', `${name} is not root, and the device has no sudo`, 'Log in as root, or install sudo on the device.'),
  ],
  [
    /sudo: .*(?:incorrect password|no password was provided|a password is required)|is not in the sudoers|not allowed to (?:run|execute)/,
    (name) =>
      new AppError(
        'PERMISSION',
        `${name} may not become root on the device`,
        'Check the password and the sudoers there, or log in as root.',
      ),
  ],
]

/** Why a session ended, from its exit code and what was said on stderr. ssh itself ends with 255. */
export function sshFailure(target: SshTarget, { exitCode, stderr, receivedBytes }: SshEnd): AppError {
  const name = nameOf(target)
  const known = REFUSALS.find(([pattern]) => pattern.test(stderr))
  if (known && receivedBytes === 0) return known[1](name, target)
  const reason = stderr
    .split(/[\r\n]+/)
    .findLast((line) => line.trim() !== '' && !line.startsWith('otabench:'))
    ?.trim()
  if (exitCode !== 255) {
    const hint = 'Run "mender-snapshot dump > /dev/null" on the device to see what it lacks.'
    return new AppError('INTERRUPTED', `The snapshot on ${name} ended with ${exitCode}${reason ? `: ${reason}` : ''}`, hint)
  }
  const hint = 'Check that the device is on, the address is right and its SSH server runs.'
  if (receivedBytes === 0) return new AppError('DEVICE_UNREACHABLE', `${name} cannot be reached${reason ? `: ${reason}` : ''}`, hint)
  const lost = `The connection to ${name} was lost after ${receivedBytes} bytes`
  return new AppError('DEVICE_UNREACHABLE', reason ? `${lost}: ${reason}` : lost, 'Check power and network of the device and try again.')
}
