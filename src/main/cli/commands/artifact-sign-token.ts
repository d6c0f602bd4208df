import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { AppError } from '../../contract/errors.ts'
import { importSignature } from '../../engine/artifact/detached.ts'
import type { Signer } from '../../engine/artifact/sign.ts'
import type { CliContext } from '../context.ts'
import { type PassphraseFlags, readPassphrase } from '../passphrase.ts'

/** The public half of a key on a token, as PEM. Nobody has to log in for it, where the token shows it. */
export async function tokenPublicKey(uri: string, { host, signal }: CliContext): Promise<string> {
  checkUri(uri)
  const args = ['pkey', '-engine', 'pkcs11', '-inform', 'engine', '-pubin', '-pubout', '-in', uri]
  // In a session of its own openssl finds no terminal: where the token wants a PIN it fails, instead of asking or guessing one.
  const openssl = host.programs.start('setsid', ['--wait', 'openssl', ...args], { signal })
  openssl.endInput()
  let pem = ''
  for await (const chunk of openssl.output) pem += Buffer.from(chunk).toString('latin1')
  const { stderr } = await openssl.ended
  if (!pem.includes('BEGIN PUBLIC KEY')) throw refusal(uri, stderr)
  return pem
}

function checkUri(uri: string): void {
  if (uri.startsWith('pkcs11:')) return
  throw new AppError('BAD_INPUT', `"${uri}" names no key of a token`, 'Write pkcs11:token=NAME;object=LABEL (RFC 7512).')
}

/** Signs with a key that never leaves its token, through openssl and its PKCS#11 engine. The PIN travels in a pipe. */
export async function tokenSigner(uri: string, flags: PassphraseFlags, context: CliContext): Promise<Pick<Signer, 'sign'>> {
  checkUri(uri)
  if (uri.includes('pin-value=')) {
    const hint = 'Leave pin-value out: the PIN is asked for, or comes from --passphrase-file or --passphrase-fd.'
    throw new AppError('BAD_INPUT', 'The PIN stands on the command line, where every user of this machine can read it', hint)
  }
  const { key, pinFile } = withoutPin(uri)
  const pin = await readPassphrase('the token', pinFile === null ? flags : { passphraseFile: pinFile }, context)
  return { sign: async (manifest) => importSignature(await signOnToken(key, { manifest, pin, signal: context.signal })) }
}

/** The URI without `pin-source`, which engines read in different ways, and the file that it names. */
function withoutPin(uri: string): { key: string; pinFile: string | null } {
  const [key = '', query = ''] = uri.split('?', 2)
  const source = query.split('&').find((part) => part.startsWith('pin-source='))
  const rest = query.split('&').filter((part) => part !== source && part !== '')
  const pinFile = source === undefined ? null : decodeURIComponent(source.slice('pin-source='.length)).replace(/^file:(?:\/\/)?/, '')
  return { key: rest.length === 0 ? key : `${key}?${rest.join('&')}`, pinFile }
}

interface TokenWork {
  manifest: Uint8Array
  pin: string
  signal: AbortSignal
}

async function signOnToken(uri: string, { manifest, pin, signal }: TokenWork): Promise<Uint8Array> {
  const child = spawn('openssl', ['dgst', '-sha256', '-engine', 'pkcs11', '-keyform', 'engine', '-sign', uri, '-passin', 'fd:3'], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    signal,
  })
  const ended = once(child, 'close').catch((thrown: unknown) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled', '', thrown)
    throw new AppError(
      'TOOL_MISSING',
      'openssl cannot be run',
      'Install openssl and its PKCS#11 engine (libengine-pkcs11-openssl).',
      thrown,
    )
  })
  const pinPipe = child.stdio[3]
  // openssl may end before it has read all: what it says on stderr is the reason then.
  for (const stream of [child.stdin, pinPipe]) stream?.on('error', () => undefined)
  if (pinPipe && 'end' in pinPipe) pinPipe.end(`${pin}\n`)
  child.stdin.end(manifest)
  const [signature, said] = await Promise.all([buffer(child.stdout), text(child.stderr), ended])
  // The engine may crash when it is unloaded after a failure: the exit code says less than whether there is a signature.
  if (signature.length === 0) throw refusal(uri, said)
  return signature
}

const REFUSALS: readonly [RegExp, (uri: string) => AppError][] = [
  [
    /PIN incorrect|PIN locked|Login failed/i,
    (uri) => new AppError('KEY_MISSING', `The token refuses the PIN for ${uri}`, 'Check the PIN; a token locks after a few wrong ones.'),
  ],
  [
    /invalid engine|could not load the shared library|no such engine/i,
    () => new AppError('TOOL_MISSING', 'openssl has no PKCS#11 engine', 'Install it: apt-get install libengine-pkcs11-openssl'),
  ],
  [
    /not found/i,
    (uri) => new AppError('KEY_MISSING', `No token here has the key ${uri}`, 'List what there is: p11tool --list-all, or pkcs11-tool -O.'),
  ],
]

function refusal(uri: string, said: string): AppError {
  const known = REFUSALS.find(([pattern]) => pattern.test(said))
  if (known) return known[1](uri)
  const reason = said.split('\n').find((line) => line !== '' && !line.startsWith('Engine ')) ?? 'openssl gives no reason'
  return new AppError(
    'KEY_MISSING',
    `The token did not sign: ${reason}`,
    'Try it by hand: openssl dgst -sha256 -engine pkcs11 -keyform engine -sign URI',
  )
}
