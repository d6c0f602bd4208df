import type { Failure } from '@contract/errors.ts'
import { useEffect, useRef, useState } from 'react'
import type { Engine } from '../../app/connection.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'

export interface Writing<I> {
  start: (input: I) => void
  cancel: () => void
  isBusy: boolean
  /** The job, once it has begun. */
  jobId: string | null
  failure: Failure | null
}

/** Begins to write an artifact and waits for its job. `onDone` hears the id, unless the form is gone by then: the job goes on without it. */
export function useWriting<I>(
  begin: (engine: Engine, input: I) => Promise<{ id: string; jobId: string }>,
  onDone: (id: string) => void,
): Writing<I> {
  const connection = useConnection()
  const isThere = useRef(false)
  const [{ jobId, isBusy, failure }, setState] = useState<Omit<Writing<I>, 'start' | 'cancel'>>({
    jobId: null,
    isBusy: false,
    failure: null,
  })
  useEffect(() => {
    isThere.current = true
    return () => {
      isThere.current = false
    }
  }, [])
  async function perform(input: I): Promise<void> {
    setState({ jobId: null, isBusy: true, failure: null })
    try {
      const { engine } = await connection.opened()
      const started = await begin(engine, input)
      setState({ jobId: started.jobId, isBusy: true, failure: null })
      await finishJob(engine, started.jobId)
      if (isThere.current) onDone(started.id)
    } catch (thrown) {
      const failure = connection.explain(thrown)
      setState({ jobId: null, isBusy: false, failure: failure.code === 'CANCELLED' ? null : failure })
    }
  }
  const cancel = useAction((engine, id: string) => engine.jobs.cancel({ id }))
  return { start: (input) => void perform(input), cancel: () => jobId !== null && cancel.run(jobId), jobId, isBusy, failure }
}
