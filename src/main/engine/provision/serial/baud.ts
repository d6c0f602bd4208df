import { AppError } from '../../../contract/errors.ts'
import { BAUD_RATES } from '../../../contract/serial.ts'
import { SerialTalk } from './talk.ts'
import type { SerialLine } from './line.ts'

const LISTEN_MS = 700
const QUIET_MS = 200
/** How all rates are tried: so often Enter, and so long for the first letter of an answer. */
interface Look {
  presses: number
  patienceMs: number
}

const LOOKS: readonly Look[] = [
  // The first Enter may end what was half typed.
  { presses: 2, patienceMs: QUIET_MS },
  // A board that is at work answers late, which is then heard at the next rate, as noise.
  { presses: 1, patienceMs: 2000 },
]

/** How much text looks like words, from 0 to 1: a wrong rate makes noise of it. */
export function readability(text: string): number {
  if (text === '') return 0
  const good = text.match(/[\t\n\r -~]/g)?.length ?? 0
  return good / text.length
}

const READABLE = 0.95
const FAMILIAR = /login:|assword:|[#$%>] ?$|=> ?$|Linux|U-Boot/im

interface Judged {
  rate: number
  /** As `readability`. */
  score: number
  isFamiliar: boolean
}

/**
 * Finds the rate at which a console makes sense, and leaves the line at it. Boards that answer at once are found in seconds; then all rates are
 * tried again with more patience. DEVICE_UNREACHABLE for silence and for noise.
 */
export async function findBaudRate(line: SerialLine, signal: AbortSignal, rates: readonly number[] = BAUD_RATES): Promise<number> {
  using talk = new SerialTalk(line)
  let best: Judged | null = null
  for (const look of LOOKS) {
    for (const rate of rates) {
      const judged = await judge(talk, rate, { ...look, signal })
      if (judged?.isFamiliar) return rate
      if (judged && judged.score > (best?.score ?? -1)) best = judged
    }
    if (best && best.score >= READABLE) {
      await line.setBaudRate(best.rate)
      return best.rate
    }
  }
  if (best === null)
    throw new AppError(
      'DEVICE_UNREACHABLE',
      `Nothing is heard on ${line.path}`,
      'Check that the board has power, that TX and RX are crossed, and that it has a console there.',
    )
  throw new AppError('DEVICE_UNREACHABLE', `Only noise is heard on ${line.path}`, 'Set the rate by hand, and check ground and voltage.')
}

/** What a console says at a rate; null for next to nothing. */
async function judge(
  talk: SerialTalk,
  rate: number,
  { presses, patienceMs, signal }: Look & { signal: AbortSignal },
): Promise<Judged | null> {
  signal.throwIfAborted()
  await talk.line.setBaudRate(rate)
  talk.forget()
  for (let press = 0; press < presses; press += 1) {
    const before = talk.heard.length
    await talk.send('\r')
    const answer = await talk.until((heard) => (heard.length > before ? heard : null), patienceMs, signal)
    if (answer !== null) await talk.quiet(QUIET_MS, LISTEN_MS, signal)
  }
  const { heard } = talk
  const score = readability(heard)
  return heard.length < 4 ? null : { rate, score, isFamiliar: score > READABLE && FAMILIAR.test(heard) }
}
