import type { ValueColumn } from '../fleet/value-column.ts'
import type { DeviceColumns } from './device-columns.ts'

/** Devices that are the same in what was asked for. */
export interface DeviceProfile {
  deviceCount: number
  /** Numbers of those that came first. */
  first: number[]
}

type Column = Pick<ValueColumn, 'ordinalOf' | 'size'>

const FIRST = 100

/** The devices by what they have in all of the columns together. */
export function profilesOf(devices: Uint32Array, columns: readonly Column[]): DeviceProfile[] {
  const profileOf = new Uint32Array(devices.length)
  for (const column of columns) {
    const profiles = new Map<number, number>()
    for (let index = 0; index < devices.length; index += 1) {
      const key = (profileOf[index] ?? 0) * (column.size + 1) + column.ordinalOf(devices[index] ?? 0)
      const known = profiles.get(key)
      profileOf[index] = known ?? profiles.size
      if (known === undefined) profiles.set(key, profiles.size)
    }
  }
  const profiles: DeviceProfile[] = []
  for (const [index, device] of devices.entries()) {
    const profile = (profiles[profileOf[index] ?? 0] ??= { deviceCount: 0, first: [] })
    profile.deviceCount += 1
    if (profile.first.length < FIRST) profile.first.push(device)
  }
  return profiles
}

/** Which of the devices have any attribute of a scope. */
export function havingScope(columns: DeviceColumns, scope: string, devices: Uint32Array): Column {
  const has = new Uint8Array((devices.at(-1) ?? 0) + 1)
  let missing = devices.length
  for (const column of columns.ofScope(scope)) {
    for (const device of devices) {
      if (has[device] === 1 || column.ordinalOf(device) === 0) continue
      has[device] = 1
      missing -= 1
    }
    if (missing === 0) break
  }
  return { size: 1, ordinalOf: (device) => has[device] ?? 0 }
}
