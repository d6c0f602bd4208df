import { basename, dirname, resolve } from 'node:path'
import { AppError, toAppError } from '../contract/errors.ts'
import { type ExpectedDevice, parseExpected } from './fleet/expected-list.ts'
import type { EngineParts } from './parts.ts'
import { readWhole } from './lib/file-streams.ts'
import { csvRefusal } from './lib/csv-lines.ts'
import { preauthorizeDevice } from './server/device-actions.ts'

const MAX_BYTES = 64 << 20
const MAX_KEY_BYTES = 64 << 10

/**
 * Preauthorizes the devices of a list, all of them or none; those that the server knows already stay as they are. NOT_FOUND, BAD_INPUT with
 * the line.
 */
export async function expectDevices({ host, actions }: Pick<EngineParts, 'host' | 'actions'>, path: string) {
  const name = basename(path)
  const content = await textOf(host, path, MAX_BYTES)
  const devices: { identity: ExpectedDevice['identity']; publicKeyPem: string; line: number }[] = []
  for (const { identity, key, line } of parseExpected(content, name)) {
    const publicKeyPem = 'pem' in key ? key.pem : await textOf(host, resolve(dirname(path), key.file), MAX_KEY_BYTES)
    devices.push({ identity, publicKeyPem, line })
  }
  return actions.store.transaction(() => {
    const known: string[] = []
    for (const { identity, publicKeyPem, line } of devices) {
      try {
        preauthorizeDevice(actions, { identity, publicKeyPem })
      } catch (thrown) {
        const { code, message, hint } = toAppError(thrown)
        if (code === 'BAD_INPUT') throw csvRefusal(name, line, message, hint)
        if (code !== 'CONFLICT') throw thrown
        known.push(Object.values(identity).join(', '))
      }
    }
    return { added: devices.length - known.length, known }
  })
}

async function textOf({ files }: EngineParts['host'], path: string, maxBytes: number): Promise<string> {
  const stat = await files.stat(path)
  if (stat?.kind !== 'file') throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  if (stat.sizeBytes > maxBytes) throw new AppError('BAD_INPUT', `${path} has ${stat.sizeBytes} bytes`, 'Name the right file.')
  return new TextDecoder().decode(await readWhole(files, path))
}
