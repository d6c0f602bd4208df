import { AppError } from '../contract/errors.ts'
import type { SshLogin } from '../contract/provision.ts'
import { lineSettings } from '../contract/serial.ts'
import type { ConsoleRoad } from './consoles/line.ts'
import type { Host } from './host.ts'
import type { Provisions } from './provision/provisions.ts'
import { openSerialConsole } from './provision/serial/console-line.ts'
import type { OpenPorts } from './provision/serial/open-ports.ts'
import { placeOf } from './provision/ssh/connect.ts'

interface Roads {
  host: Host
  ports: OpenPorts
  provisions: Provisions
}

/** A serial port, as a console that comes back when it is plugged in again. */
export function serialRoad({ host, ports }: Pick<Roads, 'host' | 'ports'>, path: string): ConsoleRoad {
  return {
    ...{ kind: 'serial', place: path, isSingle: true },
    open: (settings) => openSerialConsole(ports, path, settings ?? lineSettings.parse({})),
    isBack: async () => (await host.files.stat(path)) !== null,
  }
}

/** A shell over SSH. It is opened once: what was typed to log in is kept nowhere. */
export function sshRoad(
  { provisions }: Pick<Roads, 'provisions'>,
  hops: readonly SshLogin[],
  size: { columns: number; rows: number },
): ConsoleRoad {
  const board = hops.at(-1)
  if (!board) throw new AppError('BAD_INPUT', 'No board was named', 'Write a host and a user.')
  return {
    ...{ kind: 'ssh', place: `${board.user}@${placeOf(board)}`, isSingle: false },
    open: () => provisions.sshConsole(hops, size),
    isBack: null,
  }
}
