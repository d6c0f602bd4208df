import { AppError } from '../../contract/errors.ts'
import type { Configuration } from '../../contract/remote.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table } from '../text.ts'
import { findDevice } from './find-device.ts'

export interface ConfigOptions {
  unset: string[]
  apply?: boolean
}

/** `otabench devices config`: shows a device's configuration, changes the wanted one, and deploys it with --apply. */
export async function configureDevice(
  name: string,
  pairs: string[],
  { options, context }: { options: ConfigOptions; context: CliContext },
): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const { id: deviceId } = await findDevice(client, name)
  const before = await now(client.remote.configuration({ deviceId }))
  const values = { ...before.configured, ...Object.fromEntries(pairs.map(pair)) }
  for (const key of options.unset) delete values[key]
  if (pairs.length + options.unset.length > 0) await client.remote.configure({ deviceId, values })
  const deployed = options.apply ? await client.remote.deployConfiguration({ deviceId }) : null
  const after = await now(client.remote.configuration({ deviceId }))
  if (deployed) context.out.note(`deployment ${deployed.id}`)
  context.out.result(after, textOf(after))
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new AppError('BAD_INPUT', `${text} is no setting`, 'Write KEY=VALUE.')
  return [text.slice(0, at), text.slice(at + 1)]
}

function textOf({ configured, reported }: Configuration): string {
  const keys = [...new Set([...Object.keys(configured), ...Object.keys(reported)])].toSorted()
  if (keys.length === 0) return 'Nothing is configured, and the device reports nothing.'
  const rows = keys.map((key) => [key, configured[key] ?? '-', reported[key] ?? '-', configured[key] === reported[key] ? '' : 'differs'])
  return table(['key', 'wanted', 'reported', ''], rows)
}
