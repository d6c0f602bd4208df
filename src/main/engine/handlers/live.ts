import { toAppError, toWire } from '../../contract/errors.ts'
import { type Changes, type Pause, liveValue } from '../lib/changes.ts'

interface Request<I> {
  input: I
  signal?: AbortSignal | undefined
}

/** A handler whose values come one after the other. `values` is given a signal also where the caller has none. */
export function streamed<I, T>(values: (input: I, signal: AbortSignal) => AsyncIterable<T>) {
  return async function* ({ input, signal = new AbortController().signal }: Request<I>): AsyncGenerator<T, void, void> {
    try {
      yield* values(input, signal)
    } catch (thrown) {
      throw toWire(toAppError(thrown))
    }
  }
}

/**
 * A handler of a live operation: `read` answers the value now, and again whenever one of `sources` changes. One that is dear to read
 * says how long to rest in between.
 */
export function live<I, T>(sources: readonly Changes[], read: (input: I) => T | Promise<T>, pauseMs?: Pause<T>) {
  return streamed((input: I, signal) => liveValue(signal, sources, () => read(input), pauseMs))
}
