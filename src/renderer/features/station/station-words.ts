import { t } from '@lingui/core/macro'
import type { LaneWord, StationLane, StationView } from '@contract/station.ts'
import { CircleCheck, CircleDashed, CircleSlash, CircleX, type LucideIcon, RefreshCw } from 'lucide-react'

/** How a lane looks from afar: a colour and a shape, both beside its word. */
export interface LaneLook {
  tone: 'idle' | 'work' | 'good' | 'bad' | 'wait'
  icon: LucideIcon
}

const LOOKS: Readonly<Record<LaneWord, LaneLook>> = {
  'NO ORDER': { tone: 'idle', icon: CircleSlash },
  'ORDER DONE': { tone: 'idle', icon: CircleCheck },
  'INSERT CARD': { tone: 'idle', icon: CircleDashed },
  CHECKING: { tone: 'work', icon: RefreshCw },
  IDENTITY: { tone: 'work', icon: RefreshCw },
  WRITING: { tone: 'work', icon: RefreshCw },
  VERIFYING: { tone: 'work', icon: RefreshCw },
  PREAUTHORIZE: { tone: 'work', icon: RefreshCw },
  LABEL: { tone: 'work', icon: RefreshCw },
  FINISHING: { tone: 'work', icon: RefreshCw },
  'REMOVE CARD': { tone: 'wait', icon: CircleSlash },
  FAILED: { tone: 'bad', icon: CircleX },
}

export function lookOf({ word, isGood }: StationLane): LaneLook {
  return isGood ? { tone: 'good', icon: CircleCheck } : LOOKS[word]
}

export function percentOf({ doneBytes, totalBytes }: StationLane): number | null {
  return totalBytes === null || totalBytes === 0 ? null : Math.min(100, Math.floor((100 * doneBytes) / totalBytes))
}

export type UnitCounts = Pick<StationView, 'good' | 'failed'>

/** Whether the units that have ended since are good; null where none has, or where it was not seen how many there were before. */
export function endedGood(before: UnitCounts | null, { good, failed }: UnitCounts): boolean | null {
  if (before === null) return null
  if (failed > before.failed) return false
  return good > before.good ? true : null
}

/** `yield 92 %`; empty before the first unit. */
export function yieldOf({ good, failed }: UnitCounts): string {
  return good + failed === 0 ? '' : t`yield ${Math.round((100 * good) / (good + failed))} %`
}

/** What a screen reader hears when lanes change: each new word, and no percent. `said` keeps what it heard last of each slot. */
export function stationNews({ lanes }: StationView, said: Map<string, string>): string[] {
  return lanes.flatMap(({ slot, word, serial, detail }, index) => {
    const news = [t`Reader ${index + 1}`, word.toLowerCase(), serial ?? '', detail].filter((part) => part !== '').join(', ')
    if (said.get(slot) === news) return []
    said.set(slot, news)
    return [news]
  })
}
