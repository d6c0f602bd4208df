import { AppError } from '../../../contract/errors.ts'
import { type SerialTalk, withoutKernel } from './talk.ts'

export interface ConsoleLogin {
  user: string
  /** Asked when the console asks. */
  askPassword: (() => Promise<string>) | null
}

export type ConsoleKind = 'shell' | 'u-boot'

const TRIES = 12
const QUIET_MS = 250
const ANSWER_MS = 4000
/** A boot that runs past us. */
const AUTOBOOT = /Hit any key to stop autoboot/
const SIGNS = [
  ['u-boot', /^(?:\S*=>|U-Boot ?>) *$/],
  ['login', /(?:^|[^\w])login: ?$/],
  ['password', /[Pp]assword: ?$/],
  ['shell', /[#$%>] ?$/],
] as const
type Sign = (typeof SIGNS)[number][0]

/** What a console waits for, from its last lines; null when that cannot be told. */
export function signOf(heard: string): Sign | null {
  const lines = withoutKernel(heard).split('\n').slice(-4)
  for (const line of lines.toReversed()) {
    const found = SIGNS.find(([, pattern]) => pattern.test(line.trimStart()))
    if (found) return found[0]
  }
  return null
}

/**
 * Wakes a console and logs in; without a login, somebody has to have done so. Kernel messages in between do no harm. DEVICE_UNREACHABLE for silence, LOGIN_REFUSED. A boot loader is
 * left as it is.
 */
export async function wakeConsole(talk: SerialTalk, login: ConsoleLogin | null, signal: AbortSignal): Promise<ConsoleKind> {
  let logins = 0
  // Where a slow login has read a try of ours as a name, its refusal may come when ours is waited for.
  let mostLogins = 1
  let refusal: AppError | null = null
  let heardAny = false
  for (let attempt = 0; attempt < TRIES; attempt++) {
    talk.forget()
    await talk.send('\r')
    await talk.quiet(QUIET_MS, ANSWER_MS, signal)
    heardAny ||= talk.heard !== ''
    let sign = signOf(talk.heard)
    if (sign === 'u-boot') return 'u-boot'
    if (sign === null || sign === 'shell') {
      if (await isShell(talk, signal)) return 'shell'
      mostLogins = 2
      sign = signOf(talk.heard)
    }
    if (sign === 'login') {
      if (login === null) throw new AppError('LOGIN_REFUSED', `Nobody is logged in on ${talk.line.path}`, 'Log in on the console first.')
      if (logins === mostLogins) throw refused(talk, login.user)
      logins += 1
      const answer = await logIn(talk, login, signal)
      refusal = answer === 'in' ? null : refused(talk, login.user)
      if (answer === 'refused' && logins === mostLogins) throw refused(talk, login.user)
    } else if (sign === 'password') await refusePassword(talk, signal)
  }
  // A login that was refused may have ended, on a slow board before its refusal was heard.
  throw refusal ?? noPrompt(talk, heardAny)
}

function noPrompt(talk: SerialTalk, heardAny: boolean): AppError {
  const { path } = talk.line
  const [message, hint] = heardAny
    ? [`No prompt is known on ${path}: "${lastWords(talk)}"`, 'Look at it on the console.']
    : [`Nothing is heard on ${path}`, 'Check that the board has power, that TX and RX are crossed, and the rate.']
  return new AppError('DEVICE_UNREACHABLE', message, hint)
}

/** Whether something carries out what is typed. */
async function isShell(talk: SerialTalk, signal: AbortSignal): Promise<boolean> {
  talk.forget()
  await talk.send('echo OTB$((6*7))END\r')
  return (await talk.until((heard) => found(/OTB42END/, heard), ANSWER_MS, signal)) !== null
}

const LOGIN_MS = 20_000

/** A password that nobody has asked for by a name: an empty one is refused, after a while, and the name is asked for. */
async function refusePassword(talk: SerialTalk, signal: AbortSignal): Promise<void> {
  talk.forget()
  await talk.send('\r')
  await talk.until((heard) => (signOf(heard) === 'login' ? true : null), LOGIN_MS, signal)
}

/** `in` also where no password is asked for, whatever comes then. */
async function logIn(talk: SerialTalk, { user, askPassword }: ConsoleLogin, signal: AbortSignal): Promise<'in' | 'refused' | 'unanswered'> {
  talk.forget()
  await talk.send(`${user}\r`)
  const look = (heard: string) => found(/[Pp]assword: ?(?:\[|$)/, heard) ?? (signOf(heard) === 'shell' ? heard : null)
  const asked = await talk.until(look, LOGIN_MS, signal)
  if (asked === null || typeof asked === 'string') return 'in'
  const password = await askPassword?.()
  if (password === undefined)
    throw new AppError('LOGIN_REFUSED', `${user} needs a password on ${talk.line.path}`, 'Give it with --password-fd N.')
  talk.forget()
  await talk.send(`${password}\r`)
  const answered = await talk.until(
    (heard) => found(/incorrect|[Ff]ailure|denied/, heard) ?? (signOf(heard) === 'shell' ? heard : null),
    LOGIN_MS,
    signal,
  )
  if (answered === null) return 'unanswered'
  return typeof answered === 'string' ? 'in' : 'refused'
}

/** Also where the kernel broke into it, or stands right behind it. */
function found(pattern: RegExp, heard: string): RegExpExecArray | null {
  return pattern.exec(heard) ?? pattern.exec(withoutKernel(heard))
}

function refused(talk: SerialTalk, user: string): AppError {
  return new AppError('LOGIN_REFUSED', `The console on ${talk.line.path} refuses ${user}`, 'Check the user and the password.')
}

function lastWords(talk: SerialTalk): string {
  return (
    talk.heard
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim()
      .slice(-80) ?? ''
  )
}

/**
 * Stops a board at its boot loader: it has to be starting, or to be there already. What a port has kept of the boot before is answered too, and does
 * no harm; a prompt that is not recognised is asked for again. DEVICE_UNREACHABLE when it is not seen, or has not stopped, in time.
 */
export async function stopAtBootLoader(talk: SerialTalk, ms: number, signal: AbortSignal): Promise<void> {
  const { path } = talk.line
  const isStarting = (heard: string): boolean => AUTOBOOT.test(heard)
  const isThere = (heard: string): boolean => signOf(heard) === 'u-boot'
  const look = (heard: string): string | null => (isStarting(heard) || isThere(heard) ? heard : null)
  const startedAt = performance.now()
  await talk.send('\r')
  const first = await talk.until(look, ms, signal)
  if (first === null)
    throw new AppError('DEVICE_UNREACHABLE', `U-Boot is not seen on ${path}`, 'Switch the board off and on while this waits.')
  const lateAt = Math.max(startedAt + ms, performance.now() + ANSWER_MS)
  for (let seen = first; !isThere(seen);) {
    const leftMs = lateAt - performance.now()
    if (leftMs <= 0)
      throw new AppError('DEVICE_UNREACHABLE', `U-Boot on ${path} did not stop`, 'It may want another key: stop it by hand first.')
    talk.forget()
    await talk.send(isStarting(seen) ? ' ' : '\r')
    seen = (await talk.until(look, Math.min(ANSWER_MS, leftMs), signal)) ?? ''
  }
}
