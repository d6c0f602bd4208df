import { AppError } from '../../contract/errors.ts'

const HINT = 'The file is damaged, or something other than a Mender tool made it; get it again from where it was made.'

/** The error of a file that is no good artifact. The message names the entry and, where known, the byte. */
export function invalid(message: string, hint = HINT, cause?: unknown): AppError {
  return new AppError('ARTIFACT_INVALID', message, hint, cause)
}

/** A name or value of the file as it may be shown: quoted, control characters escaped, cut at 120 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}…` : text)
}
