import type { EngineParts } from '../parts.ts'
import { followPorts } from '../provision/serial/ports.ts'
import type { Operations } from '../router.ts'

export function serialHandlers(os: Operations, { host }: EngineParts) {
  return {
    ports: os.serial.ports.handler(({ signal }) => followPorts(host, signal ?? new AbortController().signal)),
  }
}
