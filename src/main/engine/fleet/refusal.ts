import type { AuthsetStatus } from './authsets.ts'

/** What is known of who was refused. */
export interface RefusedFacts {
  /** Of the key that asked; null when it is not known. */
  keyStatus: AuthsetStatus | null
  /** Whether it was a key that was refused, and not a token. */
  hasKey: boolean
  /** Whether the device has another key that is accepted. */
  hasOther: boolean
}

/** What to do about a refusal, in a sentence or two. */
export function remedyFor({ keyStatus, hasKey, hasOther }: RefusedFacts): string {
  if (!hasKey) return 'Its client asks for a new token by itself; if that is refused too, that is told beside.'
  if (keyStatus === 'accepted') return 'Its key is accepted now: it comes in when it asks next.'
  if (keyStatus === 'rejected') return 'Its key was rejected. Accept it if that was a mistake.'
  if (keyStatus !== null && hasOther)
    return 'The same identity with a new key, as after re-flashing. Accept the new key; the old one is rejected by that.'
  if (keyStatus !== null) return 'Accept it, or say which devices are accepted by themselves.'
  return 'What it sends is not signed with the key that it shows: its key file may be damaged or half copied. Remove it on the device, and the client makes a new one.'
}
