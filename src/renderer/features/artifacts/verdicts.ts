import type { Compatibility } from '@contract/artifacts.ts'

/** Devices of which the same is to be said. */
export interface Verdict extends Pick<Compatibility, 'willInstall' | 'why'> {
  deviceNames: string[]
}

const byName = new Intl.Collator('en', { numeric: true })

/** One entry for all devices of one verdict, refusals first; the devices in the order of their names. */
export function verdictsOf(devices: readonly Compatibility[]): Verdict[] {
  const verdicts = new Map<string, Verdict>()
  for (const { deviceName, willInstall, why } of devices.toSorted((one, other) => byName.compare(one.deviceName, other.deviceName))) {
    const key = `${willInstall} ${why}`
    const verdict = verdicts.get(key) ?? { willInstall, why, deviceNames: [] }
    verdict.deviceNames.push(deviceName)
    verdicts.set(key, verdict)
  }
  return [...verdicts.values()].toSorted((one, other) => Number(one.willInstall) - Number(other.willInstall))
}
