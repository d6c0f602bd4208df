/** Tries that an event gets before it is given up: some four minutes of them. */
const MAX_TRIES = 8
const FIRST_DELAY_MS = 1000
const MAX_DELAY_MS = 120_000

/** How far a webhook has come. */
export interface Delivery {
  settledId: number
  failedTimes: number
  retryAt: number
  lastError: string
  deliveredAt: number | null
  droppedCount: number
}

/** After an event was delivered. */
export function delivered<T extends Delivery>(delivery: T, eventId: number, now: number): T {
  return { ...delivery, settledId: eventId, failedTimes: 0, retryAt: 0, lastError: '', deliveredAt: now }
}

/** After an event that nobody wants to hear of. */
export function skipped<T extends Delivery>(delivery: T, eventId: number): T {
  return { ...delivery, settledId: eventId }
}

/**
 * After a try that failed: later and later again, and given up in the end, so that one that cannot be told does not hold up the others.
 * Who does not answer at all is asked no more often for that.
 */
export function failed<T extends Delivery>(delivery: T, { eventId, error, now }: { eventId: number; error: string; now: number }): T {
  const failedTimes = delivery.failedTimes + 1
  const retryAt = now + Math.min(FIRST_DELAY_MS * 2 ** (failedTimes - 1), MAX_DELAY_MS)
  const isGivenUp = failedTimes % MAX_TRIES === 0
  return {
    ...{ ...delivery, failedTimes, retryAt, lastError: error },
    settledId: isGivenUp ? eventId : delivery.settledId,
    droppedCount: delivery.droppedCount + (isGivenUp ? 1 : 0),
  }
}

/** When the oldest waiting event is not the next one, those between were too many to be kept. */
export function countLost<T extends Delivery>(delivery: T, nextId: number): T {
  const lost = nextId - delivery.settledId - 1
  return lost > 0 ? { ...delivery, settledId: nextId - 1, droppedCount: delivery.droppedCount + lost } : delivery
}
