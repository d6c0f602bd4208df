import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import type { Elevation } from './writer-command.ts'
import { inWords, whoHolds } from './who-holds.ts'

/**
 * Unmounts what is mounted of a drive, the way that desktops do where they can: never lazily and never by force, so that nothing is lost that
 * was not written yet. DRIVE_BUSY with the names of the programs that use it, PERMISSION when this user may not.
 */
export async function unmountAll(host: Host, { name, partitions, identity, mountedAt }: Drive, ways: readonly Elevation[]): Promise<void> {
  // What was mounted last lies inside of what was mounted before.
  for (const target of mountedAt.toReversed()) {
    const device = partitions.find((partition) => partition.mountedAt.includes(target))?.path ?? identity.path
    const problem = await unmount(host, { device, target, ways })
    if (problem === null) continue
    const holding = await whoHolds(host, [target])
    if (holding.length > 0)
      throw new AppError(
        'DRIVE_BUSY',
        `${name} is used at ${target} by ${inWords(holding)}`,
        'Close these programs, or leave that folder in them.',
      )
    if (/busy/i.test(problem))
      throw new AppError('DRIVE_BUSY', `${name} is in use at ${target}`, `See who uses it: sudo fuser -vm ${target}`)
    throw new AppError(
      'PERMISSION',
      `${name} could not be unmounted from ${target}: ${problem}`,
      `Unmount it yourself: sudo umount ${target}`,
    )
  }
}

/** How long those who only look into a drive, as desktops do with what is plugged in, are waited for. */
const LOOKS = 30
const LOOK_MS = 100

/** DRIVE_BUSY, with their names, while other programs have a drive open: opening it exclusively keeps out mounts alone, and no `dd`. */
export async function awaitUsers(host: Host, { name, identity, partitions, virtual }: Drive): Promise<void> {
  if (virtual) return
  const nodes = [identity.path, ...partitions.map(({ path }) => path)]
  for (let look = 0; ; look += 1) {
    const holding = await whoHolds(host, nodes)
    if (holding.length === 0) return
    if (look === LOOKS) throw new AppError('DRIVE_BUSY', `${name} is used by ${inWords(holding)}`, 'End these programs, and try again.')
    await host.clock.sleep(LOOK_MS)
  }
}

interface Mounted {
  device: string
  target: string
  ways: readonly Elevation[]
}

/** null when it is unmounted, else the last program's words. */
async function unmount({ programs, machine }: Host, { device, target, ways: elevations }: Mounted): Promise<string | null> {
  const byHand: readonly string[] = elevations.includes('sudo') ? ['sudo', 'umount', target] : ['umount', target]
  // The desktop's own way needs no root; it is not there on servers.
  const byDesktop: readonly string[] = ['udisksctl', 'unmount', '--no-user-interaction', '--block-device', device]
  const ways = machine.userId === 0 ? [byHand] : [byDesktop, byHand]
  let problem = ''
  for (const [program = '', ...args] of ways) {
    if ((await programs.find(program)) === null) continue
    const { exitCode, stderr } = await programs.run(program, args)
    if (exitCode === 0) return null
    problem = stderr.trim().split('\n').at(-1) ?? ''
  }
  return problem === '' ? 'there is no program that unmounts' : problem
}
