import type { FailureKind } from './protocol.ts'

/** Why the writer gives up; becomes its `failed` event. */
export class WriterFailure extends Error {
  readonly why: FailureKind
  readonly at: number | null
  readonly realBytes: number | null

  constructor(why: FailureKind, detail: string, place: { at?: number | null; realBytes?: number | null } = {}) {
    super(detail)
    this.name = 'WriterFailure'
    this.why = why
    this.at = place.at ?? null
    this.realBytes = place.realBytes ?? null
  }
}

const ERRNO: Readonly<Record<string, FailureKind>> = {
  ENOENT: 'not-found',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'read-only',
  EBUSY: 'busy',
  ENODEV: 'gone',
  ENXIO: 'gone',
  // ENOMEDIUM and EREMOTEIO, which Node has no name for.
  'Unknown system error -123': 'gone',
  'Unknown system error -121': 'io',
  ENOSPC: 'no-room',
  EDQUOT: 'no-room',
  EFBIG: 'no-room',
  EIO: 'io',
  EISDIR: 'not-a-device',
}

/** The errno of what the operating system refused, else empty. */
export function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}

/** What was thrown as a failure; `at` is the position on the device. */
export function toFailure(thrown: unknown, at: number | null = null): WriterFailure {
  if (thrown instanceof WriterFailure) return thrown
  const errno = errnoOf(thrown)
  return new WriterFailure(ERRNO[errno] ?? 'unforeseen', thrown instanceof Error ? thrown.message : String(thrown), { at })
}
