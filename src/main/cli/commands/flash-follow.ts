import { AppError, toAppError } from '../../contract/errors.ts'
import type { FlashView, Lane } from '../../contract/flash.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { until } from '../live.ts'
import { size } from '../text.ts'

interface Following {
  client: EngineClient
  context: CliContext
  /** Lets out the drives that were written. */
  isEjecting: boolean
}

/** Shows a flash until it has ended, cancels it when asked to, and says how it went. Throws what a lane failed with. */
export async function followFlash(id: string, { client, context, isEjecting }: Following): Promise<void> {
  const { out, signal } = context
  const cancel = (): void => void client.flash.cancel({ id })
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  const find = (views: readonly FlashView[]): FlashView | undefined => views.find((view) => view.id === id)
  try {
    const views = await until(
      client.flash.list(),
      (all) => hasEnded(find(all)),
      (all) => {
        const slowest = find(all)?.lanes.toSorted((a, b) => shareOf(a) - shareOf(b))[0]
        if (slowest) out.progress(slowest.doneBytes, slowest.totalBytes ?? 0, WORDS[slowest.phase])
      },
    )
    const view = find(views)
    if (view && isEjecting) await ejectWritten(view, client, out)
    if (view) report(view, context)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** A drive that does not go is said, and is no failure: it is written. */
async function ejectWritten({ lanes }: FlashView, client: EngineClient, out: CliContext['out']): Promise<void> {
  for (const { state, target } of lanes) {
    if (state !== 'done' || target.identity === null) continue
    try {
      const { isPoweredOff } = await client.drives.eject({ identity: target.identity })
      out.note(`${target.path} ${isPoweredOff ? 'is switched off: it can be pulled' : 'can be pulled'}`)
    } catch (thrown) {
      const { message, hint } = toAppError(thrown)
      out.note(`${target.path} was not ejected: ${message}. ${hint}`)
    }
  }
}

const WORDS = { checking: 'checked', opening: 'opened', writing: 'written', verifying: 'verified', finishing: 'finished' } as const

/** How far a lane is, over all its phases. */
function shareOf({ phase, doneBytes, totalBytes }: Lane): number {
  return Object.keys(WORDS).indexOf(phase) + (totalBytes ? doneBytes / totalBytes : 0)
}

const OPEN_STATES = ['waiting', 'running', 'paused']

/** Also the reading of the image, when something was written. */
function hasEnded(view: FlashView | undefined): boolean {
  if (!view) return true
  if (view.lanes.some(({ state }) => OPEN_STATES.includes(state))) return false
  return view.isSummed || view.lanes.every(({ state }) => state !== 'done')
}

function report(view: FlashView, { out }: CliContext): void {
  const lines = view.lanes.map((lane) => `${lane.target.path}: ${laneText(lane, view)}`)
  const map = view.source?.witnesses.find(({ kind }) => kind === 'bmap')
  if (view.sha256 !== null) lines.push(`SHA-256 of ${view.request.source}: ${view.sha256}`)
  else if (map) lines.push(`${view.request.source} is the image of ${map.path}`)
  out.result(view, lines.join('\n'))
  const failed = view.lanes.find(({ failure }) => failure !== null)?.failure
  if (failed) throw new AppError(failed.code, failed.message, failed.hint)
}

function laneText(lane: Lane, { request }: FlashView): string {
  if (lane.state !== 'done') return lane.state
  const seconds = ((lane.endedAt ?? 0) - (lane.startedAt ?? 0)) / 1000
  const saved = lane.savedBytes > 0 ? `, ${size(lane.savedBytes)} were there already` : ''
  const whole = lane.sampled?.isDifferential === false ? `, whole: ${lane.sampled.different} of ${lane.sampled.count} places differed` : ''
  const again = lane.rewriteCount > 0 ? `, ${lane.rewriteCount} places written again` : ''
  const checked = request.verify ? 'written and verified' : 'written, not verified'
  return `${checked} in ${seconds.toFixed(1)} s: ${size(lane.writtenBytes)} written${saved}${whole}${again}`
}
