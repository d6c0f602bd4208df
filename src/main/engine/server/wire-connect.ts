import { z } from 'zod'
import type { RemoteFile } from '../connect/file-transfer.ts'
import type { ConnectionState } from '../connect/lines.ts'
import type { StoredDevice } from '../store/devices.ts'
import { toTime } from './wire-management.ts'

// Mender's deviceconnect API: the shapes of its JSON and headers.

const STATUS: Record<ConnectionState['state'], 'connected' | 'disconnected' | 'unknown'> = {
  connected: 'connected',
  reconnecting: 'disconnected',
  disconnected: 'disconnected',
  never: 'unknown',
}

export function connectionJson({ id, createdAt }: StoredDevice, { state, since }: ConnectionState) {
  return { device_id: id, status: STATUS[state], created_ts: toTime(createdAt), updated_ts: toTime(since ?? createdAt) }
}

export const fileQuery = z.object({ path: z.string().min(1) })

/** mender-cli wants mode and size. */
export function fileHeaders({ path, sizeBytes, mode, uid, gid }: RemoteFile): Record<string, string> {
  return {
    // Header values are ASCII; a path need not be.
    'x-men-file-path': encodeURI(path),
    'x-men-file-uid': String(uid ?? 0),
    'x-men-file-gid': String(gid ?? 0),
    'x-men-file-mode': mode.toString(8),
    'x-men-file-size': String(sizeBytes),
  }
}

const number = z.coerce.number().int().min(0).max(0xffff_ffff).optional()

export const fileUpload = z.object({
  path: z.string().min(1),
  uid: number,
  gid: number,
  /** Octal; Go writes more bits into it than a file system has. */
  mode: z
    .string()
    .regex(/^[0-7]{1,12}$/)
    .transform((text) => Number.parseInt(text, 8) & 0o777)
    .optional(),
})
