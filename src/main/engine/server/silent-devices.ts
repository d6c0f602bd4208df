import { setImmediate as othersFirst } from 'node:timers/promises'
import { type AppError, toAppError } from '../../contract/errors.ts'
import { FIRST_SILENCE_RULE, type SilenceRule, silenceRule } from '../../contract/silence.ts'
import { duration } from '../fleet/duration.ts'
import { silenceOf, silenceReason } from '../fleet/silence.ts'
import type { Clock } from '../host.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'

const SILENCE_RULE = 'server.silenceRule'
const LOOK_MS = 15_000
/** How many devices are looked at before others get their turn; most are passed over by the database. */
const SLICE = 10_000
/** How many are read. */
const AT_ONCE = 500

interface Watch {
  store: Store
  clock: Clock
  onDefect: (error: AppError) => void
}

/** When a device counts as silent on this bench. */
export function silenceRuleOf({ settings }: Pick<Store, 'settings'>): SilenceRule {
  return settings.get(SILENCE_RULE, silenceRule) ?? FIRST_SILENCE_RULE
}

export function setSilenceRule({ settings }: Pick<Store, 'settings'>, rule: SilenceRule): void {
  settings.set(SILENCE_RULE, rule)
}

/** Notes when a device falls silent and when it is heard again, until the signal aborts; webhooks are told of both. */
export async function watchSilence({ store, clock, onDefect }: Watch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await noteSilence(store, clock.now())
    } catch (thrown) {
      onDefect(toAppError(thrown))
    }
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

/** One look at every accepted device, a slice at a time: polls are answered in between. Ends where the store closes meanwhile. */
export async function noteSilence(store: Store, now: number, slice = SLICE): Promise<void> {
  if (!store.isOpen()) return
  const rule = silenceRuleOf(store)
  for (let next = store.filling.nextSlice(0, slice); next; next = store.filling.nextSlice(next.upTo, slice)) {
    noteAll(store, store.devices.maybeSilent(next, now, rule), { now, rule })
    await othersFirst()
    if (!store.isOpen()) return
  }
  // What was heard a moment ago is not in the table yet.
  const heard = store.lastSeen.unwrittenIds()
  for (let start = 0; start < heard.length; start += AT_ONCE) {
    noteAll(store, store.devices.byIds(heard.slice(start, start + AT_ONCE)), { now, rule })
    await othersFirst()
    if (!store.isOpen()) return
  }
}

function noteAll(store: Store, devices: readonly StoredDevice[], { now, rule }: { now: number; rule: SilenceRule }): void {
  for (const device of devices) {
    if (device.status !== 'accepted') continue
    const silence = silenceOf(device, { now, rule })
    if (silence === null) continue
    const isSilent = silence === 'silent'
    store.transaction(() => {
      store.devices.setSilent(device.id, isSilent ? now : null)
      store.timeline.append({
        ...{ at: now, deviceId: device.id, deploymentId: null, lane: 'http', level: isSilent ? 'warning' : 'info' },
        text: isSilent ? silentText(device, { now, rule }) : 'Heard again',
      })
    })
  }
}

function silentText({ lastSeenAt, pollIntervalMs }: StoredDevice, { now, rule }: { now: number; rule: SilenceRule }): string {
  return `Silent: not heard for ${duration(now - (lastSeenAt ?? now))} (${silenceReason(pollIntervalMs, rule)})`
}
