import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { GroupBy, SortBy } from './bench-rows.ts'

/** How the bench is looked at: the window's own; view, order and groups outlive it. */
interface BenchState {
  view: 'cards' | 'table'
  sort: { by: SortBy; isDown: boolean }
  groupBy: GroupBy
  /** Ids of what is marked to be acted on together. */
  marked: readonly string[]
  /** The device that the arrows move from. */
  current: string | null
  setView: (view: 'cards' | 'table') => void
  /** Sorts by a fact; by the same one again, the other way round. */
  sortBy: (by: SortBy) => void
  setGroupBy: (groupBy: GroupBy) => void
  toggle: (id: string) => void
  mark: (ids: readonly string[]) => void
  setCurrent: (id: string | null) => void
}

export const useBench = create<BenchState>()(
  persist(
    (set) => ({
      view: 'cards',
      sort: { by: 'name', isDown: false },
      groupBy: 'none',
      marked: [],
      current: null,
      setView: (view) => set({ view }),
      sortBy: (by) => set(({ sort }) => ({ sort: { by, isDown: sort.by === by && !sort.isDown } })),
      setGroupBy: (groupBy) => set({ groupBy }),
      toggle: (id) => set(({ marked }) => ({ marked: marked.includes(id) ? marked.filter((each) => each !== id) : [...marked, id] })),
      mark: (marked) => set({ marked }),
      setCurrent: (current) => set({ current }),
    }),
    { name: 'bench', partialize: ({ view, sort, groupBy }) => ({ view, sort, groupBy }) },
  ),
)
