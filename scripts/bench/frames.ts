// How smoothly the window shows a thousand devices that poll, and that are all updated at once, traced by Chromium itself. The devices are simulated,
// in a process of lower priority: they stand for other machines.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession, Page } from '@playwright/test'
import { type AppAndFleet, processesOf, withAppAndFleet } from '../app-window.ts'
import type { Row } from '../bench.ts'
import { residentBytes } from '../process-memory.ts'
import { beginDeployment, isDeploying } from '../fleet.ts'
import { type Smoothness, smoothnessOf, traceOf } from '../trace-frames.ts'

const command = 'npm run bench frames'
const FLEET = 1000
const POLL_SECONDS = 5
/** More than sockets hold, so slowly that all of them download for as long as the places are looked at. */
const PAYLOAD_BYTES = 8 << 20
const BYTES_PER_SECOND = 32_768
/** What is seen first, of a place that was just opened, is a moment of its own. */
const OPENING_MS = 2000
/** The first device polls, and all of them are answered on the way. */
const BEGIN_MS = 120_000
const CATEGORIES = [
  'toplevel',
  'benchmark',
  'cc',
  'viz',
  'blink',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
]

/** Opens each place in turn; a wheel then goes through what `scrolled` names, down and up again. */
const PLACES: readonly { name: string; scrolled: string; open: (page: Page) => Promise<void> }[] = [
  { name: 'cards', scrolled: '[data-keys=bench]', open: (page) => page.getByText('Cards', { exact: true }).click() },
  { name: 'table', scrolled: '[data-keys=bench]', open: (page) => page.getByText('Table', { exact: true }).click() },
  { name: 'deployment', scrolled: '[data-region=content] section', open: (page) => page.keyboard.press('Control+4') },
  { name: 'activity', scrolled: '[role=listbox]', open: (page) => page.keyboard.press('Control+6') },
]

/** Frames, tasks and memory of the page while everything on the bench changes, place by place. */
export async function benchFrames(): Promise<Row[]> {
  const devices = { count: FLEET, payloadBytes: PAYLOAD_BYTES, pollSeconds: POLL_SECONDS, bytesPerSecond: BYTES_PER_SECOND }
  return withAppAndFleet(devices, lookAround)
}

async function lookAround({ app, page, fleet, folder }: AppAndFleet): Promise<Row[]> {
  const session = await page.context().newCDPSession(page)
  const { page: pid } = await processesOf(app)
  const look = async ({ name, scrolled, open }: (typeof PLACES)[number], what: string): Promise<Row[]> => {
    await open(page)
    await sleep(OPENING_MS)
    const file = join(folder, `${name}.json`)
    await app.evaluate(({ contentTracing }, included_categories) => contentTracing.startRecording({ included_categories }), CATEGORIES)
    await scroll(session, page, scrolled)
    await app.evaluate(({ contentTracing }, path) => contentTracing.stopRecording(path), file)
    return rowsOf(`${FLEET} devices ${what}, ${name}`, smoothnessOf(traceOf(await readFile(file, 'utf8'))))
  }
  const rows: Row[] = []
  for (const place of PLACES.slice(0, 2)) rows.push(...(await look(place, 'that only poll')))
  await beginDeployment(fleet)
  await page.getByText('DOWNLOADING').first().waitFor({ timeout: BEGIN_MS })
  for (const place of PLACES) rows.push(...(await look(place, 'updated')))
  if (!(await isDeploying(fleet))) throw new Error('The deployment was over before all places had been seen')
  rows.push({ what: 'Memory of the page after it', ours: (await residentBytes(pid)) / 1e6, unit: 'MB', command })
  return rows
}

/** A wheel that turns evenly, as Chromium itself makes it: nothing of another process is in its way. */
async function scroll(session: CDPSession, page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`Nothing of ${selector} is to be seen`)
  const at = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + Math.min(box.height, 400) / 2) }
  for (const yDistance of [-4000, 4000])
    await session.send('Input.synthesizeScrollGesture', { ...at, yDistance, speed: 1000, gestureSourceType: 'mouse' })
}

function rowsOf(where: string, { frames, tasks }: Smoothness): Row[] {
  const row = (what: string, ours: number, unit: string): Row => ({ what: `${where}: ${what}`, ours, unit, command })
  return [
    row('frame on the main thread, median', frames.mainMs.median, 'ms of CPU'),
    row('frame on the main thread, 95th percentile', frames.mainMs.p95, 'ms of CPU'),
    row('frame with what it waited for, median', frames.wholeMs.median, 'ms'),
    row('frame with what it waited for, 95th percentile', frames.wholeMs.p95, 'ms'),
    row('longest task', tasks.cpuMs.most, 'ms of CPU'),
    row('longest task with what it waited for', tasks.ms.most, 'ms'),
    row(`tasks over 50 ms with what they waited for`, tasks.longCount, ''),
    row('frames shown', frames.presentedCount, ''),
    row('frames dropped', frames.droppedCount, ''),
    row('main thread', tasks.cpuShare * 100, '% of a core'),
    row('main thread with what it waited for', tasks.busyShare * 100, '%'),
  ]
}
