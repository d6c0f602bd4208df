import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { GroupBy, SortBy } from './bench-rows.ts'

/** The views, in the order in which they follow each other. */
export const VIEWS = [
  { value: 'cards', label: t`Cards` },
  { value: 'table', label: t`Table` },
  { value: 'topology', label: t`Topology` },
  { value: 'plots', label: t`Plots` },
] as const
export type View = (typeof VIEWS)[number]['value']

/** How the bench is looked at: the window's own; view, order and groups outlive it. */
interface BenchState {
  view: View
  sort: { by: SortBy; isDown: boolean }
  groupBy: GroupBy
  /** Ids of what is marked to be acted on together. */
  marked: readonly string[]
  /** The device that the arrows move from. */
  current: string | null
  /** Ids of the places of the topology that are folded up. */
  closed: readonly string[]
  setView: (view: View) => void
  /** Sorts by a fact; by the same one again, the other way round. */
  sortBy: (by: SortBy) => void
  setGroupBy: (groupBy: GroupBy) => void
  toggle: (id: string) => void
  mark: (ids: readonly string[]) => void
  setCurrent: (id: string | null) => void
  fold: (placeId: string) => void
}

export const useBench = create<BenchState>()(
  persist(
    (set) => ({
      view: 'cards',
      sort: { by: 'name', isDown: false },
      groupBy: 'none',
      marked: [],
      current: null,
      closed: [],
      setView: (view) => set({ view }),
      sortBy: (by) => set(({ sort }) => ({ sort: { by, isDown: sort.by === by && !sort.isDown } })),
      setGroupBy: (groupBy) => set({ groupBy }),
      toggle: (id) => set(({ marked }) => ({ marked: switched(marked, id) })),
      mark: (marked) => set({ marked }),
      setCurrent: (current) => set({ current }),
      fold: (placeId) => set(({ closed }) => ({ closed: switched(closed, placeId) })),
    }),
    { name: 'bench', partialize: ({ view, sort, groupBy }) => ({ view, sort, groupBy }) },
  ),
)

const switched = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]
