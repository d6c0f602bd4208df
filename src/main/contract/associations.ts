import { z } from 'zod'
import { localCall } from './operations.ts'

/** Whether the desktop of this user opens `.mender` files and `otabench://` links with the bench. */
export const associations = {
  /** Writes, or takes back, the files by which a desktop knows that; answers their paths. PERMISSION where there is no way to. */
  set: localCall(z.object({ isOn: z.boolean() }), z.object({ files: z.array(z.string()), notes: z.array(z.string()) })),
}
