import { AppError } from '../contract/errors.ts'
import type { SshLogin } from '../contract/provision.ts'
import { lineSettings } from '../contract/serial.ts'
import type { Boards, OpenBoard } from './boards/boards.ts'
import type { ConsoleLine, ConsoleRoad } from './consoles/line.ts'
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
export function boardRoad(boards: Pick<Boards, 'get' | 'list'>, name: string): ConsoleRoad {
  let isFirst = true
  return {
    ...{ kind: 'board', place: name, isSingle: true },
    async open() {
      const { machine } = boards.get(name)
      if (!machine.isOn) throw isOff(name)
      // What was said before is on the screen already when it comes back.
      const before = isFirst ? machine.console.recent : new Uint8Array()
      isFirst = false
      return boardLine(machine, before, isOff(name))
    },
    isBack: async () => boards.list().some(({ record, machine }) => record.name === name && machine.isOn),
  }
}

const isOff = (name: string): AppError => new AppError('CONFLICT', `${name} is off`, 'Switch it on.')

function boardLine(machine: OpenBoard['machine'], before: Uint8Array, lost: AppError): ConsoleLine {
  const { promise, reject } = Promise.withResolvers<void>()
  let stopWaiting = (): void => undefined
  const wait = (): void => {
    if (!machine.isOn) reject(lost)
    else stopWaiting = machine.changes.onNext(wait)
  }
  wait()
  // Whoever has opened it hears of it; between opening and listening nobody does.
  promise.catch(() => undefined)
  return {
    onData(listener) {
      if (before.length > 0) listener(before)
      return machine.console.onBytes(listener)
    },
    write: async (bytes) => machine.type(bytes),
    ended: promise,
    [Symbol.asyncDispose]: async () => stopWaiting(),
  }
}
