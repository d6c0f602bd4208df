import type { AppError } from '../../contract/errors.ts'

/** Mender's error body. The hint is part of the sentence, because clients print nothing else. */
export function problemBody({ message, hint }: AppError, requestId: string): { error: string; request_id: string } {
  return { error: hint === '' ? message : `${message}. ${hint}`, request_id: requestId }
}
