import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import type { LineSettings, SerialPortFacts } from '@contract/serial.ts'

/** `ttyUSB0` of `/dev/ttyUSB0`. */
export const shortPlace = (place: string): string => (place.startsWith('/') ? place.slice(place.lastIndexOf('/') + 1) : place)

/** `115200 8N1`. */
export function lineText({ baudRate, dataBits, parity, stopBits }: LineSettings): string {
  return `${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`
}

/** What a port is, in one line. */
export function portText({ usb, driver, heldBy }: SerialPortFacts): string {
  const adapter = usb === null ? t`built in` : [usb.manufacturer, usb.product].filter((text) => text !== '').join(' ') || driver
  const facts = [adapter, usb?.serialNumber ?? '', usb === null ? '' : `USB ${usb.place}`]
  return [...facts, heldBy.length === 0 ? '' : t`open in ${heldBy.join(', ')}`].filter((text) => text !== '').join(' · ')
}

/** What stands beside the name of a console. */
export function stateText({ state, kind, settings, why }: BoardConsole): string {
  if (state === 'away' && kind === 'board') return t`Off: it goes on when the board is switched on`
  if (state === 'away') {
    const text = t`Unplugged: it goes on when it is back`
    return why?.code === 'PORT_IN_USE' || why?.code === 'PERMISSION' ? `${text}. ${why.message}` : text
  }
  if (state === 'ended') return why === null ? t`The shell has ended.` : `${why.message}. ${why.hint}`
  return kind === 'serial' && settings !== null ? lineText(settings) : ''
}
