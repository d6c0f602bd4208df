import type { Engine } from './connection.ts'
import { type Live, useLive } from './use-live.ts'

/** What a call answers, asked for once while the component stands: for what does not change. `key` as in useLive. */
export function useCall<T>(key: string | null, ask: (engine: Engine, signal: AbortSignal) => Promise<T>): Live<T> {
  return useLive(key, async (engine, signal) => held(await ask(engine, signal), signal))
}

async function* held<T>(value: T, signal: AbortSignal): AsyncGenerator<T, void, void> {
  yield value
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
