import type { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'
import { absolute, readText } from './artifact-files.ts'
import { findDevice } from './find-device.ts'

/** Devices that are expected before they ask. */
export function registerPreauthorizations(command: Command, context: CliContext): void {
  command
    .command('preauthorize <identity> <public-key-file>')
    .description('expect a device: identity as JSON, its public key as PEM')
    .action((identity: string, file: string) => preauthorize(identity, file, context))
  command
    .command('preauthorize-list <csv-file>')
    .description('expect all devices of a list: a column public_key (PEM) or public_key_file, and the attributes of the identity')
    .action((file: string) => preauthorizeList(file, context))
  command
    .command('preauthorized')
    .description('which devices are expected and have not asked yet')
    .action(() => list(context))
  command
    .command('forget-preauthorized <device...>')
    .description('no longer expect devices')
    .action((names: string[]) => forget(names, context))
}

async function preauthorize(text: string, file: string, { host, cwd, openEngine, out }: CliContext): Promise<void> {
  const identity = parseIdentity(text)
  const publicKeyPem = await readText(host.files, absolute(cwd, file))
  await using session = await openEngine()
  const { id } = await session.client.devices.preauthorize({ identity, publicKeyPem })
  out.result({ id }, `expected: ${id}`)
}

async function preauthorizeList(file: string, { out, cwd, openEngine }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { added, known } = await session.client.devices.preauthorizeList({ path: absolute(cwd, file) })
  const there = known.length === 0 ? '' : `; there already: ${known.join('; ')}`
  out.result({ added, known }, `expected: ${added}${there}`)
}

function parseIdentity(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, String(part)]))
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `The identity is not JSON: ${text}`, `Write for example '{"mac":"52:54:00:12:34:56"}'.`, thrown)
  }
  throw new AppError('BAD_INPUT', `The identity is not a JSON object: ${text}`, `Write for example '{"mac":"52:54:00:12:34:56"}'.`)
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { all, newest } = await now(session.client.devices.preauthorized())
  const rows = newest.map(({ id, name, identity, keyFingerprint, createdAt }) => [
    ...[id, name, JSON.stringify(identity)],
    ...[keyFingerprint.slice(0, 12), time(createdAt)],
  ])
  const more = all > newest.length ? `\n…and ${all - newest.length} more` : ''
  out.result({ all, newest }, all === 0 ? 'No device is expected.' : `${table(['id', 'name', 'identity', 'key', 'since'], rows)}${more}`)
}

async function forget(names: readonly string[], { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { devices } = session.client
  const found = await Promise.all(names.map((name) => findDevice(session.client, name)))
  const keys = found.flatMap(({ id, name, authsets }) => {
    const expected = authsets.filter(({ status }) => status === 'preauthorized')
    if (expected.length === 0)
      throw new AppError(
        'NOT_FOUND',
        `${name} is not expected`,
        'See otabench devices preauthorized; otabench devices decommission forgets others.',
      )
    return expected.map((authset) => ({ id, authsetId: authset.id }))
  })
  await devices.removePreauthorizations({ keys })
  out.result({ removed: keys }, `no longer expected: ${names.join(', ')}`)
}
