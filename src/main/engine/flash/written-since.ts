import { isDeepStrictEqual } from 'node:util'
import type { FlashView, Lane } from '../../contract/flash.ts'
import { isOpen } from './lane-view.ts'

/** The views as they are told to others: copies, each lane with whether its target was written since. */
export function toldViews(views: readonly FlashView[]): FlashView[] {
  return views.map((view) => ({
    ...view,
    lanes: view.lanes.map((lane) => ({ ...lane, isWrittenSince: isWrittenSince(views, view, lane) })),
  }))
}

/** Whether a later flash has written all of what this lane was to write, to the same target: to finish this one would undo that. */
export function isWrittenSince(views: readonly FlashView[], { request, startedAt }: FlashView, lane: Lane): boolean {
  if (lane.state === 'done' || isOpen(lane)) return false
  const { target } = lane
  const begunAt = lane.startedAt ?? startedAt
  return views.some(
    (later) =>
      [null, request.partition ?? null].includes(later.request.partition ?? null) &&
      later.lanes.some(
        (other) =>
          other.state === 'done' &&
          (other.startedAt ?? 0) > begunAt &&
          isDeepStrictEqual([other.target.path, other.target.identity], [target.path, target.identity]),
      ),
  )
}
