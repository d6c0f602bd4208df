import type { Board } from './board.ts'
import type { Ledger, SeriesNumber } from './ledger.ts'
import type { ResolvedRecipe } from './resolve.ts'
import type { Undoing } from './undo.ts'

/** The job that a run is. */
export interface RunJob {
  readonly signal: AbortSignal
  step(name: string): void
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
  log(line: string): void
}

/** Makes the server expect a device. */
export interface Preauthorized {
  deviceId: string
  /** False when it knew this identity with this key already. */
  isNew: boolean
  undo(): Promise<void>
}

export type Preauthorize = (device: { identity: Record<string, string>; publicKeyPem: string }) => Promise<Preauthorized>

/** What a run of a recipe came to. */
export interface Outcome {
  board: string
  /** What was done, a line each; empty when all was as it should be. */
  changed: string[]
  unchanged: string[]
  identity: Record<string, string>
  /** Of the device key; null where the recipe says none and the client makes it. */
  keyFingerprint: string | null
  deviceId: string | null
}

/** A run of a recipe on a board. */
export interface Run {
  resolved: ResolvedRecipe
  board: Board
  ledger: Ledger
  preauthorize: Preauthorize | null
  job: RunJob
  undoing: Undoing
  facts: BoardFacts
  outcome: Outcome
  /** What a device is known by on the server; null where nothing of it is to be made. */
  publicKeyPem: string | null
  /** Numbers that are held until all has gone well. */
  numbers: SeriesNumber[]
}

/** What was found on the board. */
export interface BoardFacts {
  system: string
  architecture: string
  /** `3.4.0`; null where there is no client. */
  clientVersion: string | null
  hasApt: boolean
  hasDpkg: boolean
  hasSystemd: boolean
  /** Of the first wired interface; empty where there is none. */
  mac: string
}

/** Notes what a step did, or that there was nothing to do. */
export function note({ outcome, job }: Run, what: string, isChange: boolean): void {
  const list = isChange ? outcome.changed : outcome.unchanged
  list.push(what)
  job.log(isChange ? what : `unchanged: ${what}`)
}
