import type { Device } from '../../contract/devices.ts'
import type { OpenBoard } from '../boards/boards.ts'
import type { BoardObservation } from '../device/bench.ts'
import { type BoardSources, deviceOfBoard, mismatchOf, onCard } from './board-view.ts'

/** What somebody on this machine sees of a device, from outside its client. */
export interface Observation extends Pick<Device, 'slots' | 'boot' | 'virtual' | 'board'> {
  source: 'virtual' | 'serial'
  at: number
  isPowered: boolean
  consoleLines: readonly string[]
  /** null where its client does not say. */
  nextPollAt: number | null
  /** In what the client's word and the evidence disagree. */
  mismatch: string | null
}

/** The virtual bench looks into its simulated devices. */
export function ofSimulated({ id, profile, slots, boot, at, isPowered, consoleLines, nextPollAt }: BoardObservation): Observation {
  const virtual = { boardId: id, profile }
  return { slots, boot, at, isPowered, consoleLines, nextPollAt, virtual, source: 'virtual', board: null, mismatch: null }
}

/** A virtual board is watched on its serial console, and its card is read. */
export function ofBoard(board: OpenBoard, sources: Pick<BoardSources, 'store'>): Observation {
  const { record, machine } = board
  const device = deviceOfBoard(board, sources)
  const { lastHeardAt, lines } = machine.console
  return {
    ...onCard(board, device && sources.store.deviceDeployments.latest(device.number)),
    ...{ source: 'serial', at: lastHeardAt, isPowered: machine.isOn, nextPollAt: null, virtual: null, board: record.name },
    consoleLines: lines.slice(-2).map(({ text }) => text),
    mismatch: mismatchOf(board, sources),
  }
}
