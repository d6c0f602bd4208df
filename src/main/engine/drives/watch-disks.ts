import { toAppError } from '../../contract/errors.ts'
import type { Clock, Host } from '../host.ts'
import { Changes, liveValue } from '../lib/changes.ts'
import { systemFiles } from '../lib/system-files.ts'
import type { DriveSystem } from './drive-system.ts'

/** How often to look where the system's own word is not to be had, and for mounts, of which it says nothing. */
const LOOK_MS = 1000

interface Watch {
  system: Pick<DriveSystem, 'fingerprint' | 'follow'>
  changes: Changes
  /** Of the virtual drives: a program beside this one may make some. */
  folder: string
  onDefect(thrown: unknown): void
}

/** Answers how to begin to watch, until what that answers is disposed of: while anybody does, `changes` is bumped as watchDisks says. */
export function watcher(host: Host, { onDefect, ...watch }: Watch): () => Disposable {
  const watching = { count: 0, abort: new AbortController() }
  return () => {
    if (watching.count === 0) {
      watching.abort = new AbortController()
      void watchDisks(host, watch, watching.abort.signal).catch(onDefect)
    }
    watching.count += 1
    const end = (): void => {
      watching.count -= 1
      if (watching.count === 0) watching.abort.abort()
    }
    return { [Symbol.dispose]: end }
  }
}

/** Bumps `changes` when disks, cards in readers, mounts, swap areas or virtual drives come or go, until the signal aborts. */
async function watchDisks(host: Host, { system, changes, folder }: Omit<Watch, 'onDefect'>, signal: AbortSignal): Promise<void> {
  const files = systemFiles(host.files)
  const fingerprint = async (): Promise<string> => [await system.fingerprint(), ...(await files.names(folder))].join('\n')
  const heard = new Changes()
  void system.follow(heard, signal)
  void everySecond(host.clock, heard, signal)
  let before = await fingerprint()
  for await (const _ of liveValue(signal, [heard], () => null)) {
    const now = await fingerprint()
    if (now !== before) changes.bump()
    before = now
  }
}

async function everySecond(clock: Clock, heard: Changes, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(LOOK_MS, signal)
      heard.bump()
    }
  } catch (thrown) {
    if (toAppError(thrown).code !== 'CANCELLED') throw thrown
  }
}
