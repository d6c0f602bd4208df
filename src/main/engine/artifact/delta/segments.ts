import { type Run, UNKNOWN, ZEROS, runsOf } from './match-blocks.ts'

/** A part of a window: to copy, to clear, or to compress. */
export type Segment = ({ kind: 'copy' | 'zero' } & Run) | ({ kind: 'data' } & Omit<Run, 'source'>)

/**
 * Each part of a patch starts programs on the device, so parts that are shorter than this go into the frame beside them, where they
 * cost next to nothing: the frame is made against the blocks they come from.
 */
const SHORT_BYTES = 64 * 1024

/** Cuts a window of the image, no longer than a frame may be, into parts. A run at its edge may go on beyond it and counts as long. */
export function segmentsOf(sources: Int32Array, blockBytes: number): Segment[] {
  const isAtEdge = ({ start, count }: Run): boolean => start === 0 || start + count === sources.length
  const segments: Segment[] = []
  let shorts: Run[] = []
  const flush = (): void => {
    segments.push(...merged(shorts))
    shorts = []
  }
  for (const run of runsOf(sources)) {
    if (run.source !== UNKNOWN && (run.count * blockBytes >= SHORT_BYTES || isAtEdge(run))) {
      flush()
      segments.push(plain(run))
    } else shorts.push(run)
  }
  flush()
  return segments
}

function plain(run: Run): Segment {
  return { kind: run.source === ZEROS ? 'zero' : 'copy', ...run }
}

/** Runs that follow one another as one frame; a single one that needs none stays what it is. */
function merged(runs: readonly Run[]): Segment[] {
  const [first] = runs
  if (!first) return []
  if (runs.length === 1 && first.source !== UNKNOWN) return [plain(first)]
  return [{ kind: 'data', start: first.start, count: runs.reduce((sum, { count }) => sum + count, 0) }]
}
