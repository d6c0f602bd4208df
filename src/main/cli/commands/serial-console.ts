import { setTimeout as sleep } from 'node:timers/promises'
import { toAppError } from '../../contract/errors.ts'
import { openAtRate } from '../../engine/provision/serial/open.ts'
import { LineLog } from '../../engine/lib/line-log.ts'
import { type SerialLine, openSerialLine } from '../../engine/provision/serial/line.ts'
import type { CliContext } from '../context.ts'
import { type Keyboard, processKeyboard } from '../keyboard.ts'
import { absolute } from './artifact-files.ts'
import { rateOf } from './provision-serial.ts'

export interface ConsoleFlags {
  baud?: string
  findBaud?: boolean
  log?: string
}

/** Ctrl+], as with otabench terminal. */
const LEAVE = 0x1d
/** Ctrl+\ */
const BREAK = 0x1c
const BREAK_MS = 250
const ANSWER_MS = 1000
const DEFAULT_RATE = 115_200

/** Hands a serial port over to who sits at the keyboard; all that comes in goes to a log, with the time at each line. */
export async function serialConsole(
  path: string,
  flags: ConsoleFlags,
  context: CliContext,
  keyboard: Keyboard = processKeyboard(),
): Promise<void> {
  const { host, out } = context
  const leaving = new AbortController()
  const signal = AbortSignal.any([context.signal, leaving.signal])
  await using line = await open(path, flags, context)
  const logPath = await logPathOf(path, flags, context)
  await using log = await LineLog.open(logPath, host)
  out.note(`${path}. Ctrl+] leaves, Ctrl+\\ sends a break. Log: ${logPath}`)
  const stop = line.onData((bytes) => {
    keyboard.write(bytes)
    log.add(bytes)
  })
  keyboard.setRaw(true)
  try {
    const typing = typeAll(line, keyboard, { signal, warn: (text) => out.important(text) })
    await Promise.race([typing, line.lost])
  } finally {
    stop()
    leaving.abort()
    keyboard.setRaw(false)
  }
}

async function open(path: string, { baud, findBaud }: ConsoleFlags, { host, signal, out }: CliContext): Promise<SerialLine> {
  if (findBaud) return openAtRate({ path, baudRate: null, files: host.files, signal, log: (line) => out.note(line) })
  return openSerialLine(path, rateOf(baud) ?? DEFAULT_RATE, host.files)
}

async function logPathOf(path: string, { log }: ConsoleFlags, { host, cwd, globals }: CliContext): Promise<string> {
  if (log !== undefined) return absolute(cwd, log)
  const folder = `${globals().data}/serial`
  await host.files.makeFolder(folder)
  const stamp = new Date(host.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${folder}/${path.slice(path.lastIndexOf('/') + 1)}-${stamp}.log`
}

async function typeAll(
  line: SerialLine,
  keyboard: Keyboard,
  { signal, warn }: { signal: AbortSignal; warn: (text: string) => void },
): Promise<void> {
  for await (const chunk of keyboard.input(signal)) {
    for (const piece of splitKeys(chunk, keyboard.isTerminal)) {
      if (piece === 'leave') return
      if (piece === 'break') await line.sendBreak(BREAK_MS).catch((thrown: unknown) => warn(toAppError(thrown).message))
      else await line.write(piece)
    }
  }
  // What was piped in is answered, too.
  if (!keyboard.isTerminal) await sleep(ANSWER_MS, undefined, { signal }).catch(() => undefined)
}

/** What is typed, with the two keys of our own taken out. */
function splitKeys(chunk: Uint8Array, isTerminal: boolean): (Uint8Array | 'leave' | 'break')[] {
  if (!isTerminal) return [chunk]
  const at = chunk.findIndex((key) => key === LEAVE || key === BREAK)
  if (at < 0) return [chunk]
  const own = chunk[at] === LEAVE ? ('leave' as const) : ('break' as const)
  return [...(at > 0 ? [chunk.subarray(0, at)] : []), own, ...splitKeys(chunk.subarray(at + 1), true)].filter(
    (piece) => typeof piece === 'string' || piece.length > 0,
  )
}
