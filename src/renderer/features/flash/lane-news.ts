import type { FlashView } from '@contract/flash.ts'
import { laneLook, laneSentence } from './lane-words.ts'
import { fileName } from './partition-words.ts'

/** How often progress is told to who listens: at each tenth. */
const PARTS = 10

/** What changed since it was `said`: each lane's state, its phase, and each tenth of it. `said` takes note. */
export function laneNews(views: readonly FlashView[], said: Map<string, string>): string[] {
  const news: string[] = []
  for (const lane of views.flatMap(({ lanes }) => lanes)) {
    const tenth = lane.totalBytes ? Math.floor((lane.doneBytes * PARTS) / lane.totalBytes) : 0
    const now = [lane.state, lane.phase, tenth].join(' ')
    const before = said.get(lane.id)
    said.set(lane.id, now)
    if (before !== undefined && before !== now) news.push(laneSentence(fileName(lane.target.path), lane, laneLook(lane, null)))
  }
  return news
}
