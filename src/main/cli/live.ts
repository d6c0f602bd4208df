import { AppError } from '../contract/errors.ts'

/** The value of a live operation now. */
export function now<T>(opening: Promise<AsyncIterable<T>>): Promise<T> {
  return until(opening, () => true)
}

/** The first value for which `isReached` holds; `onEach` sees every value until then. ENGINE_STOPPED when the values end before. */
export async function until<T>(
  opening: Promise<AsyncIterable<T>>,
  isReached: (value: T) => boolean,
  onEach?: (value: T) => void,
): Promise<T> {
  try {
    for await (const value of await opening) {
      onEach?.(value)
      if (isReached(value)) return value
    }
  } catch (thrown) {
    throw isCut(thrown) ? stopped(thrown) : thrown
  }
  throw stopped()
}

/** How `fetch` says that the connection broke while an answer was on its way. */
function isCut(thrown: unknown): boolean {
  return thrown instanceof TypeError && thrown.cause instanceof Error
}

function stopped(cause?: unknown): AppError {
  const hint = 'See whether it still runs; what was ordered goes on when it is back.'
  return new AppError('ENGINE_STOPPED', 'The engine has stopped, or the connection to it broke', hint, cause)
}
