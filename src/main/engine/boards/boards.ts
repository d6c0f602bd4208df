import { AppError, toAppError } from '../../contract/errors.ts'
import type { BoardPower } from '../../contract/boards.ts'
import type { ImageFacts } from '../../contract/images.ts'
import type { Host } from '../host.ts'
import { isBadImage } from '../image/image-bytes.ts'
import { Changes } from '../lib/changes.ts'
import { nearestFree } from '../lib/free-port.ts'
import type { BoardTable, StoredBoard } from '../store/boards.ts'
import { BoardMachine } from './board-machine.ts'
import { readCard } from './card-facts.ts'
import type { Note } from './evidence.ts'
import { removePassing } from './packages.ts'
import { canHavePty, offerPty } from './pty.ts'
import type { Hardware } from './qemu-arguments.ts'
import { type Takes, requireMemory, requireRoom, takesOf } from './room.ts'
import { type ServerAddress, isReachedBy, relayTo } from './server-relay.ts'

export interface BoardsOptions {
  host: Host
  /** Absolute: a folder for each board. */
  folder: string
  table: BoardTable
  /** Where the server of this bench listens; null while it does not. */
  server(): ServerAddress | null
  /** Something for the timeline of the device with this MAC. */
  onNote(mac: string, note: Note & { at: number }): void
  onDefect(error: AppError): void
}

/** A board as it is open here. */
export interface OpenBoard {
  record: StoredBoard
  /** All that it has on disk. */
  folder: string
  machine: BoardMachine
  /** What was on its card when somebody looked last; null before, and where it is damaged. */
  card: ImageFacts | null
  hasTerminal: boolean
  /** What it took of this machine when somebody looked last. */
  takes: Takes
}

/** How often the card of a board that is switched on is looked at. */
const LOOK_MS = 2000

/** Where in the folder of a board its card lies. */
export const cardPathIn = (folder: string): string => `${folder}/card.img`
/** And the boot loader that its machine starts. */
export const ubootPathIn = (folder: string): string => `${folder}/u-boot.bin`

/** Beside the boards, whose names have no dot: packages, and what is made of them once for all boards. */
export const packagesIn = (folder: string): string => `${folder}/.packages`
/** And updates while they are made, a folder for each. */
export const updatesIn = (folder: string): string => `${folder}/.updates`

const FIRST_SSH_PORT = 2201

/** The virtual boards of a bench: each a folder, a row, and a machine that can be switched on. */
export class Boards {
  readonly changes = new Changes()
  readonly #options: BoardsOptions
  readonly #open = new Map<string, OpenBoard>()
  /** By name, what goes on beside a board that is on. */
  readonly #following = new Map<string, Promise<void>>()
  readonly #relays = new Map<number, AsyncDisposable>()
  readonly #closing = new AbortController()

  constructor(options: BoardsOptions) {
    this.#options = options
  }

  list(): readonly OpenBoard[] {
    return [...this.#open.values()]
  }

  /** NOT_FOUND. */
  get(name: string): OpenBoard {
    const found = this.#open.get(name)
    if (found) return found
    throw new AppError('NOT_FOUND', `There is no virtual board ${name}`, 'See otabench board list.')
  }

  /** The board with this MAC; null when none has it. */
  byMac(mac: unknown): OpenBoard | null {
    return this.list().find(({ record }) => record.mac === mac) ?? null
  }

  /** CONFLICT for a name that is taken. */
  requireFree(name: string): void {
    if (this.#options.table.get(name))
      throw new AppError('CONFLICT', `There is a virtual board ${name} already`, 'Take another name, or remove that one.')
  }

  /** Takes up a board whose card lies in its folder. */
  async add(made: Omit<StoredBoard, 'isOn' | 'sshPort'>): Promise<void> {
    const taken = this.#options.table.list().map(({ sshPort }) => sshPort)
    const { port: sshPort } = await nearestFree({ host: '127.0.0.1', port: Math.max(FIRST_SSH_PORT - 1, ...taken) + 1 })
    const record = { ...made, sshPort }
    this.#options.table.add(record)
    await this.#take({ ...record, isOn: false })
  }

  /** Opens the boards of the last time; they are off. Of one whose card is not there, as after restoring a backup, nothing is left. */
  async open(): Promise<void> {
    const { host, table, folder } = this.#options
    for (const record of table.list()) {
      if (await host.files.stat(cardPathIn(`${folder}/${record.name}`))) await this.#take(record)
      else table.remove(record.name)
    }
    await this.#removeLeft()
  }

  /** Switches on those that were on when the engine ended. */
  async restore(): Promise<void> {
    for (const board of this.list()) {
      if (!board.record.isOn) continue
      await this.#switchOn(board).catch((thrown: unknown) => this.#options.onDefect(toAppError(thrown)))
    }
  }

  async power(name: string, action: BoardPower): Promise<void> {
    const board = this.get(name)
    if (action === 'on') return this.#switchOn(board)
    if (action === 'reset') return this.#reset(board)
    this.#setOn(board, false)
    if (action === 'off') await board.machine.powerOff()
    else await board.machine.cut()
    await this.#look(board)
  }

  /** Gone for good, with all that it had on disk. */
  async remove(name: string): Promise<void> {
    const { machine, folder } = this.get(name)
    // First, so that nobody switches it on meanwhile.
    this.#open.delete(name)
    await machine.close()
    await this.#following.get(name)
    this.#following.delete(name)
    // Nobody takes its name, and with it the folder, before the machine has left that.
    this.#options.table.remove(name)
    await this.#options.host.files.remove(folder)
    this.changes.bump()
  }

  /** The program ends: all boards with it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.list().map(({ machine }) => machine.close()))
    await Promise.all(this.#following.values())
    for (const relay of this.#relays.values()) await relay[Symbol.asyncDispose]()
  }

  /** What an engine that was killed has left: nobody else works in this folder. */
  async #removeLeft(): Promise<void> {
    const { host, folder } = this.#options
    const { files } = host
    if (!(await files.stat(folder))) return
    await files.remove(updatesIn(folder))
    await removePassing(files, packagesIn(folder))
    for (const name of await files.list(folder)) {
      const path = `${folder}/${name}`
      if (!name.startsWith('.') && !this.#open.has(name) && (await files.statName(path))?.kind === 'folder') await files.remove(path)
    }
  }

  async #take(record: StoredBoard): Promise<void> {
    const { host, onNote } = this.#options
    const { name, mac, silenceMs } = record
    const folder = `${this.#options.folder}/${name}`
    const machine = await BoardMachine.open({
      ...{ host, folder, silenceMs },
      hardware: () => this.#hardwareOf(name),
      trial: async () => (await readCard(host.files, cardPathIn(folder))).boot,
      onNote: (note) => onNote(mac, note),
    })
    const board: OpenBoard = { record, folder, machine, card: null, hasTerminal: false, takes: { memoryBytes: null, diskBytes: 0 } }
    this.#open.set(name, board)
    this.#forward(machine)
    await this.#look(board)
  }

  /** A change of a board is a change of the bench. */
  #forward(machine: BoardMachine): void {
    machine.changes.onNext(() => {
      this.#forward(machine)
      this.changes.bump()
    })
  }

  async #switchOn(board: OpenBoard): Promise<void> {
    const { record, machine } = board
    if (machine.isOn) return
    if (!this.#options.server())
      throw new AppError('CONFLICT', 'The server does not run', 'Boards live with it: otabench serve, then this command with --server.')
    await this.#reachServer(record)
    await this.#following.get(record.name)
    if (machine.isOn || this.#isGone(board)) return
    await machine.powerOn()
    if (this.#isGone(board)) return
    const { life } = machine
    this.#setOn(board, life !== null)
    if (life === null) return
    const following = this.#follow(board, life).catch((thrown: unknown) => this.#options.onDefect(toAppError(thrown)))
    this.#following.set(record.name, following)
  }

  async #reset(board: OpenBoard): Promise<void> {
    if (board.machine.isOn) board.machine.reset()
    else await this.#switchOn(board)
  }

  /** As long as this life lasts: its card is looked at, and it has a pseudo terminal. */
  async #follow(board: OpenBoard, life: AbortSignal): Promise<void> {
    const { host } = this.#options
    const { machine, folder } = board
    const off = new AbortController()
    const ending = AbortSignal.any([life, this.#closing.signal, off.signal])
    board.hasTerminal = await canHavePty({ host, folder })
    const { console } = machine
    const offered = board.hasTerminal ? offerPty({ host, folder, console, type: (bytes) => machine.type(bytes) }, ending) : null
    const terminal = offered?.catch((thrown: unknown) => {
      board.hasTerminal = false
      this.changes.bump()
      this.#options.onDefect(toAppError(thrown))
    })
    try {
      while (!ending.aborted) {
        await this.#look(board)
        await host.clock.sleep(LOOK_MS, ending).catch(() => undefined)
      }
      // It may have switched itself off, or not have come up: it does not come back by itself then.
      if (machine.life === null && !this.#isGone(board)) this.#setOn(board, false)
    } finally {
      off.abort()
      board.hasTerminal = false
      await terminal
      this.changes.bump()
    }
  }

  /** Whether this bench ends, or the board was removed. */
  #isGone(board: OpenBoard): boolean {
    return this.#closing.signal.aborted || this.#open.get(board.record.name) !== board
  }

  async #look(board: OpenBoard): Promise<void> {
    const before = JSON.stringify([board.card, board.takes])
    // A system may damage its own card: the board is there all the same.
    board.card = await readCard(this.#options.host.files, cardPathIn(board.folder)).catch((thrown: unknown) => {
      if (isBadImage(thrown)) return null
      throw thrown
    })
    if (board.card?.boot) board.machine.seeBoot(board.card.boot)
    board.takes = await takesOf(this.#options.host.files, board.folder, board.machine.processId)
    if (JSON.stringify([board.card, board.takes]) !== before) this.changes.bump()
  }

  #setOn(board: OpenBoard, isOn: boolean): void {
    board.record = { ...board.record, isOn }
    this.#options.table.setOn(board.record.name, isOn)
  }

  /** The card says where the server is; where it has moved since, a relay leads there. */
  async #reachServer({ serverUrl }: StoredBoard): Promise<void> {
    const { server } = this.#options
    const address = server()
    if (serverUrl === null || !address) return
    const port = Number(new URL(serverUrl).port)
    if (isReachedBy(port, address) || this.#relays.has(port)) return
    this.#relays.set(port, await relayTo(port, server))
  }

  async #hardwareOf(name: string): Promise<Hardware> {
    const { host } = this.#options
    const board = this.get(name)
    requireMemory(host, name, board.record.memoryMiB)
    await requireRoom(host, cardPathIn(board.folder), name)
    const { port } = await nearestFree({ host: '127.0.0.1', port: board.record.sshPort })
    if (port !== board.record.sshPort) {
      board.record = { ...board.record, sshPort: port }
      this.#options.table.setSshPort(name, port)
    }
    const { memoryMiB, mac, sshPort } = board.record
    return { memoryMiB, mac, sshPort, cardPath: cardPathIn(board.folder), ubootPath: ubootPathIn(board.folder) }
  }
}
