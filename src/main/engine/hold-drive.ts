import type { Drive, DriveIdentity } from '../contract/drives.ts'
import { AppError } from '../contract/errors.ts'
import type { Drives } from './drives/drives.ts'
import type { HeldDrive } from './flash/targets.ts'

/** The whole disk is locked for as long as the writer runs: udev and others who keep to that leave it alone meanwhile. */
const LOCK = ['flock', '--exclusive', '--wait', '10', '--conflict-exit-code', '75', '--no-fork'] as const

/** Checks, just before it is opened, that a drive is still the one that was chosen and may be written. CONFLICT, DRIVE_REMOVED, PERMISSION. */
export async function holdDrive(
  { path, identity }: { path: string; identity: DriveIdentity },
  { drives, writer }: { drives: Drives; writer: readonly string[] },
): Promise<HeldDrive> {
  const drive = (await drives.list({ hasLoops: true })).find((each) => each.identity.path === path)
  if (!drive) throw new AppError('DRIVE_REMOVED', `${path} is not there`, 'Plug it in again, and choose it.')
  const { name, verdict } = drive
  if (!isSame(drive.identity, identity))
    throw new AppError('CONFLICT', `${name} is another drive than the one that was chosen`, 'Choose the drive again.')
  if (verdict.kind === 'refused') {
    const why = verdict.reasons.map(({ text }) => text).join(' ')
    throw new AppError('PERMISSION', `${name} must not be written. ${why}`, verdict.reasons[0]?.remedy || 'Choose another drive.')
  }
  if (drive.access !== 'open')
    throw new AppError('PERMISSION', `${name}: this user may not write it`, 'See otabench doctor, which says how to be allowed to.')
  const nothing = async (): Promise<void> => undefined
  return { drive, command: drive.virtual ? writer : [...LOCK, path, ...writer], release: nothing }
}

function isSame(found: Drive['identity'], chosen: DriveIdentity): boolean {
  return (['path', 'serial', 'sizeBytes', 'port', 'diskSequence'] as const).every((key) => found[key] === chosen[key])
}
