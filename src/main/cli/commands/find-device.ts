import { AppError } from '../../contract/errors.ts'
import { DEVICE_WINDOW, type Device } from '../../contract/devices.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import type { EngineClient } from '../context.ts'
import { now } from '../live.ts'

/** They come a window at a time. */
export async function allDevices(client: EngineClient, text: string, filter: FilterTerm[] = []): Promise<Device[]> {
  const devices: Device[] = []
  for (;;) {
    const more = await now(client.devices.list({ text, filter, offset: devices.length }))
    devices.push(...more)
    if (more.length < DEVICE_WINDOW) return devices
  }
}

/** The device of that id, name or identity value; NOT_FOUND or BAD_INPUT (several) else. */
export async function findDevice(client: EngineClient, name: string): Promise<Device> {
  const { all } = await now(client.devices.count())
  // The name that is shown may be put together from more than one value: where there are few, all are looked at.
  const devices = await allDevices(client, all > DEVICE_WINDOW ? name : '')
  const fits = (device: Device) => device.id === name || device.name === name || Object.values(device.identity).includes(name)
  const [found, another] = devices.filter(fits)
  if (!found) throw new AppError('NOT_FOUND', `There is no device "${name}"`, 'See otabench devices list.')
  if (another) throw new AppError('BAD_INPUT', `Several devices are called "${name}"`, 'Name it by its id.')
  return found
}
