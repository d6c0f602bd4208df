import { toAppError } from '../../contract/errors.ts'
import type { Programs } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import type { SystemFiles } from '../lib/system-files.ts'

/** Without udevadm, or without udev's daemon, looking every second is what remains. */
export async function followKernel(programs: Programs, heard: Changes, signal: AbortSignal): Promise<void> {
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
export async function fingerprint(system: SystemFiles): Promise<string> {
  const names = await system.names('/sys/block')
  const disks = await Promise.all(
    names.map(async (name) => {
      const texts = ['diskseq', 'size', 'ro'].map((attribute) => system.text(`/sys/block/${name}/${attribute}`))
      return [name, ...(await Promise.all(texts)), ...(await system.names(`/sys/block/${name}/holders`))].join(' ')
    }),
  )
  return [...disks, await system.text('/proc/self/mountinfo'), await system.text('/proc/swaps')].join('\n')
}
