import { AppError } from '../contract/errors.ts'
import { lineSettings } from '../contract/serial.ts'
import { BOARD_PORT, boardPort } from '../contract/boards.ts'
import type { Boards, OpenBoard } from './boards/boards.ts'
import type { Files } from './host.ts'
import { type SerialLine, openSerialLine } from './provision/serial/line.ts'
import type { OpenLine } from './provision/serial/open-ports.ts'

/** Opens the serial ports of this machine by their paths, and those of virtual boards as `board:NAME`. */
export function lineOpener(files: Files, boards: Pick<Boards, 'get'>): OpenLine {
  return async (path, how) => {
    const name = BOARD_PORT.exec(path)?.[1]
    if (name === undefined) return openSerialLine(path, how, files)
    const board = boards.get(name)
    if (board.machine.isOn && ['dark', 'loader'].includes(board.machine.evidence.phase)) throw isStarting(name)
    return openBoardLine(board)
  }
}

/** A key that is pressed there would keep it from starting. */
const isStarting = (name: string): AppError =>
  new AppError('CONFLICT', `${name} is in its boot loader`, 'Wait until it has started, or type boot on its console.')

/** The serial console of a virtual board, as others are: its UART is an emulated one, and takes any rate. CONFLICT while it is off. */
export function openBoardLine({ record: { name }, machine }: Pick<OpenBoard, 'record' | 'machine'>): SerialLine {
  if (!machine.isOn) throw new AppError('CONFLICT', `${name} is off`, 'Switch it on.')
  const { promise: lost, reject } = Promise.withResolvers<never>()
  let stopWaiting = (): void => undefined
  const wait = (): void => {
    if (machine.isOn) stopWaiting = machine.changes.onNext(wait)
    else reject(new AppError('DEVICE_UNREACHABLE', `${name} is off`, 'Switch it on.'))
  }
  wait()
  // Whoever has opened it hears of it; between opening and listening nobody does.
  lost.catch(() => undefined)
  const settings = lineSettings.parse({})
  return {
    ...{ path: boardPort(name), settings, lost },
    onData: (listener) => machine.console.onBytes(listener),
    write: async (bytes) => machine.type(bytes),
    async setBaudRate(baudRate) {
      settings.baudRate = baudRate
    },
    async sendBreak() {
      throw new AppError('TOOL_MISSING', `${name} takes no break`, 'An emulated UART is not held down.')
    },
    [Symbol.asyncDispose]: async () => stopWaiting(),
  }
}
