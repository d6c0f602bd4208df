import type { AuthStatus } from '../../contract/devices.ts'
import { duration } from './duration.ts'
import type { Admission } from './phases.ts'

/** What is known of a device that was ordered something and has not begun. */
export interface PendingFacts {
  admission: Admission
  /** Whether it was let in already. */
  isAdmitted: boolean
  failedAttempts: number
  retries: number
  /** The deployment that it has to finish first; null when this one is its next. */
  olderName: string | null
  /** When it was heard last, and will ask next as far as can be told. */
  lastSeenAt: number | null
  nextPollAt: number | null
  now: number
}

/** Why a device has not begun yet, in a sentence or two: the first reason in its way. */
export function whyPending(facts: PendingFacts): string {
  const { admission, isAdmitted, olderName, failedAttempts, retries } = facts
  if (olderName !== null) return `It first gets the older deployment "${olderName}".`
  if (!isAdmitted && admission.kind === 'wait') return admission.why
  const tries = failedAttempts === 0 ? '' : `Try ${failedAttempts} of ${retries + 1} has failed. `
  return `${tries}${nextPoll(facts)}`
}

function nextPoll({ lastSeenAt, nextPollAt, now }: PendingFacts): string {
  if (lastSeenAt === null) return 'It gets it when it is heard for the first time.'
  if (nextPollAt === null) return 'It gets it when it asks next; how often it asks is not known yet.'
  const leftMs = nextPollAt - now
  if (leftMs < 0) return `It should have asked ${duration(-leftMs)} ago: is it on, and in the network?`
  return `It gets it when it asks next, in about ${duration(leftMs)}.`
}

/** What is known of a device that a deployment is not for. */
export interface OutsideFacts {
  /** null when the device is not known at all. */
  deviceStatus: AuthStatus | null
  deviceGroup: string | null
  deviceCreatedAt: number
  /** Whom the deployment is for: a filter, a group, or a list. */
  filter: string | null
  group: string | null
  isOpen: boolean
  createdAt: number
}

/** Why a deployment is not for a device. */
export function whyOutside(facts: OutsideFacts): string {
  const { deviceStatus, deviceGroup, deviceCreatedAt, filter, group, isOpen, createdAt } = facts
  if (deviceStatus === null) return 'There is no such device on the bench any more.'
  if (deviceStatus !== 'accepted')
    return `It is not part of it: its status is "${deviceStatus}", and only accepted devices get deployments.`
  if (filter !== null && isOpen) return `It is not part of it yet: it did not fit the filter ${filter} when it asked last.`
  if (filter !== null) return `It is not part of it: the filter ${filter} admits no further device.`
  if (group !== null && deviceGroup !== group)
    return `It is not part of it: it is ${deviceGroup === null ? 'in no group' : `in the group ${deviceGroup}`}, and the deployment is for ${group}.`
  if (deviceCreatedAt > createdAt)
    return 'It is not part of it: it came after the deployment was made, and the list of devices was made then.'
  return 'It is not part of it: the deployment was made for a list of devices without this one.'
}
