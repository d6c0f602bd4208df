import { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table } from '../text.ts'
import { findDevice } from './devices.ts'

/** `otabench groups`: a device is in one group or none. */
export function groupsCommand(context: CliContext): Command {
  const command = new Command('groups').description('Static groups of devices.')
  command
    .command('list')
    .description('groups and how many devices each has')
    .action(() => list(context))
  command
    .command('add <group> <device...>')
    .description('put devices into a group')
    .action((group: string, names: string[]) => put(group, names, context))
  command
    .command('remove <device...>')
    .description('take devices out of their group')
    .action((names: string[]) => put(null, names, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const counts = new Map<string, number>()
  for (const { group } of await now(session.client.devices.list())) if (group !== null) counts.set(group, (counts.get(group) ?? 0) + 1)
  const groups = [...counts].map(([group, deviceCount]) => ({ group, deviceCount }))
  out.result(
    groups,
    groups.length === 0
      ? 'No groups yet.'
      : table(
          ['group', 'devices'],
          groups.map((each) => [each.group, String(each.deviceCount)]),
        ),
  )
}

async function put(group: string | null, names: readonly string[], { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const devices = await Promise.all(names.map((name) => findDevice(client, name)))
  await client.devices.setGroup({ ids: devices.map(({ id }) => id), group })
  out.result({ group, devices: devices.map(({ id }) => id) }, `${names.join(', ')}: ${group ?? 'in no group'}`)
}
