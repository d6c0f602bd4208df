import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function serverHandlers(os: Operations, { certificates, changes, serverStatus, setAcceptMode }: EngineParts) {
  return {
    status: os.server.status.handler(live([changes.settings], serverStatus)),
    setAcceptMode: os.server.setAcceptMode.handler(({ input }) => setAcceptMode(input.acceptMode)),
    renewCertificate: os.server.renewCertificate.handler(() => certificates.renew()),
    setCertificate: os.server.setCertificate.handler(({ input }) => certificates.use(input)),
  }
}
