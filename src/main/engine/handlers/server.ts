import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { setSilenceRule } from '../server/silent-devices.ts'
import { live } from './live.ts'

export function serverHandlers(os: Operations, { certificates, changes, serverStatus, setAcceptMode, store }: EngineParts) {
  return {
    status: os.server.status.handler(live([changes.settings], serverStatus)),
    setAcceptMode: os.server.setAcceptMode.handler(({ input }) => setAcceptMode(input.acceptMode)),
    setSilenceRule: os.server.setSilenceRule.handler(({ input }) => setSilenceRule(store, input.silenceRule)),
    renewCertificate: os.server.renewCertificate.handler(() => certificates.renew()),
    setCertificate: os.server.setCertificate.handler(({ input }) => certificates.use(input)),
  }
}
