import { useEffect, useState } from 'react'
import { type LogLine, LogLines } from '../ui/log-lines.tsx'
import { useConnection } from './connection-context.tsx'

interface DeviceLogProps {
  deploymentId: string
  deviceId: string
}

/** The log that a device sent with its failure. It is sent once and does not change, so it is a call. */
export function DeviceLog({ deploymentId, deviceId }: DeviceLogProps) {
  const connection = useConnection()
  const [lines, setLines] = useState<readonly LogLine[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    if (connection.link.kind !== 'open') return
    const abort = new AbortController()
    const { signal } = abort
    connection.link.engine.deployments
      .log({ id: deploymentId, deviceId }, { signal })
      .then(setLines)
      .catch((thrown: unknown) => {
        if (!signal.aborted) setProblem(connection.explain(thrown).message)
      })
    return () => abort.abort()
  }, [connection, deploymentId, deviceId])
  if (problem !== null) return <p className="dim">{problem}</p>
  return lines === null ? null : <LogLines lines={lines} />
}
