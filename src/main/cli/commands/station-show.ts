import type { StationLane, StationView, UnitRecord } from '../../contract/station.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { oneLine } from '../text.ts'

interface Showing {
  context: CliContext
  /** Aborts when it is to end. */
  signal: AbortSignal
  /** Ends by itself with the work order. */
  isUntilDone: boolean
  /** What ends the station. */
  key: string
}

/** Says what happens at the station until it is to end: a line, or with --json an object, for each change of a lane. */
export async function showStation(client: EngineClient, { context, signal, isUntilDone, key }: Showing): Promise<void> {
  const { out } = context
  const shown = new Map<string, string>()
  let saidBefore = ''
  try {
    for await (const view of await client.station.view(undefined, { signal })) {
      for (const lane of view.lanes) showLane(lane, shown, context)
      // By its words too: a scanner may be answered twice within a millisecond.
      const said = JSON.stringify(view.said)
      if (view.said && said !== saidBefore) {
        saidBefore = said
        out.event({ event: 'said', ...view.said }, `${view.said.isWrong ? '! ' : ''}${oneLine(view.said.text)}`)
      }
      if (isUntilDone && isDone(view)) break
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
  await end(client, key, context)
}

/** Nothing is left, and none is at work. */
function isDone({ lanes, order }: StationView): boolean {
  return order?.left === 0 && lanes.every(({ word }) => IDLE.has(word))
}

const IDLE: ReadonlySet<string> = new Set(['ORDER DONE', 'REMOVE CARD', 'FAILED'])

function showLane(lane: StationLane, shown: Map<string, string>, { out }: CliContext): void {
  const { slot, word, serial, detail, doneBytes, totalBytes } = lane
  const tenth = totalBytes ? Math.floor((10 * doneBytes) / totalBytes) : 0
  const key = `${word} ${serial} ${detail} ${tenth}`
  if (shown.get(slot) === key) return
  shown.set(slot, key)
  const parts = [`[${slot}]`, word, serial ?? '', tenth > 0 ? `${tenth}0 %` : '', detail === '' ? '' : oneLine(detail)]
  out.event({ event: 'lane', ...lane }, parts.filter((part) => part !== '').join(' '))
}

/** Switches it off, and says what came of it. */
async function end(client: EngineClient, key: string, { out }: CliContext): Promise<void> {
  const { good, failed, order } = await now(client.station.view())
  await client.station.stop({ key })
  const [last]: UnitRecord[] = await now(client.station.records({ limit: 1 }))
  const total = good + failed
  const share = total === 0 ? '' : `, yield ${Math.round((100 * good) / total)} %`
  const progress = order === null ? '' : ` ${order.name}: ${order.good}/${order.total}.`
  const head = last ? ` Last record ${last.sequence}: ${last.hash}` : ''
  out.event(
    { event: 'end', good, failed, order, records: last?.sequence ?? 0, head: last?.hash ?? null },
    `${good} good, ${failed} failed${share}.${progress}${head}`,
  )
}
