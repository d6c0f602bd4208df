import { toAppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { Changes, liveValue } from '../lib/changes.ts'
import { type SystemFiles, systemFiles } from '../lib/system-files.ts'

/** How often to look where the kernel's own word is not to be had, and for mounts, of which it says nothing. */
const LOOK_MS = 1000

interface Watch {
  changes: Changes
  /** Of the virtual drives: a program beside this one may make some. */
  folder: string
  onDefect(thrown: unknown): void
}

/** Answers how to begin to watch, until what that answers is disposed of: while anybody does, `changes` is bumped as watchDisks says. */
export function watcher(host: Host, { changes, folder, onDefect }: Watch): () => Disposable {
  const watching = { count: 0, abort: new AbortController() }
  return () => {
    if (watching.count === 0) {
      watching.abort = new AbortController()
      void watchDisks(host, { changes, folder }, watching.abort.signal).catch(onDefect)
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
async function watchDisks(host: Host, { changes, folder }: Pick<Watch, 'changes' | 'folder'>, signal: AbortSignal): Promise<void> {
  const system = systemFiles(host.files)
  const heard = new Changes()
  void listen(host, heard, signal)
  let before = await fingerprint(system, folder)
  for await (const _ of liveValue(signal, [heard], () => null)) {
    const now = await fingerprint(system, folder)
    if (now !== before) changes.bump()
    before = now
  }
}

/** Bumps at each word of the kernel, and every second. */
async function listen({ programs, clock }: Host, heard: Changes, signal: AbortSignal): Promise<void> {
  void follow(programs, heard, signal)
  try {
    for (;;) {
      await clock.sleep(LOOK_MS, signal)
      heard.bump()
    }
  } catch (thrown) {
    if (toAppError(thrown).code !== 'CANCELLED') throw thrown
  }
}

/** Without udevadm, or without udev's daemon, looking every second is what remains. */
async function follow(programs: Host['programs'], heard: Changes, signal: AbortSignal): Promise<void> {
  const monitor = programs.start('udevadm', ['monitor', '--kernel', '--udev', '--subsystem-match=block'], { signal })
  try {
    for await (const _ of monitor.output) heard.bump()
    await monitor.ended
  } catch (thrown) {
    const { code } = toAppError(thrown)
    if (code !== 'TOOL_MISSING' && code !== 'CANCELLED') heard.bump()
  }
}

/** Changes when anything does that the list of drives depends on; costs a few small reads. */
async function fingerprint(system: SystemFiles, folder: string): Promise<string> {
  const names = await system.names('/sys/block')
  const disks = await Promise.all(
    names.map(async (name) => {
      const texts = ['diskseq', 'size', 'ro'].map((attribute) => system.text(`/sys/block/${name}/${attribute}`))
      return [name, ...(await Promise.all(texts)), ...(await system.names(`/sys/block/${name}/holders`))].join(' ')
    }),
  )
  const virtual = (await system.names(folder)).join(' ')
  return [...disks, virtual, await system.text('/proc/self/mountinfo'), await system.text('/proc/swaps')].join('\n')
}
