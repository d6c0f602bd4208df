// Frames and tasks out of what Chromium has traced.
import { z } from 'zod'
import { median, quantile } from './quantiles.ts'

const event = z.object({
  name: z.string(),
  ph: z.string(),
  pid: z.number(),
  tid: z.number(),
  ts: z.number(),
  /** Microseconds that passed, and those of them on a core; the latter without waiting for a core, or for another thread. */
  dur: z.number().optional(),
  tdur: z.number().optional(),
  args: z
    .object({
      name: z.string().optional(),
      chrome_frame_reporter: z.object({ state: z.string().optional(), frame_type: z.string().optional() }).optional(),
    })
    .optional(),
})
type TraceEvent = z.infer<typeof event>

export interface Spread {
  median: number
  p95: number
  most: number
}

export interface Smoothness {
  frames: {
    /** What the main thread did for a frame: its script, style, layout and paint. */
    mainMs: Spread
    /** The same with what it waited for: a core, and the compositor to take the frame over. */
    wholeMs: Spread
    presentedCount: number
    /** Frames for which something new was due and was not shown. */
    droppedCount: number
  }
  /** Of the main thread, whatever they were for. */
  tasks: { ms: Spread; cpuMs: Spread; longCount: number; busyShare: number; cpuShare: number }
}

const MAIN_THREAD = 'CrRendererMain'
const LONG_MS = 50

/** The events of a trace, as `contentTracing` of Electron writes it. */
export function traceOf(text: string): TraceEvent[] {
  return z.object({ traceEvents: z.array(event) }).parse(JSON.parse(text)).traceEvents
}

/** How smooth the one page of a trace was. Times are milliseconds. */
export function smoothnessOf(events: readonly TraceEvent[]): Smoothness {
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args?.name === MAIN_THREAD).map(threadOf))
  const ofMain = events.filter((each) => each.dur !== undefined && mains.has(threadOf(each)))
  const tasks = ofMain.filter(({ name }) => name === 'RunTask')
  const frames = ofMain.filter(({ name }) => name === 'ProxyMain::BeginMainFrame')
  const states = events.filter(({ name, ph }) => name === 'PipelineReporter' && ph === 'b').map(({ args }) => args?.chrome_frame_reporter)
  // A frame whose main part comes late is reported twice: forked off, its first half is no frame of its own.
  const whole = states.filter((each) => each?.frame_type === undefined)
  const counted = (start: string): number => whole.filter((each) => each?.state?.startsWith(start)).length
  // Not Math.max: a trace has more events than a function takes arguments.
  const [first, last] = [quantile(ofMain.map(startOf), 0), quantile(ofMain.map(endOf), 1)]
  const spanMs = (last - first) / 1000
  return {
    frames: {
      mainMs: spreadOf(frames.map(cpuOf)),
      wholeMs: spreadOf(frames.map(wallOf)),
      presentedCount: counted('STATE_PRESENTED'),
      droppedCount: counted('STATE_DROPPED'),
    },
    tasks: {
      ms: spreadOf(tasks.map(wallOf)),
      cpuMs: spreadOf(tasks.map(cpuOf)),
      longCount: tasks.filter((each) => wallOf(each) > LONG_MS).length,
      busyShare: sum(tasks.map(wallOf)) / spanMs,
      cpuShare: sum(tasks.map(cpuOf)) / spanMs,
    },
  }
}

const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`
const startOf = ({ ts }: TraceEvent): number => ts
const endOf = ({ ts, dur = 0 }: TraceEvent): number => ts + dur
const wallOf = ({ dur = 0 }: TraceEvent): number => dur / 1000
const cpuOf = ({ tdur = 0 }: TraceEvent): number => tdur / 1000
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), p95: quantile(values, 0.95), most: quantile(values, 1) }
}
