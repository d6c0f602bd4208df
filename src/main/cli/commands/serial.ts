import { Command } from 'commander'
import { listSerialPorts } from '../../engine/provision/serial/ports.ts'
import type { CliContext } from '../context.ts'
import { table } from '../text.ts'

/** `otabench serial`: the serial ports of this machine. */
export function serialCommand(context: CliContext): Command {
  const command = new Command('serial').description('Serial ports, and the consoles of boards behind them.')
  command
    .command('list')
    .description('every serial port, with its USB adapter and who has it open')
    .action(() => list(context))
  return command
}

async function list({ host, out }: CliContext): Promise<void> {
  const ports = await listSerialPorts(host.files, host.machine.platform)
  const rows = ports.map(({ path, driver, usb, heldBy }) => [
    path,
    usb === null ? driver || '-' : [usb.manufacturer, usb.product].filter((text) => text !== '').join(' ') || driver,
    usb === null ? '-' : `${usb.vendorId}:${usb.productId}`,
    usb?.serialNumber || '-',
    usb?.place || '-',
    heldBy.join(', ') || '-',
  ])
  const empty = 'No serial port is there. Plug an adapter in.'
  out.result(ports, rows.length === 0 ? empty : table(['port', 'adapter', 'usb', 'serial', 'socket', 'open in'], rows))
}
