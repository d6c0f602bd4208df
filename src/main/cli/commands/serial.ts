import { Command } from 'commander'
import { listSerialPorts } from '../../engine/provision/serial/ports.ts'
import type { CliContext } from '../context.ts'
import { table } from '../text.ts'
import type { ConsoleFlags } from './serial-console.ts'
import type { UBootFlags } from './serial-uboot.ts'

/** `otabench serial`: the serial ports of this machine. */
export function serialCommand(context: CliContext): Command {
  const command = new Command('serial').description('Serial ports, and the consoles of boards behind them.')
  command
    .command('list')
    .description('every serial port, with its USB adapter and who has it open')
    .action(() => list(context))
  command
    .command('console <port>')
    .description('a console in this terminal, with a log: Ctrl+] leaves, Ctrl+\\ sends a break')
    .option('--baud <rate>', 'default: 115200')
    .option('--find-baud', 'look for the rate at which it makes sense')
    .option('--log <file>', 'where all that comes in goes, with times; default: in the data folder')
    .action(async (port: string, flags: ConsoleFlags) => (await import('./serial-console.ts')).serialConsole(port, flags, context))
  command
    .command('uboot <port>')
    .usage('<port or board:NAME> [options]')
    .description("U-Boot's variables of a board that waits at its prompt, or is switched on now")
    .option('--baud <rate>', 'default: 115200')
    .option(
      '--set <name=value>',
      'set a variable; an empty value removes it; again for more',
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .option('--save', 'write them to where the board keeps them')
    .option('--wait <seconds>', 'how long to wait for U-Boot', '60')
    .action(async (port: string, flags: UBootFlags) => (await import('./serial-uboot.ts')).serialUBoot(port, flags, context))
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
