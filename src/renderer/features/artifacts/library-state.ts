import { create } from 'zustand'
import type { SortBy } from './library-rows.ts'

/** How the library is looked at: the window's own, and kept while another place is open. */
interface LibraryState {
  tab: 'library' | 'keys'
  query: string
  sort: { by: SortBy; isDown: boolean }
  /** Ids of what is marked to be acted on together, in the order of marking. */
  marked: readonly string[]
  showTab: (tab: 'library' | 'keys') => void
  /** Goes to what a key signed. */
  showSignedBy: (keyName: string) => void
  setQuery: (query: string) => void
  /** Sorts by a column; by the same one again, the other way round. */
  sortBy: (by: SortBy) => void
  toggle: (id: string) => void
  mark: (ids: readonly string[]) => void
}

export const useLibrary = create<LibraryState>((set) => ({
  tab: 'library',
  query: '',
  sort: { by: 'addedAt', isDown: true },
  marked: [],
  showTab: (tab) => set({ tab }),
  showSignedBy: (keyName) => set({ tab: 'library', query: keyName }),
  setQuery: (query) => set({ query }),
  sortBy: (by) =>
    set(({ sort }) => ({ sort: sort.by === by ? { by, isDown: !sort.isDown } : { by, isDown: by !== 'name' && by !== 'payloadType' } })),
  toggle: (id) => set(({ marked }) => ({ marked: marked.includes(id) ? marked.filter((each) => each !== id) : [...marked, id] })),
  mark: (marked) => set({ marked }),
}))
