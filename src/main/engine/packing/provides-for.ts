import { type Provides, type ProvidesOptions, withDefaults } from '../artifact/provides.ts'
import type { PackedContent } from './content.ts'

/** Provides and clears-provides of a new artifact: the defaults of its kind around what is given. A bootstrap artifact has no defaults. */
export function providesFor(content: PackedContent, given: Omit<ProvidesOptions, 'payloadType'>): Provides {
  const { payloadType, clearsProvides, softwareName } = content
  if (payloadType === null) return { provides: { ...given.provides }, clearsProvides: [...given.clearsProvides] }
  const own = given.hasDefaultClearsProvides ? clearsProvides : undefined
  return withDefaults({
    ...{ payloadType, ...given },
    softwareName: given.softwareName ?? softwareName,
    ...(own && { hasDefaultClearsProvides: false, clearsProvides: [...new Set([...given.clearsProvides, ...own])] }),
  })
}
