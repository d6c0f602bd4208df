import type { Drive } from '../../contract/drives.ts'
import type { Host } from '../host.ts'

/**
 * Lets the system go of a drive so that it can be pulled: its power is switched off, or its medium let out. Answers whether that was done: a
 * reader in the machine itself often has neither, and the drive may be pulled as it is.
 */
export async function powerOff({ programs, machine }: Host, { identity, bus, virtual }: Drive): Promise<boolean> {
  if (virtual || bus === 'loop') return false
  const { path } = identity
  const ways: readonly (readonly string[])[] = [
    ...(machine.userId === 0 ? [] : [['udisksctl', 'power-off', '--no-user-interaction', '--block-device', path]]),
    ['eject', path],
    // For root on machines that have neither: the kernel stops the disk and forgets it.
    ['sh', '-c', 'echo 1 > "/sys/block/${1##*/}/device/delete"', 'sh', path],
  ]
  for (const [program = '', ...args] of ways)
    if ((await programs.find(program)) !== null && (await programs.run(program, args)).exitCode === 0) return true
  return false
}

/** Waits until udev has looked at what is on the drives now; not where it does not run. */
export async function settle({ files, programs }: Pick<Host, 'files' | 'programs'>): Promise<void> {
  if ((await files.statName('/run/udev/control')) === null || (await programs.find('udevadm')) === null) return
  await programs.run('udevadm', ['settle', '--timeout=10'])
}
