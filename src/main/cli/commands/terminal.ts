import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { type Keyboard, processKeyboard } from '../keyboard.ts'
import { findDevice } from './find-device.ts'

/** Ctrl+], as with telnet and mender-cli. */
const ESCAPE = 0x1d
/** Ctrl+D: what a shell takes for the end of its input. */
const END_OF_INPUT = 0x04
const END_MS = 500
/** A shell that says nothing for 8 s is started again twice, and the device takes 4 s to stop one. */
const PROMPT_MS = 40_000

/** `otabench terminal`: a shell on a device, over the connection of its mender-connect. */
export function terminalCommand(context: CliContext, keyboard: Keyboard = processKeyboard()): Command {
  return new Command('terminal')
    .description('A shell on a device that runs mender-connect. Ctrl+] leaves it; what is piped in is typed, and its end ends the shell.')
    .argument('<device>', 'by id, name or identity value')
    .action((name: string) => open(name, context, keyboard))
}

async function open(name: string, context: CliContext, keyboard: Keyboard): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const device = await findDevice(client, name)
  const leaving = new AbortController()
  const signal = AbortSignal.any([context.signal, leaving.signal])
  if (keyboard.isTerminal) context.out.note(`A shell on ${device.name}. Ctrl+] leaves it.`)
  keyboard.setRaw(true)
  try {
    const why = await attend({ client, deviceId: device.id, keyboard, signal, leave: () => leaving.abort() })
    if (why !== '') throw new AppError('DEVICE_UNREACHABLE', `The terminal closed: ${why}`, 'Open it again when the device is back.')
  } catch (thrown) {
    // Ctrl+] is a good end.
    if (!leaving.signal.aborted) throw thrown
  } finally {
    leaving.abort()
    keyboard.setRaw(false)
  }
  context.out.note(`The shell on ${device.name} has ended.`)
}

interface Terminal {
  client: EngineClient
  deviceId: string
  keyboard: Keyboard
  signal: AbortSignal
  leave: () => void
}

/** Shows what the device prints until its shell ends; answers why, when it did not end by itself. */
async function attend({ client, deviceId, keyboard, signal, leave }: Terminal): Promise<string> {
  const ready = new AbortController()
  let stopResizing: () => void = () => undefined
  try {
    for await (const event of await client.remote.terminal({ deviceId, ...keyboard.size() }, { signal })) {
      if (event.kind === 'closed') return event.why
      if (event.kind === 'output') {
        ready.abort()
        keyboard.write(Buffer.from(event.data, 'base64'))
        continue
      }
      const { terminalId } = event
      // A terminal that is gone says so by its end.
      stopResizing = keyboard.onResize(() => void client.remote.resize({ terminalId, ...keyboard.size() }).catch(() => undefined))
      const typing = prompted(AbortSignal.any([ready.signal, signal])).then(() => typeAll({ client, terminalId, keyboard, signal }))
      void typing.then((isLeaving) => isLeaving && leave(), leave)
    }
    return 'the engine has stopped'
  } finally {
    stopResizing()
  }
}

/** A shell that is still starting loses what is typed: waits for its prompt or its end, and no longer than a shell may be silent. */
async function prompted(seen: AbortSignal): Promise<void> {
  await sleep(PROMPT_MS, undefined, { signal: seen }).catch(() => undefined)
}

interface Typing {
  client: EngineClient
  terminalId: string
  keyboard: Keyboard
  signal: AbortSignal
}

/** Sends what is typed, in order: what comes while a piece is on its way goes with the next. Answers whether to leave. */
async function typeAll({ client, terminalId, keyboard, signal }: Typing): Promise<boolean> {
  const waiting: Uint8Array[] = []
  let sending = Promise.resolve()
  const send = (bytes: Uint8Array): Promise<void> => {
    waiting.push(bytes)
    sending = sendAfter(sending)
    return sending
  }
  async function sendAfter(before: Promise<void>): Promise<void> {
    await before
    const data = Buffer.concat(waiting.splice(0)).toString('base64')
    if (data !== '') await client.remote.type({ terminalId, data }, { signal })
  }
  for await (const chunk of keyboard.input(signal)) {
    const at = keyboard.isTerminal ? chunk.indexOf(ESCAPE) : -1
    const sent = send(at < 0 ? chunk : chunk.subarray(0, at))
    if (at < 0) continue
    await sent
    return true
  }
  // A pipe that has ended stays at its end: whatever reads next is told so as well.
  while (!keyboard.isTerminal && !signal.aborted) {
    await sleep(END_MS)
    await send(Uint8Array.of(END_OF_INPUT))
  }
  return true
}
