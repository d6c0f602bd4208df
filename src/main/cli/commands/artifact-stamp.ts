import { AppError } from '../../contract/errors.ts'
import type { BuildStamp } from '../../engine/artifact/write.ts'
import { type Stamping, ownerOf, readNames } from '../../engine/packing/sources.ts'
import type { CliContext } from '../context.ts'

/** How files are to be stamped; with --reproducible as SOURCE_DATE_EPOCH says. */
export async function stampingOf({ reproducible }: { reproducible?: boolean }, { host, environment }: CliContext): Promise<Stamping> {
  const epoch = environment['SOURCE_DATE_EPOCH'] ?? '0'
  if (reproducible && !/^\d{1,11}$/.test(epoch))
    throw new AppError('BAD_INPUT', `SOURCE_DATE_EPOCH is "${epoch}"`, 'Set it to seconds since 1970.')
  const [users, groups] = await Promise.all([readNames(host.files, '/etc/passwd'), readNames(host.files, '/etc/group')])
  return { fixedAt: reproducible ? Number(epoch) * 1000 : null, users, groups }
}

/** Owner and time of what no file stands behind. */
export function stampOf(stamping: Stamping, { host }: CliContext): BuildStamp {
  return ownerOf({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, modifiedAt: host.clock.now() }, stamping)
}
