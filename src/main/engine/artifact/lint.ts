import type { Header } from './header.ts'
import { CLIENT_PAYLOAD_NAME_BYTES } from './limits.ts'
import type { PayloadFile } from './payload.ts'

/** What a client could stumble over although the file is valid, in words. */
export function warningsOf(header: Header, files: readonly PayloadFile[]): string[] {
  const warnings: string[] = []
  for (const [key, value] of Object.entries(header.depends)) {
    if (typeof value !== 'string') warnings.push(`depends "${key}" is a list; clients take only a single value and refuse the artifact`)
  }
  for (const { name } of files) {
    if (name.length > CLIENT_PAYLOAD_NAME_BYTES) {
      warnings.push(`the payload file name "${name}" is longer than ${CLIENT_PAYLOAD_NAME_BYTES} bytes; clients refuse the artifact`)
    }
  }
  if (/\s/.test(header.name)) warnings.push('the artifact name contains white space; mender-artifact refuses to write such a name')
  if (header.deviceTypes.some((type) => type === '' || /\s/.test(type))) warnings.push('a device type is empty or contains white space')
  return warnings
}
