import { z } from 'zod'
import { benchFilter, benchQuery, parseBenchQuery } from './bench-filter.ts'
import { place } from './desktop.ts'
import { id } from './operations.ts'

/** Where a link leads. It only ever leads somewhere: no link does anything. */
export const link = z.discriminatedUnion('kind', [
  /** The bench with a filter, or a place as it is. */
  z.object({ kind: z.literal('place'), id: place, filter: benchFilter.optional() }),
  z.object({ kind: z.enum(['device', 'artifact', 'deployment', 'job']), id }),
])
export type Link = z.infer<typeof link>

/** `otabench://device/ID` and its like, `otabench://place/bench?state=failed`; null for anything else. */
export function parseLink(text: string): Link | null {
  const [, kind, encoded, query] = /^otabench:\/\/([a-z]{1,20})\/([^/?#]{1,600})\/?(?:\?([^#]{1,4000}))?$/.exec(text) ?? []
  if (kind === undefined || encoded === undefined) return null
  try {
    const id = decodeURIComponent(encoded)
    if (query === undefined) return link.safeParse({ kind, id }).data ?? null
    const filter = kind === 'place' && id === 'bench' ? parseBenchQuery(query) : null
    return filter === null ? null : { kind: 'place', id: 'bench', filter }
  } catch {
    // A percent sign that encodes nothing.
    return null
  }
}

export function linkText(to: Link): string {
  const query = to.kind === 'place' && to.filter !== undefined ? benchQuery(to.filter) : ''
  return `otabench://${to.kind}/${encodeURIComponent(to.id)}${query === '' ? '' : `?${query}`}`
}
