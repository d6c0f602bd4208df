// What the page weighs after an hour of a thousand devices: as many polls and deployments, in the minutes that this machine needs for them,
// while the places are gone through. The devices are simulated, in a process of lower priority.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession, Page } from '@playwright/test'
import { processesOf, withAppAndFleet } from '../app-window.ts'
import type { Row } from '../bench.ts'
import { privateBytes, residentBytes } from '../process-memory.ts'
import { type Fleet, answeredByDevices, beginDeployment, isDeploying } from '../fleet.ts'

const command = 'npm run bench hour'
const FLEET = 1000
/** As the recipe for boards has it: a poll a minute, the inventory every five. Each deployment is eight requests of a device more. */
const DEPLOYMENTS = 6
const REQUESTS = FLEET * (60 + 12 + 8 * DEPLOYMENTS)
/** More polls in less time. */
const QUICK_POLL_SECONDS = 0.4
const PAYLOAD_BYTES = 256 << 10
const LOOK_MS = 2000
const TURNS = ['Control+1', 'Control+Shift+V', 'Control+4', 'Control+6', 'Control+5', 'Control+2']

/** Memory of the page before and after, and the most in between. */
export async function benchHour(): Promise<Row[]> {
  const devices = { count: FLEET, payloadBytes: PAYLOAD_BYTES, pollSeconds: QUICK_POLL_SECONDS }
  return withAppAndFleet(devices, async ({ app, page, fleet }) => {
    const session = await page.context().newCDPSession(page)
    const { page: pid } = await processesOf(app)
    const before = await weigh(session, pid)
    const began = performance.now()
    const most = await goThrough(page, fleet, pid)
    const minutes = (performance.now() - began) / 60_000
    return rowsOf({ before, after: await weigh(session, pid), most, minutes })
  })
}

interface Weight {
  heapBytes: number
  ownBytes: number
  residentBytes: number
}

/** After everything that nobody holds is gone. */
async function weigh(session: CDPSession, pid: number): Promise<Weight> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return { heapBytes: usedSize, ownBytes: await privateBytes(pid), residentBytes: await residentBytes(pid) }
}

/** From place to place until as much has happened as in an hour. Answers the most that the page weighed. */
async function goThrough(page: Page, fleet: Fleet, pid: number): Promise<Omit<Weight, 'heapBytes'>> {
  const most = { ownBytes: 0, residentBytes: 0 }
  const already = await answeredByDevices(fleet)
  for (let [turn, ordered, requests] = [0, 0, 0]; requests < REQUESTS || ordered < DEPLOYMENTS || (await isDeploying(fleet)); turn += 1) {
    if (ordered < DEPLOYMENTS && !(await isDeploying(fleet))) {
      await beginDeployment(fleet)
      ordered += 1
    }
    await page.keyboard.press(TURNS[turn % TURNS.length] ?? '')
    await page.mouse.move(600, 450)
    await page.mouse.wheel(0, 2000)
    await sleep(LOOK_MS)
    most.ownBytes = Math.max(most.ownBytes, await privateBytes(pid))
    most.residentBytes = Math.max(most.residentBytes, await residentBytes(pid))
    requests = (await answeredByDevices(fleet)) - already
  }
  return most
}

interface Weighed {
  before: Weight
  after: Weight
  most: Omit<Weight, 'heapBytes'>
  minutes: number
}

function rowsOf({ before, after, most, minutes }: Weighed): Row[] {
  const what = `an hour of ${FLEET.toLocaleString('en')} devices in ${minutes.toFixed(1)} minutes`
  const row = (of: string, bytes: number): Row => ({ what: `${of} ${what}`, ours: bytes / 1e6, unit: 'MB', command })
  return [
    row('JavaScript of the page before', before.heapBytes),
    row('JavaScript of the page after', after.heapBytes),
    row('Memory of the page alone before', before.ownBytes),
    row('Memory of the page alone after', after.ownBytes),
    row('Memory of the page alone, peak of', most.ownBytes),
    row('Memory of the page with what it shares after', after.residentBytes),
    row('Memory of the page with what it shares, peak of', most.residentBytes),
  ]
}
