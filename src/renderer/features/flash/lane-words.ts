import { plural, t } from '@lingui/core/macro'
import type { Drive } from '@contract/drives.ts'
import type { FlashView, Lane } from '@contract/flash.ts'
import {
  ArrowDownToLine,
  CircleCheck,
  Clock3,
  FileSearch,
  HardDrive,
  type LucideIcon,
  Pause,
  ScanEye,
  TriangleAlert,
  X,
} from 'lucide-react'
import type { StateLook, Token } from '../../ui/card-states.ts'
import { bytes, percent, span } from '../../ui/format.ts'

const PHASES: Readonly<Record<Lane['phase'], readonly [word: string, icon: LucideIcon]>> = {
  checking: [t`CHECKING THE IMAGE`, FileSearch],
  opening: [t`OPENING`, HardDrive],
  writing: [t`WRITING`, ArrowDownToLine],
  verifying: [t`VERIFYING`, ScanEye],
  finishing: [t`FINISHING`, HardDrive],
}

const ENDS: Readonly<
  Record<Exclude<Lane['state'], 'running'>, readonly [word: string, icon: LucideIcon, token: Token, frame: StateLook['frame']]>
> = {
  waiting: [t`WAITING`, Clock3, 'info', 'solid'],
  paused: [t`PAUSED`, Pause, 'attention', 'dashed'],
  done: [t`DONE`, CircleCheck, 'ok', 'double'],
  failed: [t`FAILED`, X, 'danger', 'double'],
  cancelled: [t`CANCELLED`, X, 'neutral', 'dashed'],
  interrupted: [t`INTERRUPTED`, TriangleAlert, 'attention', 'bar'],
}

/** Word, icon, colour and frame of a lane. `drive`: what is written, where it is still there. */
export function laneLook({ state, phase, target }: Pick<Lane, 'state' | 'phase' | 'target'>, drive: Drive | null): StateLook {
  if (state === 'running') {
    const [word, icon] = PHASES[phase]
    return { word, icon, token: 'progress', frame: 'solid' }
  }
  const [word, icon, token, frame] = ENDS[state]
  const isCard = target.identity !== null && drive !== null && drive.virtual === null && drive.isRemovable
  return { word: state === 'done' && isCard ? t`REMOVE CARD` : word, icon, token, frame }
}

const BOTTLENECKS = { source: t`reading the image`, decompression: t`unpacking the image`, card: t`this card` } as const

/** What bounds a lane, in words; empty where nothing does. */
export function bottleneckWords({ bottleneck, state }: Pick<Lane, 'bottleneck' | 'state'>): string {
  return bottleneck === null || state !== 'running' ? '' : t`bounded by ${BOTTLENECKS[bottleneck]}`
}

/** Milliseconds that the phase will still take; null where that cannot be told. */
export function timeLeft({ state, doneBytes, totalBytes, bytesPerSecond }: Lane): number | null {
  if (state !== 'running' || totalBytes === null || bytesPerSecond <= 0) return null
  return (Math.max(0, totalBytes - doneBytes) / bytesPerSecond) * 1000
}

/** `42.1 MB/s · 0:38 left, then verified`; of one that ended what it did. */
export function laneDetail(lane: Lane, { verify }: Pick<FlashView['request'], 'verify'>): string {
  if (lane.state === 'done') return doneWords(lane, verify)
  if (lane.state !== 'running') return ''
  const left = timeLeft(lane)
  return [
    lane.bytesPerSecond > 0 ? `${bytes(lane.bytesPerSecond)}/s` : '',
    left === null ? '' : lane.phase === 'writing' && verify ? t`${span(left)} left, then verified` : t`${span(left)} left`,
    bottleneckWords(lane),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function doneWords({ startedAt, endedAt, writtenBytes }: Lane, verify: boolean): string {
  const what = verify ? t`written and verified` : t`written, not verified`
  if (startedAt === null || endedAt === null) return t`${what}, ${bytes(writtenBytes)} written`
  return t`${what} in ${span(endedAt - startedAt)}, ${bytes(writtenBytes)} written`
}

/** What is worth knowing besides: what did not have to be written, what was written again. */
export function laneNotes({ savedBytes, sampled, isWrittenSince, rewriteCount, rewrites }: Lane): string[] {
  return [
    ...(sampled === null || sampled.isDifferential
      ? []
      : [
          t`differs in ${Math.round((sampled.different / sampled.count) * 100)} % of the places looked at: written whole, which is quicker`,
        ]),
    ...(savedBytes > 0 ? [t`${bytes(savedBytes)} were there already, and not written`] : []),
    ...(isWrittenSince ? [t`written since, by a later flash`] : []),
    ...(rewriteCount > 0 ? [rewriteWords(rewriteCount, rewrites[0]?.startBytes)] : []),
  ]
}

function rewriteWords(count: number, firstAt: number | undefined): string {
  const what = plural(count, {
    one: '# place read back otherwise and was written again',
    other: '# places read back otherwise and were written again',
  })
  return firstAt === undefined ? t`${what}: this card is wearing out` : t`${what}, the first at byte ${firstAt}: this card is wearing out`
}

/** A lane that goes on, or will. */
export function isOpen({ state }: Pick<Lane, 'state'>): boolean {
  return state === 'waiting' || state === 'running' || state === 'paused'
}

/** One that can be finished. */
export function canFinish({ state, isWrittenSince }: Pick<Lane, 'state' | 'isWrittenSince'>): boolean {
  if (isWrittenSince) return false
  return state === 'failed' || state === 'cancelled' || state === 'interrupted'
}

/** How a flash ended, in a sentence: `2 cards written and verified, 1 failed`. */
export function outcome({ lanes, request }: FlashView): string {
  const done = lanes.filter(({ state }) => state === 'done').length
  const failed = lanes.filter(canFinish).length
  const doneText = request.verify ? t`${done} written and verified` : t`${done} written`
  return [...(done > 0 ? [doneText] : []), ...(failed > 0 ? [t`${failed} not finished`] : [])].join(', ')
}

/** How a lane is told to who does not see it. */
export function laneSentence(name: string, lane: Lane, look: StateLook): string {
  const share = isOpen(lane) && lane.totalBytes ? `, ${percent(lane.doneBytes, lane.totalBytes)} %` : ''
  return `${name}, ${look.word.toLowerCase()}${share}`
}

/** The drive that a lane wrote, as it is plugged in now; null when it is gone. */
export function driveOf(lane: Lane, drives: readonly Drive[]): Drive | null {
  const { identity, path } = lane.target
  const isSame = (drive: Drive): boolean =>
    identity !== null && identity.serial !== '' && drive.identity.serial === identity.serial && drive.sizeBytes === identity.sizeBytes
  return drives.find((drive) => drive.identity.path === path) ?? drives.find(isSame) ?? null
}
