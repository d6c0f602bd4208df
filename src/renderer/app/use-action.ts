import type { Failure } from '@contract/errors.ts'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import type { Engine } from './connection.ts'
import { useConnection } from './connection-context.tsx'

export interface Action<A extends unknown[]> {
  /** Starts the work; a failure is shown, never thrown. */
  run: (...args: A) => void
  isBusy: boolean
}

/** A write as a button runs it: one at a time, its failure shown with message and hint. */
export function useAction<A extends unknown[], T>(
  work: (engine: Engine, ...args: A) => Promise<T>,
  onDone?: (answer: T, ...args: A) => void,
): Action<A> {
  const connection = useConnection()
  const [isBusy, setBusy] = useState(false)
  async function perform(args: A): Promise<void> {
    setBusy(true)
    try {
      const { engine } = await connection.opened()
      const answer = await work(engine, ...args)
      onDone?.(answer, ...args)
    } catch (thrown) {
      const failure = connection.explain(thrown)
      // Whoever cancelled it knows.
      if (failure.code !== 'CANCELLED') showFailure(failure)
    } finally {
      setBusy(false)
    }
  }
  return { run: (...args) => void perform(args), isBusy }
}

/** Says in a corner what failed and what to do about it. */
export function showFailure(failure: Failure): void {
  notifications.show({ title: failure.message, message: failure.hint, color: 'red', autoClose: 12_000, withBorder: true })
}
