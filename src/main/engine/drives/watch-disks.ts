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
  void listen(host.clock, { system, heard }, signal)
  let before = await fingerprint()
  for await (const _ of liveValue(signal, [heard], () => null)) {
    const now = await fingerprint()
    if (now !== before) changes.bump()
    before = now
  }
}

interface Listening {
  system: Pick<DriveSystem, 'follow'>
  heard: Changes
}

/** Bumps `heard` every second and, once the first one is over, at the system's own word: who asks but once needs no program for that. */
async function listen(clock: Clock, { system, heard }: Listening, signal: AbortSignal): Promise<void> {
  try {
    for (let look = 0; ; look += 1) {
      await clock.sleep(LOOK_MS, signal)
      heard.bump()
      if (look === 0) void system.follow(heard, signal)
    }
  } catch (thrown) {
    if (toAppError(thrown).code !== 'CANCELLED') throw thrown
  }
}
