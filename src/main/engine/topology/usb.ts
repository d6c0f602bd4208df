import type { SystemFiles } from '../lib/system-files.ts'

/** A device on USB. */
export interface UsbDevice {
  /** Bus and sockets down to it: `1-2.4` is socket 4 of what hangs in socket 2 of bus 1. */
  place: string
  name: string
  isHub: boolean
}

const DEVICES = '/sys/bus/usb/devices'
const HUB_CLASS = '09'

/** All that is plugged in, as the kernel tells it; nothing where it does not. */
export async function readUsb(system: SystemFiles): Promise<UsbDevice[]> {
  const names = (await system.names(DEVICES)).filter((name) => /^\d+-[\d.]+$/.test(name))
  return Promise.all(names.map((place) => readDevice(system, place)))
}

async function readDevice(system: SystemFiles, place: string): Promise<UsbDevice> {
  const text = (name: string): Promise<string> => system.text(`${DEVICES}/${place}/${name}`)
  const [manufacturer, product, deviceClass] = await Promise.all([text('manufacturer'), text('product'), text('bDeviceClass')])
  const isTwice = product.toLowerCase().startsWith(manufacturer.toLowerCase())
  const isHub = deviceClass === HUB_CLASS
  const name = isTwice ? product : `${manufacturer} ${product}`.trim()
  return { place, isHub, name: name || (isHub ? 'USB hub' : 'USB device') }
}

/** Where on USB a disk hangs, by the kernel's name of it; null for one that does not. */
export async function usbPlaceOfDisk(system: SystemFiles, kernelName: string): Promise<string | null> {
  const path = await system.linkOf('/sys/block', kernelName)
  return [...path.matchAll(/\/(\d+-[\d.]+):\d+\.\d+(?=\/)/g)].at(-1)?.[1] ?? null
}

/** What a device hangs on: `1-2` of `1-2.4`; null for a socket of the machine itself. */
export function hubOf(place: string): string | null {
  const at = place.lastIndexOf('.')
  return at < 0 ? null : place.slice(0, at)
}

/** `4` of `1-2.4`. */
export const socketOf = (place: string): string => /\d+$/.exec(place)?.[0] ?? ''
