import { spawnSync } from 'node:child_process'
import { LOCK, OPENER_EXIT, UNASKED } from './opener/command.ts'
import { outcomeOf } from './opener/outcome.ts'
import { UDisks, UDisksError } from './opener/udisks.ts'
import { EXIT, type Event } from './writer/protocol.ts'

/** How often it is looked whether a password is still waited for. */
const LOOK_MS = 200

/** Ends this program by becoming another one, which inherits its standard streams, of which nothing was read. */
function become(command: readonly string[]): never {
  // By a shell, which looks for the program.
  return process.execve?.('/bin/sh', ['sh', '-c', 'exec "$@"', 'sh', ...command], process.env) ?? process.exit(OPENER_EXIT.noWay)
}

function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

interface Task {
  device: string
  writer: readonly string[]
  /** What is started when udisks does not open the device; empty: nothing. */
  otherwise: readonly string[]
  mayAsk: boolean
}

function parse(words: readonly string[]): Task | null {
  const device = words.at(-1) ?? ''
  const [mayAsk, rest] = words[0] === UNASKED ? [false, words.slice(1, -1)] : [true, words.slice(0, -1)]
  const at = rest.indexOf('--or')
  const [writer, otherwise] = at === -1 ? [rest, []] : [rest.slice(0, at), rest.slice(at + 1)]
  return writer.length > 0 && /^\/dev\/[^/]+$/.test(device) ? { device, writer, otherwise, mayAsk } : null
}

async function start({ device, writer, otherwise, mayAsk }: Task): Promise<never> {
  const descriptor = await opened(device, mayAsk).catch((thrown: unknown) => {
    if (!(thrown instanceof UDisksError)) throw thrown
    const outcome = outcomeOf(thrown)
    const hasOther = otherwise.length > 0 && outcome !== OPENER_EXIT.dismissed
    // What udisks does not know may be there all the same, as in a container.
    if (hasOther && (typeof outcome === 'number' || outcome === 'not-found')) return become([...otherwise, device])
    if (typeof outcome === 'string') {
      const event: Event = { event: 'failed', why: outcome, detail: thrown.message, at: null, realBytes: null }
      process.stdout.write(`${JSON.stringify(event)}\n`)
      process.exit(EXIT.failed)
    }
    return fail(outcome, `udisks: ${thrown.message}`)
  })
  // The lock is that of what is open, and stays when the program that has set it ends.
  const [lock, ...options] = LOCK
  const { status } = spawnSync(lock, [...options, '3'], { stdio: ['ignore', 'ignore', 'inherit', descriptor] })
  if (status !== 0) process.exit(status ?? OPENER_EXIT.noWay)
  return become([...writer, device, String(descriptor)])
}

/** Opens the device; ends with nothing done when nobody wants it any more. */
async function opened(device: string, mayAsk: boolean): Promise<number> {
  const udisks = new UDisks()
  // Ended by a signal, because an ordinary end waits for the thread that waits for the answer.
  const looking = setInterval(() => udisks.hasInputEnded() && process.kill(process.pid, 'SIGKILL'), LOOK_MS)
  try {
    return await udisks.openDevice(device, mayAsk)
  } finally {
    clearInterval(looking)
  }
}

// Ctrl+C in a terminal reaches everything in it: whoever gives the orders says what becomes of the card.
process.on('SIGINT', () => undefined)

const words = process.argv.slice(2)
const task = parse(words)
if (words.length === 0) {
  await Promise.resolve()
    .then(() => new UDisks().ping())
    .catch((thrown: unknown) => fail(OPENER_EXIT.noWay, thrown instanceof Error ? thrown.message : String(thrown)))
  process.exit(0)
} else if (task) await start(task)
else fail(2, 'usage: opener [--unasked] WRITER… [--or OTHER…] DEVICE; it is started by otabench')
