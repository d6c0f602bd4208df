import { AppError } from '../../contract/errors.ts'
import { stopAtBootLoader } from '../../engine/provision/serial/console.ts'
import { openSerialLine } from '../../engine/provision/serial/line.ts'
import { SerialTalk } from '../../engine/provision/serial/talk.ts'
import { UBootPrompt } from '../../engine/provision/serial/uboot.ts'
import type { CliContext } from '../context.ts'
import { isVirtual, portOf, virtualBoard } from './provision-board.ts'
import { rateOf } from './provision-serial.ts'

export interface UBootFlags {
  baud?: string
  set: string[]
  save?: boolean
  wait: string
}

const DEFAULT_RATE = 115_200

/** Stops a board at U-Boot, sets variables, and shows them all. */
export async function serialUBoot(place: string, { baud, set, save, wait }: UBootFlags, context: CliContext): Promise<void> {
  const { host, out, signal } = context
  const pairs = set.map(pairOf)
  if (!/^\d{1,5}$/.test(wait)) throw new AppError('BAD_INPUT', `--wait ${wait} is no number of seconds`, 'Write for example --wait 60.')
  await using session = isVirtual(place) ? await context.openEngine() : null
  const path = session === null ? place : portOf(await virtualBoard(session.client, place))
  await using line = await openSerialLine(path, rateOf(baud) ?? DEFAULT_RATE, host.files)
  using talk = new SerialTalk(line)
  out.note(`Waiting for U-Boot on ${place}: switch the board ${session === null ? 'on' : 'off and on'}.`)
  await stopAtBootLoader(talk, Number(wait) * 1000, signal)
  const prompt = new UBootPrompt(talk, signal)
  for (const [name, value] of pairs) {
    await prompt.set(name, value)
    out.note(`set ${name}`)
  }
  if (save) await prompt.save()
  const variables = await prompt.environment()
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  out.result({ variables, isSaved: save ?? false }, lines.join('\n'))
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new AppError('BAD_INPUT', `--set ${text} says no value`, 'Write --set NAME=VALUE.')
}
