import { AppError } from '../../../contract/errors.ts'
import { BAUD_RATES } from '../../../contract/serial.ts'
import { SerialTalk } from './talk.ts'
import type { SerialLine } from './line.ts'

const LISTEN_MS = 700
const QUIET_MS = 200

/** How much text looks like words, from 0 to 1: a wrong rate makes noise of it. */
export function readability(text: string): number {
  if (text === '') return 0
  const good = text.match(/[\t\n\r -~]/g)?.length ?? 0
  return good / text.length
}

const FAMILIAR = /login:|assword:|[#$%>] ?$|=> ?$|Linux|U-Boot/im

/** Finds the rate at which a console makes sense, and leaves the line at it. DEVICE_UNREACHABLE for silence and for noise. */
export async function findBaudRate(line: SerialLine, signal: AbortSignal, rates: readonly number[] = BAUD_RATES): Promise<number> {
  using talk = new SerialTalk(line)
  let best: { rate: number; score: number } | null = null
  for (const rate of rates) {
    signal.throwIfAborted()
    await line.setBaudRate(rate)
    talk.forget()
    // Twice: the first one may end what was half typed.
    for (const key of ['\r', '\r']) {
      await talk.send(key)
      await talk.quiet(QUIET_MS, LISTEN_MS, signal)
    }
    const score = readability(talk.heard)
    if (score > 0.95 && FAMILIAR.test(talk.heard)) return rate
    if (talk.heard.length >= 4 && score > (best?.score ?? -1)) best = { rate, score }
  }
  if (best === null)
    throw new AppError(
      'DEVICE_UNREACHABLE',
      `Nothing is heard on ${line.path}`,
      'Check that the board has power, that TX and RX are crossed, and that it has a console there.',
    )
  if (best.score < 0.95)
    throw new AppError('DEVICE_UNREACHABLE', `Only noise is heard on ${line.path}`, 'Set the rate by hand, and check ground and voltage.')
  await line.setBaudRate(best.rate)
  return best.rate
}
