import type { Drive } from '../../../contract/drives.ts'
import type { FlashTarget } from '../../../contract/flash.ts'
import type { Seed } from '../../../contract/seed.ts'
import type { Host } from '../../host.ts'
import type { Range } from '../../image/ranges.ts'
import type { Changes } from '../../lib/changes.ts'
import type { RunJob } from '../run.ts'
import type { UnitCardWork, UnitServer } from '../unit/make-unit.ts'

export interface JobRequest {
  kind: string
  title: string
  steps: readonly string[]
  locks: readonly string[]
}

/** An image that cards are made of. */
export interface StationImage {
  /** Raw. */
  path: string
  sha256: string
  /** Of the file that was named: the same, where that is raw. */
  storedSha256: string
}

/** What the station needs of the rest of the bench. */
export interface StationParts {
  host: Host
  /** Of the ledger; what is kept while cards are written lies in `station/` of it. */
  folder: string
  startJob<T>(request: JobRequest, work: (job: RunJob) => Promise<T>): { id: string; result: Promise<T> }
  drives: { changes: Changes; watch(): Disposable; list(options: { hasLoops: boolean }): Promise<Drive[]> }
  /** The private half of a key of the key ring, by its name. */
  privateKey(name: string): Promise<string>
  /** Reads, and where it is packed unpacks, an image file. */
  openImage(path: string, signal: AbortSignal): Promise<StationImage>
  /** Writes what a seed changes in an image to a file of its own. `folder`: where paths of the seed start. */
  seedBeside(image: string, overlay: string, seed: Seed, context: { folder: string; signal: AbortSignal }): Promise<Range[]>
  write(card: UnitCardWork & { image: string; sha256: string; target: FlashTarget; spoolPath: string }): Promise<void>
  /** This bench's own devices. */
  bench: UnitServer
  serverAt(url: string, token: string): UnitServer
  newId(): string
  onDefect(thrown: unknown): void
}
