import type { AuthStatus, BootEnvironment, CardState, DeviceDeploymentStatus, Slot } from '../../contract/devices.ts'
import type { SilenceRule } from '../../contract/silence.ts'
import { duration } from './duration.ts'
import { MIN_GRACE_MS, goneAfterMs } from './silence.ts'

/** Everything that a card's word is decided from; null where nobody knows. */
export interface CardFacts {
  device: {
    status: AuthStatus
    /** As the device said itself, last. */
    artifactName: string | null
    lastSeenAt: number | null
    lastPollAt: number | null
    pollIntervalMs: number | null
  }
  /** The newest deployment of the device. */
  deployment: {
    artifactName: string
    status: DeviceDeploymentStatus
    explanation: string
    startedAt: number | null
    finishedAt: number | null
  } | null
  slots: readonly Slot[] | null
  boot: BootEnvironment | null
  isPowered: boolean
  /** In what its client's word and what is seen of it disagree. */
  mismatch: string | null
  nextPollAt: number | null
  /** When it counts as gone. */
  silence: SilenceRule
  now: number
}

export interface Card {
  state: CardState
  detail: string
}

const MINUTE_MS = 60_000
/** How long after its end a success is worth a word of its own. */
const UPDATED_MS = 60 * MINUTE_MS
/** How long a device in the midst of an update may be silent: a large image takes its time to write. */
const SILENT_UPDATE_MS = 10 * MINUTE_MS

/** The one word for a device, and what goes with it. The first rule that applies decides, from what hides all else to what is usual. */
export function cardOf(facts: CardFacts): Card {
  return (
    membership(facts) ??
    power(facts) ??
    inconsistent(facts) ??
    trialBoot(facts) ??
    activeDeployment(facts) ??
    disagreement(facts) ??
    outcome(facts) ??
    idle(facts)
  )
}

function membership({ isPowered, device: { status, lastSeenAt } }: CardFacts): Card | null {
  if (status === 'pending') return { state: 'pending', detail: 'waits to be accepted' }
  if (status === 'rejected') return { state: 'rejected', detail: 'its key was rejected' }
  // What is switched off is not about to come.
  if (status === 'accepted' || !isPowered) return null
  return { state: 'expected', detail: lastSeenAt === null ? 'not seen yet' : 'waiting for its key' }
}

function power({ isPowered, slots }: CardFacts): Card | null {
  return isPowered ? null : { state: 'off', detail: joined('switched off', runningSlot(slots)?.artifactName ?? null) }
}

function inconsistent(facts: CardFacts): Card | null {
  const name = facts.device.artifactName ?? runningSlot(facts.slots)?.artifactName ?? ''
  return name.endsWith('_INCONSISTENT') ? { state: 'inconsistent', detail: `${running(facts)}; an update was left half-way` } : null
}

function trialBoot({ slots, boot }: CardFacts): Card | null {
  const slot = runningSlot(slots)
  if (slot?.condition !== 'trial') return null
  const count = boot ? ` ${boot.bootCount}/${boot.bootLimit}` : ''
  return { state: 'trial-boot', detail: `${slot.artifactName ?? 'unknown'} on ${slot.name}, boot${count}, not committed` }
}

const ACTIVE: Partial<Record<DeviceDeploymentStatus, CardState>> = {
  pending: 'queued',
  downloading: 'downloading',
  installing: 'installing',
  rebooting: 'rebooting',
  pause_before_installing: 'paused',
  pause_before_rebooting: 'paused',
  pause_before_committing: 'paused',
}

function activeDeployment(facts: CardFacts): Card | null {
  const { deployment, slots } = facts
  const state = deployment?.finishedAt === null ? ACTIVE[deployment.status] : undefined
  if (!deployment || !state) return null
  const { artifactName, status } = deployment
  const missing = status === 'pending' ? missingIdle(facts) : missingUpdate(facts)
  if (missing) return { ...missing, detail: `${artifactName} ${status.replaceAll('_', ' ')}; ${missing.detail}` }
  if (state === 'paused') return { state, detail: `${artifactName}, ${status.replace('pause_', '').replace('_', ' ')}` }
  const writing = slots?.find(({ condition }) => condition === 'writing' || condition === 'written')
  return { state, detail: writing && state === 'installing' ? `${artifactName} to ${writing.name}` : artifactName }
}

function disagreement({ mismatch }: CardFacts): Card | null {
  return mismatch === null ? null : { state: 'mismatch', detail: mismatch }
}

function outcome(facts: CardFacts): Card | null {
  const { deployment } = facts
  if (!deployment) return null
  if (deployment.status === 'failure') return failure(facts, deployment)
  if (deployment.status === 'success') return success(facts, deployment)
  return null
}

type Deployment = NonNullable<CardFacts['deployment']>

/** A client that fails undoes what it did: the old artifact running again is the usual, healthy end. */
function failure(facts: CardFacts, { artifactName, explanation }: Deployment): Card {
  const name = runningName(facts)
  const isBack = name !== null && name !== artifactName
  const what = isBack ? `${artifactName} failed, ${running(facts)}` : `${artifactName} failed`
  return { state: isBack ? 'rolled-back' : 'failed', detail: explanation === '' ? what : `${what}: ${explanation}` }
}

/** A success is doubted when the device has since said otherwise, or when its new system was seen to lie idle in a slot. */
function success(facts: CardFacts, { artifactName, finishedAt }: Deployment): Card | null {
  const { device, slots, now } = facts
  const endedAt = finishedAt ?? now
  const hasSpoken = device.lastPollAt !== null && device.lastPollAt > endedAt
  const saysOther = hasSpoken && device.artifactName !== null && device.artifactName !== artifactName
  const seen = runningSlot(slots)
  const isIdle =
    seen?.artifactName !== artifactName && (slots?.some((slot) => !slot.isRunning && slot.artifactName === artifactName) ?? false)
  if (saysOther || isIdle)
    return { state: 'mismatch', detail: `the server was told that ${artifactName} is installed, but it ${running(facts)}` }
  if (now - endedAt > UPDATED_MS || missingIdle(facts)) return null
  return { state: 'updated', detail: joined(artifactName, seen && `on ${seen.name}`, ' ') }
}

function idle(facts: CardFacts): Card {
  const { deployment } = facts
  const missing = missingIdle(facts)
  if (missing) return { ...missing, detail: joined(missing.detail, runningName(facts) === null ? null : running(facts)) }
  if (facts.device.lastSeenAt === null) return { state: 'expected', detail: 'not seen yet' }
  const why = deployment && deployment.status !== 'success' ? deployment.explanation : ''
  return { state: 'up-to-date', detail: joined(running(facts), why || null) }
}

/** Whether a device that only has to poll has missed its polls. */
function missingIdle({ device: { lastSeenAt, pollIntervalMs }, nextPollAt, silence, now }: CardFacts): Card | null {
  if (lastSeenAt === null) return null
  const silentMs = now - lastSeenAt
  if (silentMs > goneAfterMs(pollIntervalMs, silence)) return { state: 'offline', detail: `last heard ${duration(silentMs)} ago` }
  if (nextPollAt === null || pollIntervalMs === null) return null
  const lateMs = now - nextPollAt
  return lateMs > Math.max(MIN_GRACE_MS, pollIntervalMs / 2)
    ? { state: 'overdue', detail: `its poll is late by ${duration(lateMs)}` }
    : null
}

function missingUpdate({ device: { lastSeenAt }, now }: CardFacts): Card | null {
  const silentMs = lastSeenAt === null ? 0 : now - lastSeenAt
  return silentMs > SILENT_UPDATE_MS ? { state: 'overdue', detail: `nothing heard for ${duration(silentMs)}` } : null
}

function runningSlot(slots: readonly Slot[] | null): Slot | null {
  return slots?.find(({ isRunning }) => isRunning) ?? null
}

/**
 * A slot is named after the system image in it, a device after all that is installed: an update module changes only the latter. So the
 * device's word counts, unless it runs the very image that was last deployed and has not said so yet.
 */
function runningName({ slots, device, deployment }: CardFacts): string | null {
  const image = runningSlot(slots)?.artifactName ?? null
  return image !== null && image === deployment?.artifactName ? image : (device.artifactName ?? image)
}

function running(facts: CardFacts): string {
  const slot = runningSlot(facts.slots)
  return `runs ${runningName(facts) ?? 'something unknown'}${slot ? ` on ${slot.name}` : ''}`
}

function joined(first: string, second: string | null, by = '; '): string {
  return second === null ? first : `${first}${by}${second}`
}
