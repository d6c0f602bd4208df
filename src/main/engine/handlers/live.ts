import { toAppError, toWire } from '../../contract/errors.ts'
import { type Changes, liveValue } from '../lib/changes.ts'

interface Request<I> {
  input: I
  signal?: AbortSignal | undefined
}

/**
 * A handler of a live operation: `read` answers the value now, and again whenever one of `sources` changes. One that is dear to read
 * says how long to rest in between.
 */
export function live<I, T>(sources: readonly Changes[], read: (input: I) => T | Promise<T>, pauseMs?: number) {
  return async function* ({ input, signal }: Request<I>): AsyncGenerator<T, void, void> {
    try {
      yield* liveValue(signal, sources, () => read(input), pauseMs)
    } catch (thrown) {
      throw toWire(toAppError(thrown))
    }
  }
}
