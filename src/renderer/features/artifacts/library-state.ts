import { create } from 'zustand'
import type { SortBy } from './library-rows.ts'

/** How the library is looked at: the window's own, and kept while another place is open. */
interface LibraryState {
  query: string
  sort: { by: SortBy; isDown: boolean }
  /** Ids of what is marked to be acted on together, in the order of marking. */
  marked: readonly string[]
  setQuery: (query: string) => void
  /** Sorts by a column; by the same one again, the other way round. */
  sortBy: (by: SortBy) => void
  toggle: (id: string) => void
  mark: (ids: readonly string[]) => void
}

export const useLibrary = create<LibraryState>((set) => ({
  query: '',
  sort: { by: 'addedAt', isDown: true },
  marked: [],
  setQuery: (query) => set({ query }),
  sortBy: (by) =>
    set(({ sort }) => ({ sort: sort.by === by ? { by, isDown: !sort.isDown } : { by, isDown: by !== 'name' && by !== 'payloadType' } })),
  toggle: (id) => set(({ marked }) => ({ marked: marked.includes(id) ? marked.filter((each) => each !== id) : [...marked, id] })),
  mark: (marked) => set({ marked }),
}))
