import type { Compatibility } from '@contract/artifacts.ts'

/** Devices of which the same is to be said. */
export interface Verdict extends Pick<Compatibility, 'willInstall' | 'why'> {
  deviceNames: string[]
}

/** One entry for all devices of one verdict: refusals first, then in the order of the devices. */
export function verdictsOf(devices: readonly Compatibility[]): Verdict[] {
  const verdicts = new Map<string, Verdict>()
  for (const { deviceName, willInstall, why } of devices) {
    const key = `${willInstall} ${why}`
    const verdict = verdicts.get(key) ?? { willInstall, why, deviceNames: [] }
    verdict.deviceNames.push(deviceName)
    verdicts.set(key, verdict)
  }
  return [...verdicts.values()].toSorted((one, other) => Number(one.willInstall) - Number(other.willInstall))
}
