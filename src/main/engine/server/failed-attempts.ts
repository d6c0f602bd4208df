import type { TimelineEntry } from '../../contract/devices.ts'
import { causeOf } from '../fleet/cause.ts'
import type { LogMessage } from '../store/device-deployments.ts'
import type { Store } from '../store/open.ts'

interface Where {
  deploymentId: string
  deviceId: string
}

type Parts = { store: Store }

/** Notes why a try failed, as far as it is known when the device reports it. */
export function noteFailedAttempt({ store }: Parts, { deploymentId, deviceId }: Where, attempt: number): void {
  put({ store }, { deploymentId, deviceId }, { attempt, log: [] })
}

/** The log of the device, which comes after its report, may tell more of its last failure. */
export function explainFailedAttempt({ store }: Parts, { deploymentId, deviceId }: Where, log: readonly LogMessage[]): void {
  const last = store.failedAttempts.last(deploymentId, deviceId)
  if (last) put({ store }, { deploymentId, deviceId }, { attempt: last.attempt, log })
}

function put({ store }: Parts, { deploymentId, deviceId }: Where, { attempt, log }: { attempt: number; log: readonly LogMessage[] }): void {
  const from = store.failedAttempts.last(deploymentId, deviceId, attempt - 1)?.entryId ?? 0
  const entries = store.timeline.ofDevice(deviceId, deploymentId).filter(({ id }) => id > from)
  const why = causeOf({ status: 'failure', entries: entries.filter(isNoReport), log })?.summary ?? ''
  store.failedAttempts.put({ deploymentId, deviceId, attempt, why, entryId: entries.at(-1)?.id ?? from })
}

/** That it has failed says not why. */
const isNoReport = ({ lane, text }: TimelineEntry): boolean => lane !== 'state' || !/: failure( |$)/.test(text)
