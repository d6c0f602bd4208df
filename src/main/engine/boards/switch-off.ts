import type { Clock } from '../host.ts'
import type { QemuProcess } from './qemu-process.ts'

/** So long may a system take for its services to end. */
const PATIENCE_MS = 20_000
/** Between the steps of the kernel's own way. */
const STEP_MS = 400
/** How long a system with a daemon for power buttons gets before the kernel is asked. */
const BUTTON_MS = 3000

interface Wait {
  clock: Clock
  ended: Promise<void>
  isUp(): boolean
}

/**
 * Asks what runs on a board to switch it off, as its power button does, and then by the kernel's own keys (a break on the console, then a
 * letter): file systems are written and closed. False when it does not listen.
 */
export async function askToSwitchOff(board: QemuProcess, { clock, ended, isUp }: Wait): Promise<boolean> {
  if (!isUp()) return false
  await board.monitor.command('system_powerdown').catch(() => undefined)
  if (await isWithin(BUTTON_MS, ended, clock)) return true
  for (const key of ['s', 'u', 'o']) {
    await board.monitor.command('chardev-send-break', { id: 'serial' }).catch(() => undefined)
    board.type(Buffer.from(key))
    if (await isWithin(STEP_MS, ended, clock)) return true
  }
  return isWithin(PATIENCE_MS, ended, clock)
}

function isWithin(ms: number, ended: Promise<void>, clock: Clock): Promise<boolean> {
  const late = new AbortController()
  return Promise.race([
    ended.then(() => true),
    clock.sleep(ms, late.signal).then(
      () => false,
      () => false,
    ),
  ]).finally(() => late.abort())
}
