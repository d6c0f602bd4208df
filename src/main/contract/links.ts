import { z } from 'zod'
import { place } from './desktop.ts'
import { id } from './operations.ts'

/** Where a link leads. It only ever leads somewhere: no link does anything. */
export const link = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('place'), id: place }),
  z.object({ kind: z.enum(['device', 'artifact', 'deployment', 'job']), id }),
])
export type Link = z.infer<typeof link>

/** `otabench://device/ID` and its like; null for anything else. */
export function parseLink(text: string): Link | null {
  const [, kind, encoded] = /^otabench:\/\/([a-z]{1,20})\/([^/?#]{1,600})\/?$/.exec(text) ?? []
  if (kind === undefined || encoded === undefined) return null
  try {
    return link.safeParse({ kind, id: decodeURIComponent(encoded) }).data ?? null
  } catch {
    // A percent sign that encodes nothing.
    return null
  }
}

export const linkText = ({ kind, id }: Link): string => `otabench://${kind}/${encodeURIComponent(id)}`
