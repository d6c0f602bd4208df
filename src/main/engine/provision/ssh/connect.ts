import type { Buffer } from 'node:buffer'
import type { AnyAuthMethod, Client, ConnectConfig } from 'ssh2'
import { AppError } from '../../../contract/errors.ts'
import { type HostKeys, describeHostKey, judgeHostKey } from './host-key.ts'

/** Where to log in, and how. */
export interface SshHop {
  host: string
  port: number
  user: string
  /** Private keys as PEM or in OpenSSH's form, tried in this order. */
  keys: readonly { pem: string; passphrase?: string }[]
  /** Path of an agent's socket. */
  agent: string | null
  password: string | null
  /** Asked once, when everything else was refused. */
  askPassword: ((user: string) => Promise<string>) | null
  /** The fingerprint that a person says is the right one. */
  hostKey: string | null
}

export interface SshSurroundings {
  hostKeys: HostKeys
  signal: AbortSignal
  log(line: string): void
}

/** A gone network is noticed after so long. */
const KEEP_ALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 }
const READY_MS = 60_000

export function placeOf({ host, port }: Pick<SshHop, 'host' | 'port'>): string {
  return port === 22 ? host : `[${host}]:${port}`
}

/**
 * Logs in, through jump hosts where `hops` names several: the last one is the board. LOGIN_REFUSED, HOST_KEY_CHANGED, DEVICE_UNREACHABLE.
 * Answers the connections, the board's last; end them in the other order.
 */
export async function connectSsh(hops: readonly SshHop[], surroundings: SshSurroundings): Promise<Client[]> {
  const clients: Client[] = []
  try {
    for (const hop of hops) clients.push(await logIn(hop, clients.at(-1) ?? null, surroundings))
    return clients
  } catch (thrown) {
    for (const client of clients.toReversed()) client.end()
    throw thrown
  }
}

async function logIn(hop: SshHop, through: Client | null, { hostKeys, signal, log }: SshSurroundings): Promise<Client> {
  signal.throwIfAborted()
  const name = `${hop.user}@${placeOf(hop)}`
  const sock = through === null ? {} : { sock: await forward(through, hop) }
  // A server that logs in nowhere does without its 40 files.
  const ssh2 = await import('ssh2')
  const client = new ssh2.default.Client()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let refused: AppError | null = null
  const verify = (key: Buffer): boolean => {
    const shown = describeHostKey(key)
    if (hostKeys.get(placeOf(hop)) === null) log(`${placeOf(hop)} is seen for the first time, with the host key ${shown.fingerprint}`)
    refused = judgeHostKey(hostKeys, { place: placeOf(hop), shown, expected: hop.hostKey })
    return refused === null
  }
  const stop = (): void => {
    client.destroy()
    reject(new AppError('CANCELLED', 'Cancelled', '', signal.reason))
  }
  signal.addEventListener('abort', stop, { once: true })
  client.on('error', (error) => reject(refused ?? failureOf(error, name)))
  client.on('close', () => reject(refused ?? new AppError('DEVICE_UNREACHABLE', `${name} closed the connection`, CHECK)))
  client.once('ready', resolve)
  const config: ConnectConfig = {
    ...{ host: hop.host, port: hop.port, username: hop.user, readyTimeout: READY_MS, ...KEEP_ALIVE, ...sock },
    hostVerifier: verify,
    authHandler: (left, _partial, next) => {
      void (async () => {
        const method = await nextMethod(left)
        if (method === null) reject(refusal(name))
        else next(method)
      })().catch(reject)
    },
  }
  const nextMethod = methodsOf(hop)
  try {
    client.connect(config)
    await promise
    return client
  } catch (thrown) {
    client.destroy()
    throw thrown
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const CHECK = 'Check that the board is on, its address is right and its SSH server runs.'

function forward(client: Client, { host, port }: SshHop) {
  return new Promise<NonNullable<ConnectConfig['sock']>>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error)
        reject(new AppError('DEVICE_UNREACHABLE', `The jump host does not reach ${host}: ${error.message}`, 'Check it from there.', error))
      else resolve(channel)
    })
  })
}

type Tried = 'publickey' | 'agent' | 'password' | 'keyboard-interactive'

/** One way to log in after the other, as the server still offers them; null when there are no more. */
function methodsOf(hop: SshHop): (left: readonly string[] | null) => Promise<AnyAuthMethod | null> {
  const { user: username, agent } = hop
  let password = hop.password
  const queue: AnyAuthMethod[] = [
    ...hop.keys.map(({ pem, passphrase }) => ({
      ...{ type: 'publickey' as const, username, key: pem },
      ...(passphrase === undefined ? {} : { passphrase }),
    })),
    ...(agent === null ? [] : [{ type: 'agent' as const, username, agent }]),
  ]
  const isOffered = (type: Tried, left: readonly string[] | null) =>
    left === null || left.length === 0 || left.includes(type === 'agent' ? 'publickey' : type)
  const tried = new Set<Tried>()
  return async (left) => {
    for (let method = queue.shift(); method !== undefined; method = queue.shift())
      if (isOffered(method.type === 'agent' ? 'agent' : 'publickey', left)) return method
    if (left !== null && !left.includes('password') && !left.includes('keyboard-interactive')) return null
    password ??= (await hop.askPassword?.(username)) ?? null
    if (password === null) return null
    const answer = password
    if (!tried.has('password') && isOffered('password', left)) {
      tried.add('password')
      return { type: 'password', username, password: answer }
    }
    if (tried.has('keyboard-interactive') || !isOffered('keyboard-interactive', left)) return null
    tried.add('keyboard-interactive')
    return {
      type: 'keyboard-interactive',
      username,
      // PAM asks in its own words; the password is the answer to all of them.
      prompt: (...[, , , prompts, finish]) => finish(prompts.map(() => answer)),
    }
  }
}

function refusal(name: string, cause?: unknown): AppError {
  return new AppError('LOGIN_REFUSED', `${name} refuses the login`, 'Check the user, and the password or key.', cause)
}

function failureOf(error: Error & { level?: string }, name: string): AppError {
  if (error.level === 'client-authentication') return refusal(name, error)
  if (/privateKey|passphrase/i.test(error.message))
    return new AppError(
      'KEY_MISSING',
      `The key for ${name} cannot be used: ${error.message}`,
      'Check the key file and its passphrase.',
      error,
    )
  return new AppError('DEVICE_UNREACHABLE', `${name} cannot be reached: ${error.message}`, CHECK, error)
}
