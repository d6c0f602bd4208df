import { z } from 'zod'
import { deviceState } from './device-states.ts'

/** By what devices are filtered on the bench, in the order in which it is offered; as it stands in links. */
export const facet = z.enum(['state', 'saved', 'group', 'type', 'software', 'tag'])
export type Facet = z.infer<typeof facet>

/** One condition: `state` failed, `tag` room=lab, `saved` the name of a group that is a filter. */
export const benchChip = z
  .object({ facet, value: z.string().min(1).max(1100) })
  .refine(({ facet: of, value }) => of !== 'state' || deviceState.safeParse(value).success, 'no such state')
export type BenchChip = z.infer<typeof benchChip>

/** Conditions of one facet are alternatives, of tags those of one name; every saved filter has to hold, as have all facets and the text. */
export const benchFilter = z.object({ text: z.string().max(1000), chips: z.array(benchChip).max(50) })
export type BenchFilter = z.infer<typeof benchFilter>

/** `state=failed&type=rpi4&text=lab`; empty for no filter. */
export function benchQuery({ text, chips }: BenchFilter): string {
  const entries = [...chips.map(({ facet: name, value }) => [name, value] as const), ...(text === '' ? [] : [['text', text] as const])]
  return entries.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}

/** null for what is no such query. */
export function parseBenchQuery(query: string): BenchFilter | null {
  const entries = query === '' ? [] : query.split('&').map(decoded)
  const texts = entries.filter(([name]) => name === 'text').map(([, value]) => value)
  const chips = entries.filter(([name]) => name !== 'text').map(([name, value]) => ({ facet: name, value }))
  return texts.length > 1 ? null : (benchFilter.safeParse({ text: texts[0] ?? '', chips }).data ?? null)
}

/** Of a percent sign that encodes nothing there is no value. */
function decoded(entry: string): [name: string, value: string] {
  const at = entry.indexOf('=')
  try {
    return at < 0 ? [entry, ''] : [entry.slice(0, at), decodeURIComponent(entry.slice(at + 1))]
  } catch {
    return [entry.slice(0, at), '']
  }
}
