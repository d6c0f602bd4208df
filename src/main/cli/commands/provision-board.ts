import { BOARD_PORT, type Board } from '../../contract/boards.ts'
import { AppError } from '../../contract/errors.ts'
import type { EngineClient } from '../context.ts'
import { findBoard } from './board-run.ts'

/** Whether a place is that of a virtual board: `board:NAME`. */
export const isVirtual = (place: string): boolean => BOARD_PORT.test(place)

/** The virtual board that a place names. NOT_FOUND; CONFLICT while it is off. */
export async function virtualBoard(client: EngineClient, place: string): Promise<Board> {
  const board = await findBoard(client, BOARD_PORT.exec(place)?.[1] ?? '')
  if (board.isOn) return board
  throw new AppError('CONFLICT', `${board.name} is off`, `Switch it on: otabench board start ${board.name}`)
}

/** The path of its console, when it has started. CONFLICT while a key would keep it from starting; TOOL_MISSING where it has none. */
export function terminalOf(board: Board): string {
  const { name, state } = board
  if (state === 'dark' || state === 'loader')
    throw new AppError('CONFLICT', `${name} is in its boot loader`, `Wait until it has started: otabench board console ${name}`)
  return portOf(board)
}

/** The path of its console. TOOL_MISSING where it has none. */
export function portOf({ name, terminalPath }: Board): string {
  if (terminalPath !== null) return terminalPath
  throw new AppError('TOOL_MISSING', `The console of ${name} is no port for other programs`, 'Install socat, or reach it over SSH.')
}
