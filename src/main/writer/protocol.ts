/** What the engine says to the writer, a JSON object a line on its standard input. Nothing else is understood. */
export type Order =
  /** The first one, once. */
  | ({ order: 'open' } & OpenOrder)
  /**
   * CRC-32 of the chunks that all ranges to come are cut into, in order, as an earlier writer told them of the same image and the same ranges:
   * they need not be computed again. Before the first `write`.
   */
  | { order: 'sums'; sums: number[] }
  /** Ranges of the image that have to be on the device, and can be read from the source now: in order, none overlapping. */
  | { order: 'write'; ranges: [start: number, end: number][] }
  /** No ranges will follow, and so long is the image. */
  | { order: 'end'; imageBytes: number }
  /** The image is the one that it should be: the first block may be put in place, which makes the card whole. */
  | { order: 'seal' }
  | { order: 'pause' }
  | { order: 'continue' }

export interface OpenOrder {
  /** The file that the image is read from, at the same positions. It is opened as the user who asked for the writer. */
  source: string
  /** A second file, read in these ranges instead, at the same positions: what makes this card one device's own. In order, none overlapping. */
  overlay: { source: string; ranges: [start: number, end: number][] } | null
  /** null where only reading it to its end tells. */
  imageBytes: number | null
  /** Where on the device the image begins, and how much room there is for it; null: as far as the device goes. */
  startBytes: number
  roomBytes: number | null
  /** What the device was when it was chosen; null where that is not known. */
  deviceBytes: number | null
  diskSequence: string | null
  verify: boolean
  differential: boolean
  /**
   * Where the image is compared with the card before anything is written, with `differential`: GRAIN_BYTES at each of these positions,
   * which can be read from the source now. When more than half of them differ, all of it is written without being compared first.
   */
  samples: number[]
  /** Said on the card as long as it is not whole: one line of text. */
  label: string
  /** For a file that plays a card, and for nothing else. */
  faults: CardFaults | null
}

/** What a virtual card does wrong, in bytes; null: it does not. */
export interface CardFaults {
  writeBytesPerSecond: number | null
  failsAtByte: number | null
  pulledAtByte: number | null
  realBytes: number | null
}

export type Phase = 'writing' | 'verifying' | 'finishing'

/** Why the writer gave up. The engine has the words for people. */
export const FAILURES = [
  /** Orders that make no sense, or are too long. */
  'protocol',
  'not-found',
  'permission',
  'read-only',
  /** The system needs it. */
  'refused',
  /** Mounted, or held by another program. */
  'busy',
  /** Another device than the one that was chosen. */
  'other-device',
  'not-a-device',
  'too-small',
  /** The device has left, or the card its reader. */
  'gone',
  'no-room',
  'io',
  /** Reads back otherwise than it was written, after it was written again. */
  'mismatch',
  /** The source could not be read. */
  'source',
  /** The source changed while it was written, or has other sums than were told. */
  'changed',
  'unforeseen',
] as const

export type FailureKind = (typeof FAILURES)[number]

/** What the writer says, a JSON object a line on its standard output. */
export type Event =
  | { event: 'ready'; deviceBytes: number; isDirect: boolean }
  /** What was found at the samples, before anything is written. */
  | { event: 'sampled'; samples: number; different: number; isDifferential: boolean }
  | {
      event: 'progress'
      phase: Phase
      /** Of the phase, in bytes of the image. `totalBytes` is null while more ranges may come. */
      doneBytes: number
      totalBytes: number | null
      writtenBytes: number
      /** Found on the device already. */
      savedBytes: number
      /** Since the start, summed over everything in flight: for more of the image to come, for the source, for the device. */
      waitedMs: { image: number; source: number; card: number }
    }
  | { event: 'paused' }
  | { event: 'continued' }
  | { event: 'rewrite'; start: number; end: number; times: number }
  /** CRC-32 of the chunks of the image, in order, continued by the next one; once all of them were read back so. Not where those were known. */
  | { event: 'sums'; sums: number[] }
  | { event: 'done'; writtenBytes: number; savedBytes: number; verifiedBytes: number; isReread: boolean }
  | {
      event: 'failed'
      why: FailureKind
      /** The operating system's word, or one of the writer's. */
      detail: string
      /** On the device. */
      at: number | null
      /** What a device that lies about its size was found to keep; null where it was not suspected, or none was found. */
      realBytes: number | null
    }

/** A chunk is read, written and verified as one. */
export const CHUNK_BYTES = 1 << 20

/** Chunks in flight: deeper queues stall cheap readers. */
export const DEPTH = 4

/** What is compared before it is written, with `differential`. */
export const GRAIN_BYTES = 64 * 1024

/** No order and no event has more sums. */
export const MAX_SUMS = 4096

/** No order has more samples. */
export const MAX_SAMPLES = 256

/**
 * Held back until all else is there, so that a half-written card never looks whole: partition tables lie there, and the superblocks by which file
 * systems are known, of which that of btrfs, at 64 KiB, is the last. No more than that: it is written twice.
 */
export const SEAL_BYTES = 128 * 1024

/** How often a place that reads back otherwise is written again. */
export const REWRITES = 3

/** The exit codes of the writer. */
export const EXIT = { done: 0, failed: 1, stopped: 3 } as const
