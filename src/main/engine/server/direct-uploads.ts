import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { StagedArtifact } from '../store/artifact-files.ts'

const LIFETIME_MS = 3_600_000
/** Intents that are open at one time: each may hold a file on the disk. */
const MAX_OPEN = 20

interface Intent {
  expiresAt: number
  staged: StagedArtifact | null
}

interface DirectUploadParts {
  secret: Uint8Array
  now(): number
  newId(): string
}

/**
 * Uploads in three steps, as Mender's object store wants them: an address to PUT the file to, the file, the word that it is complete.
 * In memory: after a restart the file of an intent is gone, and so is the intent.
 */
export function openDirectUploads({ secret, now, newId }: DirectUploadParts) {
  const intents = new Map<string, Intent>()
  const sign = (id: string, expiresAt: number): Buffer => createHmac('sha256', secret).update(`upload ${id} ${expiresAt}`).digest()

  async function forget(id: string): Promise<void> {
    const intent = intents.get(id)
    intents.delete(id)
    await intent?.staged?.[Symbol.asyncDispose]()
  }

  async function forgetOld(): Promise<void> {
    for (const [id, { expiresAt }] of intents) if (expiresAt <= now()) await forget(id)
  }

  function find(id: string): Intent {
    const intent = intents.get(id)
    if (!intent || intent.expiresAt <= now())
      throw new AppError('NOT_FOUND', `There is no upload ${id}`, 'It has ended or was never asked for. Ask for a new one.')
    return intent
  }

  return {
    /** A new intent. CONFLICT when too many are open. */
    async begin(): Promise<{ id: string; expiresAt: number; signature: string }> {
      await forgetOld()
      if (intents.size >= MAX_OPEN)
        throw new AppError('CONFLICT', `${MAX_OPEN} uploads are open already`, 'Complete one of them, or wait until it ends.')
      const id = newId()
      const expiresAt = now() + LIFETIME_MS
      intents.set(id, { expiresAt, staged: null })
      return { id, expiresAt, signature: sign(id, expiresAt).toString('base64url') }
    },
    /** LOGIN_REFUSED for an address that was changed, NOT_FOUND for one that has ended. */
    check(id: string, { expiresAt, signature }: { expiresAt: number; signature: string }): void {
      const [given, wanted] = [Buffer.from(signature, 'base64url'), sign(id, expiresAt)]
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
        throw new AppError('LOGIN_REFUSED', 'The address was changed', 'Ask for a new one.')
      find(id)
    },
    /** Keeps the file of an intent; an earlier one goes. */
    async hold(id: string, staged: StagedArtifact): Promise<void> {
      const intent = intents.get(id)
      if (!intent) return staged[Symbol.asyncDispose]()
      const before = intent.staged
      // Before anything is waited for: another one may come, or this one be taken, meanwhile.
      intent.staged = staged
      await before?.[Symbol.asyncDispose]()
    },
    /** Hands out the file that was sent; NOT_FOUND when none was. The intent has ended then. */
    take(id: string): StagedArtifact {
      const { staged } = find(id)
      if (!staged) throw new AppError('NOT_FOUND', `Nothing was sent for the upload ${id} yet`, 'PUT the file to its address first.')
      intents.delete(id)
      return staged
    },
    async close(): Promise<void> {
      for (const id of intents.keys()) await forget(id)
    },
  }
}

export type DirectUploads = ReturnType<typeof openDirectUploads>
