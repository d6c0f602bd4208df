import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Store } from '../store/open.ts'

/** 32 random bytes that this database keeps under the name of a setting; made at the first use. */
export function ownSecret(store: Store, name: string): Buffer {
  const kept = store.settings.get(name, z.string())
  if (kept !== null) return Buffer.from(kept, 'base64')
  const made = randomBytes(32)
  store.settings.set(name, made.toString('base64'))
  return made
}
