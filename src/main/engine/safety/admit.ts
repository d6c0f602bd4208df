import type { Drive, DriveIdentity } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'

/** A drive as somebody chose it: the identity that it had then and, where that was asked for, its name as it was typed. */
export interface Choice {
  identity: DriveIdentity
  typedName?: string | null
}

/**
 * Answers the drive as it is now, when it is still the chosen one and may be written. DRIVE_REMOVED when it is gone or another one is in its
 * place, PERMISSION when it is refused, BAD_INPUT when its name has to be typed and was not.
 */
export function admit(drives: readonly Drive[], { identity, typedName = null }: Choice): Drive {
  const drive = sameDrive(drives, identity)
  const { name, verdict } = drive
  if (verdict.kind === 'refused') {
    const [first] = verdict.reasons
    throw new AppError(
      'PERMISSION',
      `${name} must not be written. ${verdict.reasons.map(({ text }) => text).join(' ')}`,
      first?.remedy || 'Choose another drive.',
    )
  }
  if (verdict.kind === 'needs-name' && !isNameOf(drive, typedName)) {
    const why = verdict.reasons.map(({ text }) => text).join(' ')
    const message =
      typedName === null
        ? `${name} is written only after its name was typed. ${why}`
        : `${JSON.stringify(typedName)} is not the name of the drive, which is ${name}. ${why}`
    throw new AppError(
      'BAD_INPUT',
      message,
      'Look again whether it is the right drive, and type its name as it is shown (in a command: --name).',
    )
  }
  return drive
}

/** The drive of that path or name or, of virtual ones, id; null when there is none. BAD_INPUT where several are called so. */
export function driveCalled(drives: readonly Drive[], called: string): Drive | null {
  const found = drives.filter(({ identity, name, virtual }) => [identity.path, name, virtual?.id].includes(called))
  if (found.length > 1) throw new AppError('BAD_INPUT', `Several drives are called ${JSON.stringify(called)}`, 'Name one by its path.')
  return found[0] ?? null
}

/** CONFLICT while something on a drive is mounted: it may change while it is read. */
export function refuseMounted({ name, mountedAt }: Drive): void {
  if (mountedAt.length > 0)
    throw new AppError('CONFLICT', `${name} is mounted at ${mountedAt.join(', ')}, and may change while it is read`, 'Eject it first.')
}

/** The kernel's name stands in a drive's name while another one has the same: it may have come or gone since it was typed. */
export function isNameOf({ name, identity }: Drive, typed: string | null): boolean {
  const suffix = ` (${identity.path.split(/[/\\]/).at(-1)})`
  const plain = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
  return typed === plain || typed === plain + suffix
}

/** A drive that may be let out: the same one, and none that the system needs. */
export function ejectable(drives: readonly Drive[], identity: DriveIdentity): Drive {
  const drive = sameDrive(drives, identity)
  const held = drive.verdict.reasons.find(({ rule }) => ['system-disk', 'own-disk', 'swap', 'in-use', 'system-unknown'].includes(rule))
  if (held) throw new AppError('DRIVE_BUSY', `${drive.name} cannot be let out. ${held.text}`, held.remedy || 'Leave it where it is.')
  return drive
}

function sameDrive(drives: readonly Drive[], identity: DriveIdentity): Drive {
  const drive = drives.find((each) => each.identity.path === identity.path)
  if (!drive) throw new AppError('DRIVE_REMOVED', `${identity.path} is not there any more`, 'Plug it in again, and choose it anew.')
  const changes = differences(identity, drive.identity)
  if (changes.length === 0) return drive
  const message = `${identity.path} is another drive than the one that was chosen: ${changes.join(', ')}`
  throw new AppError('DRIVE_REMOVED', message, 'Choose it anew.')
}

/** What identifies a drive, in words. */
const WORDS: readonly (readonly [keyof DriveIdentity, string])[] = [
  ['serial', 'serial number'],
  ['sizeBytes', 'size'],
  ['port', 'port'],
  ['model', 'model'],
  ['diskSequence', 'it was plugged in anew: count'],
]

function differences(chosen: DriveIdentity, found: DriveIdentity): string[] {
  return WORDS.filter(([key]) => chosen[key] !== found[key]).map(
    ([key, word]) => `${word} ${found[key] || 'none'} instead of ${chosen[key] || 'none'}`,
  )
}
