import { expect, it } from 'vitest'
import { smoothnessOf, traceOf } from './trace-frames.ts'

const MAIN = { pid: 7, tid: 1 }
const on = (name: string, [ts, dur, tdur]: readonly [number, number, number], thread = MAIN) => ({
  name,
  ph: 'X',
  ...thread,
  ts,
  dur,
  tdur,
})
const frame = (state: string, frame_type?: string) => ({
  ...{ name: 'PipelineReporter', ph: 'b', pid: 7, tid: 2, ts: 0 },
  args: { chrome_frame_reporter: { state, frame_type } },
})

const TRACE = JSON.stringify({
  traceEvents: [
    { name: 'thread_name', ph: 'M', ...MAIN, ts: 0, args: { name: 'CrRendererMain' } },
    { name: 'thread_name', ph: 'M', pid: 8, tid: 1, ts: 0, args: { name: 'CrBrowserMain' } },
    on('RunTask', [0, 60_000, 20_000]),
    on('ProxyMain::BeginMainFrame', [1000, 59_000, 19_000]),
    on('RunTask', [90_000, 10_000, 10_000]),
    on('ProxyMain::BeginMainFrame', [91_000, 8000, 8000]),
    on('RunTask', [0, 900_000, 900_000], { pid: 8, tid: 1 }),
    ...[frame('STATE_PRESENTED_ALL'), frame('STATE_PRESENTED_PARTIAL'), frame('STATE_PRESENTED_PARTIAL', 'FORKED')],
    ...[frame('STATE_DROPPED'), frame('STATE_DROPPED', 'BACKFILL'), frame('STATE_NO_UPDATE_DESIRED')],
  ],
})

it('frames and tasks are those of the page, with and without what they waited for', () => {
  const { frames, tasks } = smoothnessOf(traceOf(TRACE))
  expect(frames).toEqual({
    mainMs: { median: 19, p95: 19, most: 19 },
    wholeMs: { median: 59, p95: 59, most: 59 },
    presentedCount: 2,
    droppedCount: 1,
  })
  expect(tasks).toEqual({
    ms: { median: 60, p95: 60, most: 60 },
    cpuMs: { median: 20, p95: 20, most: 20 },
    longCount: 1,
    busyShare: 0.7,
    cpuShare: 0.3,
  })
})

it('a trace may be long', () => {
  const thread = { name: 'thread_name', ph: 'M', ...MAIN, ts: 0, args: { name: 'CrRendererMain' } }
  const tasks = Array.from({ length: 300_000 }, (_, at) => on('RunTask', [1000 * at, 500, 500]))
  expect(smoothnessOf([thread, ...tasks]).tasks).toMatchObject({ ms: { most: 0.5 }, busyShare: expect.closeTo(0.5) })
})
