/** The rhythm in which a device polls, as far as it can be told from outside. */
export interface PollRhythm {
  lastPollAt: number | null
  /** null before the second poll. */
  pollIntervalMs: number | null
}

/** Two requests this close are one poll: clients fall back from one API version to the next, and ask twice at start-up. */
const SAME_POLL_MS = 500
/** How much a new gap weighs when it differs little from what is known. */
const WEIGHT = 0.3
/** A gap this many times the estimate, up or down, is a new rhythm at once only when it is shorter; a longer one is an update or a power cut. */
const FAR = 2

/** The rhythm after a poll at `at`. */
export function afterPoll({ lastPollAt, pollIntervalMs }: PollRhythm, at: number): PollRhythm {
  if (lastPollAt === null) return { lastPollAt: at, pollIntervalMs }
  const gap = at - lastPollAt
  if (gap < SAME_POLL_MS) return { lastPollAt, pollIntervalMs }
  return { lastPollAt: at, pollIntervalMs: estimate(pollIntervalMs, gap) }
}

function estimate(known: number | null, gap: number): number {
  if (known === null || gap * FAR < known) return gap
  if (gap > known * FAR) return Math.round(known * FAR)
  return Math.round(known + WEIGHT * (gap - known))
}
