import { benchQuery, parseBenchQuery } from '@contract/bench-filter.ts'
import { useEffect } from 'react'
import { useWindow } from './window-state.ts'

const START = '#bench?'

/** Keeps the filter of the bench in the address of the page: it outlives a reload, and may be kept as a bookmark. */
export function useFilterInUrl(): void {
  const { filter: text, chips, showFiltered } = useWindow()
  useEffect(() => {
    const { hash } = window.location
    const filter = hash.startsWith(START) ? parseBenchQuery(hash.slice(START.length)) : null
    if (filter !== null) showFiltered(filter)
  }, [showFiltered])
  useEffect(() => {
    const query = benchQuery({ text, chips: [...chips] })
    const { pathname, search, hash } = window.location
    // A token stands there once, for another reader.
    if (hash !== '' && !hash.startsWith(START)) return
    // The first time it runs before what stands in the address has come to be the filter: it is written back then.
    window.history.replaceState(null, '', `${pathname}${search}${query === '' ? '' : `${START}${query}`}`)
  }, [text, chips])
}
