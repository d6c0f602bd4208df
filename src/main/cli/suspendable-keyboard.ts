import { type StdioOptions, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Keyboard, processKeyboard } from './keyboard.ts'

/** One that can be given back for a while. */
export interface SuspendableKeyboard extends Keyboard {
  /** Gives the terminal back, and stops this process with its group as Ctrl+Z does elsewhere. Resolves when it goes on. */
  suspend(): Promise<void>
  /** Resolves when the terminal listens to this process again, raw as before, or the signal aborts. */
  listenAgain(signal: AbortSignal): Promise<void>
}

/** As libuv sets it: lines still end as they do. */
const RAW = ['-icanon', '-echo', '-isig', '-iexten', '-icrnl', '-ixon', 'min', '1', 'time', '0'] as const
/** A group with no shell above it, which could let it go on, is not stopped. */
const STOPPED_MS = 1000
const LOOK_MS = 500

/**
 * This process's own. The terminal is set by stty: libuv would set it once more when the process ends, and one in the background is
 * stopped for that.
 */
export function suspendableKeyboard(): SuspendableKeyboard {
  const keyboard = processKeyboard()
  /** What it was before; null while it is not raw. */
  let cooked: string | null = null
  const setRaw = (isRaw: boolean): void => {
    if (process.platform === 'win32') return keyboard.setRaw(isRaw)
    if (isRaw === (cooked !== null) || !keyboard.isInFront()) return
    if (cooked !== null) stty([cooked])
    cooked = isRaw ? stty(['-g']) : null
    if (isRaw) stty(RAW)
  }
  return {
    ...keyboard,
    setRaw,
    async suspend() {
      setRaw(false)
      process.stdin.pause()
      // A tick later it is not read.
      await setImmediate()
      const continued = once(process, 'SIGCONT')
      process.kill(0, 'SIGTSTP')
      await Promise.race([continued, sleep(STOPPED_MS)])
    },
    async listenAgain(signal) {
      while (!signal.aborted && !keyboard.isInFront()) await sleep(LOOK_MS)
      if (signal.aborted) return
      setRaw(true)
      process.stdin.resume()
    },
  }
}

function stty(args: readonly string[]): string {
  const stdio: StdioOptions = ['inherit', 'pipe', 'ignore']
  const { error, stdout } = spawnSync('stty', args, { stdio, encoding: 'utf8' })
  return error ? '' : stdout.trim()
}
