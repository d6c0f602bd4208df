import type { DevicePolls, FleetPollQuery, FleetPolls, VersionFigures, VersionQuery } from '../../contract/figures.ts'
import { binsOf, expectedInterval, expectedOfMany, kindOf, pollsOf } from '../fleet/poll-figures.ts'
import { versionCounts } from '../fleet/version-counts.ts'
import type { Store } from '../store/open.ts'

interface Sources {
  store: Store
  now(): number
}

const STEPS = 120
/** So many artifacts have a name of their own in a plot; more could not be told apart. */
const NAMED = 7
const LEAST_SPAN_MS = 120_000
/** So many devices are looked at for what the fleet does: some tens of milliseconds. */
const SAMPLE = 2000

/** How many devices ran which artifact over time. */
export function versionFigures({ spanMs, group, deviceType }: VersionQuery, { store, now }: Sources): VersionFigures {
  const { versions } = store
  const toAt = now()
  const firstAt = versions.firstAt()
  const span = Math.max(LEAST_SPAN_MS, spanMs ?? toAt - (firstAt ?? toAt))
  const stepMs = Math.ceil(span / STEPS)
  const fromAt = toAt - STEPS * stepMs
  const deltas = versions.deltas({ fromAt, toAt, stepMs, group, deviceType })
  return {
    ...{ fromAt, stepMs, firstAt, versions: versionCounts(deltas, STEPS, NAMED) },
    ...{ groups: versions.groups(), deviceTypes: versions.deviceTypes() },
  }
}

/** How a device polls; null when it is unknown. */
export function devicePolls(id: string, { store }: Pick<Sources, 'store'>): DevicePolls | null {
  if (!store.devices.get(id)) return null
  const { lastPollAt, pollIntervalMs } = store.lastSeen.get(id)
  const gaps = store.lastSeen.gaps(id)
  const expectedMs = expectedInterval(gaps, pollIntervalMs)
  const polls = pollsOf(gaps, lastPollAt, expectedMs)
  return { polls, expectedMs, bins: binsOf(polls) }
}

/** How all devices poll, or those of a group or type. */
export function fleetPolls({ group, deviceType }: FleetPollQuery, { store, now }: Sources): FleetPolls {
  const { devices, isPart } = store.polls.sample({ group, deviceType, most: SAMPLE })
  const heard = devices
    .filter(({ gaps }) => gaps.length > 0)
    .map(({ gaps, lastSeenAt, pollIntervalMs }) => ({ gaps, lastSeenAt, expectedMs: expectedInterval(gaps, pollIntervalMs) }))
  const isLate = ({ gaps, lastSeenAt, expectedMs }: (typeof heard)[number]): boolean =>
    [gaps.at(-1) ?? 0, now() - (lastSeenAt ?? now())].some((gap) => kindOf(gap, expectedMs) === 'late')
  return {
    bins: binsOf(intervalsOf(heard)),
    expectedMs: expectedOfMany(heard.map(({ expectedMs }) => expectedMs)),
    deviceCount: heard.length,
    lateDeviceCount: heard.filter(isLate).length,
    isPart,
  }
}

function* intervalsOf(devices: readonly { gaps: readonly number[]; expectedMs: number | null }[]) {
  for (const { gaps, expectedMs } of devices) for (const gap of gaps) yield { gapMs: Math.abs(gap), kind: kindOf(gap, expectedMs) }
}
