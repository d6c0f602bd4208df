import type { AuditFilter } from '../../contract/audit.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

type Request = AuditFilter & { limit: number; before?: number | undefined }

export function auditHandlers(os: Operations, { changes, store }: EngineParts) {
  return { list: os.audit.list.handler(live([changes.audit], (request: Request) => store.audit.list(request))) }
}
