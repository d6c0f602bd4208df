import type { FlashView } from '@contract/flash.ts'
import { useEffect, useRef } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useFlashes } from '../../app/facts.tsx'
import { plural } from '../../ui/format.ts'
import { Spoken } from '../../ui/spoken.tsx'
import { useFlash } from './flash-state.ts'
import { laneNews } from './lane-news.ts'
import { canFinish, isOpen, outcome, overall } from './lane-words.ts'
import { fileName } from './partition-words.ts'
import { playEnd } from './play-end.ts'

/** What the desktop hears of flashing: progress in the taskbar, that quitting would stop it, and how each one ended; and a screen reader, how lanes go on. */
export function FlashSignals() {
  const views = useFlashes().value
  const { desktop } = useConnection()
  const hasSound = useFlash((state) => state.hasSound)
  const running = useRef(new Set<string>())
  // Whole percent: not more often than can be seen.
  const percent = percentOf(overall(views ?? []))
  const reasons = reasonsIn(views ?? []).join('\n')
  useEffect(() => {
    const work = { fraction: percent === null ? null : percent / 100, reasons: reasons === '' ? [] : reasons.split('\n') }
    // Only a desktop shows this; the page goes on without.
    desktop?.showWork(work).catch(() => undefined)
  }, [percent, reasons, desktop])
  useEffect(() => {
    if (views === null) return
    for (const view of views.filter(({ id }) => running.current.has(id))) {
      if (view.lanes.some(isOpen)) continue
      const isGood = !view.lanes.some(canFinish)
      if (hasSound) playEnd(isGood)
      desktop?.notify({ title: fileName(view.request.source), body: outcome(view) }).catch(() => undefined)
    }
    running.current = new Set(views.filter(({ lanes }) => lanes.some(isOpen)).map(({ id }) => id))
  }, [views, desktop, hasSound])
  return <Spoken value={views} news={laneNews} />
}

function percentOf(share: number | null): number | null {
  return share === null ? null : Math.floor(share * 100)
}

/** What quitting would stop. */
function reasonsIn(views: readonly FlashView[]): string[] {
  return views.flatMap(({ lanes, request }) => {
    const count = lanes.filter(isOpen).length
    return count === 0 ? [] : [`${fileName(request.source)} is being written to ${plural(count, 'drive')}`]
  })
}
