import { t } from '@lingui/core/macro'
import { AppError, type Failure } from '@contract/errors.ts'
import { keepSame } from '@contract/live-changes.ts'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Connection, Engine } from './connection.ts'
import { useConnection, useLink } from './connection-context.tsx'

/** A live value as a screen sees it: `value` is null until the first answer, and stays over a restart of the engine. */
export interface Live<T> {
  value: T | null
  failure: Failure | null
}

/** Opens a live operation. The signal ends it. */
export type OpenLive<T> = (engine: Engine, signal: AbortSignal) => Promise<AsyncIterable<T>>

interface Follow<T> {
  connection: Connection
  signal: AbortSignal
  open: () => Promise<AsyncIterable<T>>
  onFirst: (value: T) => void
  onNext: (value: T) => void
  onFailure: (failure: Failure) => void
}

/**
 * Follows a live operation while the component stands, and again with each new engine. `key` says what is followed: a new
 * key starts afresh, null follows nothing.
 */
export function useLive<T>(key: string | null, open: OpenLive<T>): Live<T> {
  const connection = useConnection()
  const link = useLink()
  const [held, setHeld] = useState<{ key: string | null } & Live<T>>({ key, value: null, failure: null })
  const start = useEffectEvent((engine: Engine, signal: AbortSignal) => open(engine, signal))
  useEffect(() => {
    if (link.kind !== 'open' || key === null) return
    const abort = new AbortController()
    const { signal } = abort
    void follow<T>({
      connection,
      signal,
      open: () => start(link.engine, signal),
      onFirst: (first) => setHeld((last) => ({ key, value: keepSame(last.key === key ? last.value : null, first), failure: null })),
      // Each holds what it has in common with the one before: that is how values travel.
      onNext: (value) => setHeld({ key, value, failure: null }),
      onFailure: (failure) => setHeld((last) => ({ key, value: last.key === key ? last.value : null, failure })),
    })
    return () => abort.abort()
  }, [connection, link, key])
  return held.key === key ? held : { value: null, failure: null }
}

async function follow<T>({ connection, signal, open, onFirst, onNext, onFailure }: Follow<T>): Promise<void> {
  try {
    let tell = onFirst
    for await (const value of await open()) {
      if (signal.aborted) return
      tell(value)
      tell = onNext
    }
    if (!signal.aborted) onFailure(new AppError('INTERNAL', t`The engine stopped telling.`, t`Restart it.`).toFailure())
  } catch (thrown) {
    // A link that went down is shown once, by the frame; what was read stays on screen.
    if (!signal.aborted && connection.link.kind === 'open') onFailure(connection.explain(thrown))
  }
}
