import { AppError } from '../contract/errors.ts'
import type { SshLogin } from '../contract/provision.ts'
import { lineSettings } from '../contract/serial.ts'
import { openBoardLine } from './board-line.ts'
import type { Boards } from './boards/boards.ts'
import type { ConsoleRoad } from './consoles/line.ts'
import type { Host } from './host.ts'
import type { Provisions } from './provision/provisions.ts'
import { openSerialConsole } from './provision/serial/console-line.ts'
import type { OpenPorts } from './provision/serial/open-ports.ts'
import { placeOf } from './provision/ssh/connect.ts'
import { takesNoInput } from './provision/ssh/journal.ts'

interface Roads {
  host: Host
  ports: OpenPorts
  provisions: Provisions
}

interface BoardRoads {
  boards: Pick<Boards, 'get' | 'list'>
  ports: Pick<OpenPorts, 'refuseShared'>
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
  return {
    ...{ kind: 'ssh', place: placeOfLogin(hops), isSingle: false },
    open: () => provisions.sshConsole(hops, size),
    isBack: null,
  }
}

/** The log of a device's Mender client over SSH. Opened once, as above. */
export function journalRoad({ provisions }: Pick<Roads, 'provisions'>, hops: readonly SshLogin[], lines: number): ConsoleRoad {
  return {
    ...{ kind: 'journal', place: placeOfLogin(hops), isSingle: false },
    async open() {
      const journal = await provisions.sshJournal(hops, lines)
      return {
        onData: (listener) => journal.onLine(({ at, text }) => listener(Buffer.from(`${text}\n`), at)),
        write: () => Promise.reject(takesNoInput(journal.name)),
        ...{ ended: journal.ended, journal },
        [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
      }
    },
    isBack: null,
  }
}

function placeOfLogin(hops: readonly SshLogin[]): string {
  const board = hops.at(-1)
  if (!board) throw new AppError('BAD_INPUT', 'No board was named', 'Write a host and a user.')
  return `${board.user}@${placeOf(board)}`
}

/** The serial console of a virtual board, which comes back when the board is switched on again. */
export function boardRoad({ boards, ports }: BoardRoads, name: string): ConsoleRoad {
  let isFirst = true
  return {
    ...{ kind: 'board', place: name, isSingle: true },
    async open() {
      const board = boards.get(name)
      const line = openBoardLine(board)
      // What was said before is on the screen already when it comes back.
      const before = isFirst ? board.machine.console.recent : new Uint8Array()
      isFirst = false
      return {
        onData(listener) {
          if (before.length > 0) listener(before)
          return line.onData(listener)
        },
        async write(bytes) {
          ports.refuseShared(line.path, 0)
          await line.write(bytes)
        },
        ended: line.lost,
        [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
      }
    },
    isBack: async () => boards.list().some(({ record, machine }) => record.name === name && machine.isOn),
  }
}
