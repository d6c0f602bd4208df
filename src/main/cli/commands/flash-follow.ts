import { AppError, toAppError } from '../../contract/errors.ts'
import type { FlashView, FlashWitness, Lane } from '../../contract/flash.ts'
import type { CliContext, EngineClient } from '../context.ts'
import type { SuspendableKeyboard } from '../suspendable-keyboard.ts'
import { until } from '../live.ts'
import { size, time } from '../text.ts'
import { FlashSteering, isOpen } from './flash-steering.ts'

interface Following {
  client: EngineClient
  context: CliContext
  keyboard: SuspendableKeyboard
  /** Lets out the drives that were written. */
  isEjecting: boolean
}

/** Shows a flash until it has ended, steered by who watches it, and says how it went. Throws what a lane failed with. */
export async function followFlash(id: string, { client, context, keyboard, isEjecting }: Following): Promise<void> {
  const { out } = context
  const view = await show(id, { client, context, keyboard })
  if (!view) return
  if (isEjecting) await ejectWritten(view, client, out)
  report(view, context)
}

/** Answers it as it has ended; undefined when it was forgotten meanwhile. */
async function show(id: string, { client, context, keyboard }: Omit<Following, 'isEjecting'>): Promise<FlashView | undefined> {
  const { out, signal } = context
  using steering = new FlashSteering(id, { client, keyboard, out })
  const cancel = (): void => steering.cancel()
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  const find = (views: readonly FlashView[]): FlashView | undefined => views.find((view) => view.id === id)
  const tell = teller(out)
  try {
    const views = await until(
      client.flash.list(),
      (all) => hasEnded(find(all)),
      (all) => {
        const view = find(all)
        if (!view) return
        tell(view)
        steering.see(view)
        const slowest = view.lanes.toSorted((a, b) => shareOf(a) - shareOf(b))[0]
        if (slowest) out.progress(slowest.doneBytes, slowest.totalBytes ?? 0, steering.word ?? WORDS[slowest.phase])
      },
    )
    return find(views)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Says once what is worth knowing before all is written: of the image, and where it does not pay to write only what differs. */
function teller(out: CliContext['out']): (view: FlashView) => void {
  const told = new Set<string>()
  const once = (key: string, tell: () => void): void => {
    if (told.has(key)) return
    told.add(key)
    tell()
  }
  return ({ request, source, lanes }) => {
    const problem = source?.problem ?? null
    if (problem !== null) once('', () => out.important(`warning: ${request.source}: ${problem}. It is written as it is`))
    for (const { id, sampled, target } of lanes)
      if (sampled?.isDifferential === false)
        once(id, () =>
          out.note(`${target.path}: ${sampled.different} of ${sampled.count} places differ: all of it is written, which is quicker`),
        )
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

/** Also the reading of the image, when something was written. */
function hasEnded(view: FlashView | undefined): boolean {
  if (!view) return true
  if (view.lanes.some(isOpen)) return false
  return view.isSummed || view.lanes.every(({ state }) => state !== 'done')
}

function report(view: FlashView, { out }: CliContext): void {
  const { source } = view.request
  const lines = view.lanes.map((lane) => `${lane.target.path}: ${laneText(lane, view)}`)
  const witnesses = view.source?.witnesses ?? []
  if (view.sha256 !== null) lines.push(`SHA-256 of ${source}: ${view.sha256}`)
  lines.push(...witnesses.flatMap((witness) => (witness.isChecked ? witnessText(witness, source) : [])))
  out.result(view, lines.join('\n'))
  for (const { path } of witnesses.filter(({ kind, isChecked }) => kind === 'signature' && !isChecked))
    out.important(`warning: ${path} was not checked: gpg is missing, has no key for it, or finds no signature in it`)
  const failed = view.lanes.find(({ failure }) => failure !== null)?.failure
  if (failed) throw new AppError(failed.code, failed.message, failed.hint)
}

/** What the image was held against, and when, where an earlier flash did so. */
export function witnessText({ kind, path, heldAt }: FlashWitness, source: string): string {
  if (heldAt !== null) return `${source} is unchanged since it was held against ${path || 'its sum'}, ${time(heldAt)}`
  if (kind === 'given') return `${source} has the SHA-256 that was given`
  if (kind === 'sha256') return `${source} has the SHA-256 that ${path} says`
  if (kind === 'sha512') return `${source} has the SHA-512 that ${path} says`
  return kind === 'bmap' ? `${source} is the image of ${path || 'the block map in it'}` : `${path} is a good signature`
}

function laneText(lane: Lane, { request }: FlashView): string {
  if (lane.state === 'failed') return `failed: ${lane.failure?.message ?? ''}`
  if (lane.state !== 'done') return lane.state
  const seconds = ((lane.endedAt ?? 0) - (lane.startedAt ?? 0)) / 1000
  const saved = lane.savedBytes > 0 ? `, ${size(lane.savedBytes)} were there already` : ''
  const whole = lane.sampled?.isDifferential === false ? `, whole: ${lane.sampled.different} of ${lane.sampled.count} places differed` : ''
  const again = lane.rewriteCount > 0 ? `, ${lane.rewriteCount} places written again` : ''
  const checked = request.verify ? 'written and verified' : 'written, not verified'
  return `${checked} in ${seconds.toFixed(1)} s: ${size(lane.writtenBytes)} written${saved}${whole}${again}`
}
