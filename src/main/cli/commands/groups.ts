import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { formatFilter, parseFilter } from '../../contract/filters.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table } from '../text.ts'
import { findDevice } from './find-device.ts'

/** `otabench groups`: lists of devices, of which each is in one or none, and filters, whose devices come and go by what they are. */
export function groupsCommand(context: CliContext): Command {
  const command = new Command('groups').description('Groups of devices: lists, or filters.')
  command
    .command('list')
    .description('groups and how many devices each has')
    .action(() => list(context))
  command
    .command('add <group> [device...]')
    .description('put devices into a group, or make one that is a filter')
    .option('--filter <expression>', 'devices by what they are: "device_type=rpi4 and tags/room=lab"')
    .action((group: string, names: string[], { filter }: { filter?: string }) => add(group, { names, filter }, context))
  command
    .command('remove <device...>')
    .description('take devices out of their group')
    .action((names: string[]) => put(null, names, context))
  command
    .command('forget <group>')
    .description('remove a group that is a filter; its deployments go on')
    .action((group: string) => forget(group, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const groups = await now(session.client.groups.list())
  const shown = groups.map(({ name, deviceCount, filter }) => ({ group: name, deviceCount, filter: filter && formatFilter(filter) }))
  const rows = shown.map(({ group, deviceCount, filter }) => [group, String(deviceCount), filter ?? '-'])
  out.result(shown, rows.length === 0 ? 'No groups yet.' : table(['group', 'devices', 'filter'], rows))
}

async function add(group: string, { names, filter }: { names: string[]; filter: string | undefined }, context: CliContext): Promise<void> {
  if ((filter === undefined) === (names.length === 0))
    throw new AppError('BAD_INPUT', 'A group is a list of devices or a filter', 'Name devices, or give --filter.')
  if (filter === undefined) return put(group, names, context)
  const terms = parseFilter(filter)
  await using session = await context.openEngine()
  await session.client.groups.saveFilter({ name: group, filter: terms })
  context.out.result({ group, filter: terms }, `${group}: ${formatFilter(terms)}`)
}

async function forget(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.groups.removeFilter({ name })
  out.result({ forgotten: name }, `forgotten: ${name}`)
}

async function put(group: string | null, names: readonly string[], { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const devices = await Promise.all(names.map((name) => findDevice(client, name)))
  await client.devices.setGroup({ ids: devices.map(({ id }) => id), group })
  out.result({ group, devices: devices.map(({ id }) => id) }, `${names.join(', ')}: ${group ?? 'in no group'}`)
}
