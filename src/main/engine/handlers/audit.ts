import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function auditHandlers(os: Operations, { changes, store }: EngineParts) {
  return {
    list: os.audit.list.handler(
      live([changes.audit], ({ limit, before, deviceId }: { limit: number; before?: number | undefined; deviceId?: string | undefined }) =>
        store.audit.list({ limit, before, text: deviceId }),
      ),
    ),
  }
}
