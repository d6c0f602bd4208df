import { ORPCError } from '@orpc/contract'
import { z } from 'zod'

/** Every way in which an operation may fail. One table for the app, the CLI, the server and the writer. */
export const ERROR_CODES = [
  'BAD_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'CANCELLED',
  'ARTIFACT_INVALID',
  'EXPANSION_LIMIT',
  'SIGNATURE_INVALID',
  'KEY_MISSING',
  'DRIVE_BUSY',
  'DRIVE_REMOVED',
  'DRIVE_TOO_SMALL',
  'DRIVE_FAILED',
  'VERIFY_FAILED',
  'PERMISSION',
  'DEVICE_UNREACHABLE',
  'LOGIN_REFUSED',
  'HOST_KEY_CHANGED',
  'PORT_IN_USE',
  'DISK_FULL',
  'MEMORY_FULL',
  'TOOL_MISSING',
  'ENGINE_STOPPED',
  'INTERRUPTED',
  'INTERNAL',
] as const

/** The header of an HTTP answer that names the code of its failure, for programs of this house: several codes have one status. */
export const CODE_HEADER = 'x-otabench-code'

export type ErrorCode = (typeof ERROR_CODES)[number]

/** What of a failure crosses a boundary: the message carries the values, the hint says what a person can do. */
export const failure = z.object({ code: z.enum(ERROR_CODES), message: z.string(), hint: z.string() })
export type Failure = z.infer<typeof failure>

/** The one error class of the product. Thrown by the engine, rebuilt on the other side of every boundary. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, hint = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.code = code
    this.hint = hint
  }

  /** The failure as a plain value, for the wire, the job history and the log. */
  toFailure(): Failure {
    return { code: this.code, message: this.message, hint: this.hint }
  }
}

/** Any thrown value as an AppError: an abort becomes CANCELLED, the unforeseen becomes INTERNAL and keeps its cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof ORPCError) return fromWire(thrown)
  if (thrown instanceof Error && thrown.name === 'AbortError') return new AppError('CANCELLED', 'Cancelled', '', thrown)
  const database = databaseError(thrown)
  if (database) return database
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new AppError('INTERNAL', message, 'This is a defect of OTA Bench; please report it with the log.', thrown)
}

const CHOOSE_FOLDER = 'See who may write there and whether its disk is mounted read-only, or choose another folder with --data DIR.'

/** What the database says that is nobody's defect, by the beginning of its code. Other errno come from the host, which translates them. */
const DATABASE_ERRORS: readonly (readonly [string, ErrorCode, string, string])[] = [
  ['SQLITE_FULL', 'DISK_FULL', 'The disk with the data folder is full', 'Free some space on that disk and try again.'],
  ['SQLITE_CANTOPEN', 'PERMISSION', 'The database in the data folder cannot be opened to be written', CHOOSE_FOLDER],
  ['SQLITE_READONLY', 'PERMISSION', 'The database in the data folder cannot be written', CHOOSE_FOLDER],
]

function databaseError(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null
  const said = String(thrown.code)
  const [, code, message, hint] = DATABASE_ERRORS.find(([beginning]) => said.startsWith(beginning)) ?? []
  return code && message ? new AppError(code, message, hint, thrown) : null
}

/** The AppError as oRPC carries it. */
export function toWire(error: AppError): ORPCError<ErrorCode, { hint: string }> {
  return new ORPCError(error.code, { message: error.message, data: { hint: error.hint }, cause: error })
}

const wireData = z.object({ hint: z.string() })
const wireIssues = z.object({ issues: z.array(z.object({ path: z.array(z.unknown()).optional(), message: z.string() })) })

/** The AppError that an oRPC error was made of; input that the contract refused becomes BAD_INPUT with the field's path. */
export function fromWire(error: ORPCError<string, unknown>): AppError {
  const code = ERROR_CODES.find((known) => known === error.code)
  if (code) return new AppError(code, error.message, wireData.safeParse(error.data).data?.hint ?? '')
  const issues = wireIssues.safeParse(error.data)
  if (issues.success) {
    const text = issues.data.issues.map((issue) => `${(issue.path ?? []).join('.') || 'input'}: ${issue.message}`).join('; ')
    return new AppError('BAD_INPUT', text, 'Correct the named field and try again.')
  }
  return new AppError('INTERNAL', error.message, 'This is a defect of OTA Bench; please report it with the log.', error)
}
