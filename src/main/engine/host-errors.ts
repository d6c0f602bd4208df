import { AppError, type ErrorCode } from '../contract/errors.ts'

const ERRNO: Record<string, { code: ErrorCode; hint: string }> = {
  ENOENT: { code: 'NOT_FOUND', hint: 'Check the path.' },
  EEXIST: { code: 'CONFLICT', hint: 'Choose another name, or remove what is there.' },
  EACCES: { code: 'PERMISSION', hint: 'Check who may read and write there.' },
  EPERM: { code: 'PERMISSION', hint: 'Check who may read and write there.' },
  EROFS: { code: 'PERMISSION', hint: 'The file system is mounted read-only.' },
  ENOSPC: { code: 'DISK_FULL', hint: 'Free some space on that disk and try again.' },
  EDQUOT: { code: 'DISK_FULL', hint: 'Your disk quota is used up.' },
  EISDIR: { code: 'BAD_INPUT', hint: 'Name a file, not a folder.' },
  ELOOP: { code: 'BAD_INPUT', hint: 'Its symbolic links lead in a circle.' },
  ENAMETOOLONG: { code: 'BAD_INPUT', hint: 'Choose a shorter name.' },
  ENXIO: { code: 'BAD_INPUT', hint: 'It is a socket, or a device that is not there.' },
  EIO: { code: 'DRIVE_FAILED', hint: 'The drive cannot be read or written there; save what is on it.' },
  ENOTDIR: { code: 'BAD_INPUT', hint: 'A part of the path is a file, not a folder.' },
  EADDRINUSE: { code: 'PORT_IN_USE', hint: 'Choose another TCP port, or stop what listens there.' },
}

/** The only place where an errno becomes an AppError. */
export function translate(thrown: unknown, what: string): AppError {
  if (thrown instanceof AppError) return thrown
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const known = ERRNO[errno]
  if (known) return new AppError(known.code, `${what}: ${errno}`, known.hint, thrown)
  if (errno === 'ABORT_ERR') return new AppError('CANCELLED', 'Cancelled', '', thrown)
  return new AppError('INTERNAL', `${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, '', thrown)
}

export async function translated<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw translate(thrown, what)
  }
}
