import { type AppError, toAppError } from '../../contract/errors.ts'
import { duration } from '../fleet/duration.ts'
import { silenceOf } from '../fleet/silence.ts'
import type { Clock } from '../host.ts'
import type { Store } from '../store/open.ts'

const LOOK_MS = 15_000

interface Watch {
  store: Store
  clock: Clock
  onDefect: (error: AppError) => void
}

/** Notes when a device falls silent and when it is heard again, until the signal aborts; webhooks are told of both. */
export async function watchSilence({ store, clock, onDefect }: Watch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      noteSilence(store, clock.now())
    } catch (thrown) {
      onDefect(toAppError(thrown))
    }
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

/** One look at every accepted device. */
export function noteSilence(store: Store, now: number): void {
  for (const device of store.devices.list()) {
    if (device.status !== 'accepted') continue
    const silence = silenceOf(device, now)
    if (silence === null) continue
    const isSilent = silence === 'silent'
    store.transaction(() => {
      store.devices.setSilent(device.id, isSilent ? now : null)
      store.timeline.append({
        ...{ at: now, deviceId: device.id, deploymentId: null, lane: 'http', level: isSilent ? 'warning' : 'info' },
        text: isSilent ? `Silent: not heard for ${duration(now - (device.lastSeenAt ?? now))}` : 'Heard again',
      })
    })
  }
}
