import { z } from 'zod'
import { id, localCall } from './operations.ts'

export const backup = {
  /** Copies the whole bench into one file, which appears whole or not at all; answers when its job has begun. */
  create: localCall(z.object({ path: z.string().min(1) }), z.object({ jobId: id })),
}
