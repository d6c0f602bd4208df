import { Command, Option } from 'commander'
import { acceptModeText, parseAcceptMode } from '../../contract/accept-mode.ts'
import { AppError } from '../../contract/errors.ts'
import { deviceState, statesOf } from '../../contract/device-states.ts'
import { parseFilter } from '../../contract/filters.ts'
import { parseSilenceRule, silenceRuleText } from '../../contract/silence.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { entryText, fact, facts, table, time } from '../text.ts'
import type { ConfigOptions } from './device-config.ts'
import type { FleetOptions, VersionOptions } from './device-figures.ts'
import { deviceLogsCommand } from './device-logs.ts'
import { registerPreauthorizations } from './device-preauthorize.ts'
import { allDevices, findDevice } from './find-device.ts'

/** `otabench devices`: who asks to join, who is in, and what each runs. */
export function devicesCommand(context: CliContext): Command {
  const command = new Command('devices').description(
    'Devices known to the bench. A device is named by its id, its name or a value of its identity.',
  )
  command
    .command('list [text]')
    .description('all devices with their state, or those that hold a text in their name, identity or inventory')
    .option('--filter <expression>', 'those that meet it: device_type=rpi4 and tags/room=lab')
    .addOption(new Option('--state <state>', 'those in this state').choices(deviceState.options))
    .action((text: string | undefined, flags: ListFlags) => withClient(context, (client) => list(client, { text, ...flags }, context)))
  command
    .command('show <device>')
    .description('identity, keys, inventory and the last timeline entries')
    .action((name: string) => withClient(context, (client) => show(client, name, context)))
  for (const [verb, status] of [
    ['accept', 'accepted'],
    ['reject', 'rejected'],
  ] as const) {
    command
      .command(`${verb} <device...>`)
      .description(`${verb} the newest key of the devices`)
      .action((names: string[]) => withClient(context, (client) => decide(client, names, { verb, status, context })))
  }
  command
    .command('refused')
    .description('who was refused (401), why, and what to do: also devices that nobody knows')
    .action(() => withClient(context, (client) => refused(client, context)))
  command
    .command('decommission <device...>')
    .description('forget devices; one that still polls asks to join again')
    .action((names: string[]) => withClient(context, (client) => decommission(client, names, context)))
  registerRules(command, context)
  registerPreauthorizations(command, context)
  registerFigures(command, context)
  registerRemote(command, context)
  command.addCommand(deviceLogsCommand(context))
  return command
}

/** What is drawn in the app. */
function registerFigures(command: Command, context: CliContext): void {
  const { out } = context
  command
    .command('versions')
    .description('how many accepted devices ran which artifact over time')
    .option('--since <span>', 'how far back: 90m, 24h, 7d; from the first on when absent')
    .option('--group <name>', 'of this group')
    .option('--type <device-type>', 'of this device type')
    .action((options: VersionOptions) =>
      withClient(context, async (client) => (await import('./device-figures.ts')).versions(client, options, out)),
    )
  command
    .command('polls [device]')
    .description('the intervals between polls of a device, which of them were late, or those of all devices by their length')
    .option('--group <name>', 'of this group')
    .option('--type <device-type>', 'of this device type')
    .action((name: string | undefined, options: FleetOptions) =>
      withClient(context, async (client) => (await import('./device-figures.ts')).polls(client, name, { options, out })),
    )
}

/** What holds for all devices. */
function registerRules(command: Command, context: CliContext): void {
  command
    .command('accept-mode [mode]')
    .description('see or say which devices are accepted by themselves: none, all, 192.168.7.0/24, mac=02:*, or all for 15m')
    .action((mode: string | undefined) => withClient(context, (client) => acceptMode(client, mode, context)))
  command
    .command('silent-after [rule]')
    .description('see or say when a device counts as silent: 3 for missed polls, or a time as 30m, 2h or 1d')
    .action((rule: string | undefined) => withClient(context, (client) => silentAfter(client, rule, context)))
}

/** What needs the device's mender-connect, or its mender-configure. */
function registerRemote(command: Command, context: CliContext): void {
  command
    .command('poll-now <device...>')
    .description('ask devices that run mender-connect to poll now, not at their time')
    .action((names: string[]) => withClient(context, (client) => pollNow(client, names, context)))
  command
    .command('cp <from> <to>')
    .description('copy a file from a device or to one that runs mender-connect; the one on the device is DEVICE:/PATH')
    .action(async (from: string, to: string) => (await import('./device-files.ts')).copyDeviceFile(from, to, context))
  command
    .command('config <device> [settings...]')
    .description('show the configuration of a device that runs mender-configure, or change the wanted one: KEY=VALUE')
    .option('--unset <key>', 'no longer want this one; repeatable', (key: string, all: string[]) => [...all, key], [])
    .option('--apply', 'deploy the wanted configuration')
    .action(async (name: string, pairs: string[], options: ConfigOptions) =>
      (await import('./device-config.ts')).configureDevice(name, pairs, { options, context }),
    )
}

async function pollNow(client: EngineClient, names: readonly string[], { out }: CliContext): Promise<void> {
  const devices = await Promise.all(names.map((name) => findDevice(client, name)))
  for (const { id } of devices) await client.remote.pollNow({ deviceId: id })
  out.result({ polled: devices.map(({ id }) => id) }, `asked to poll: ${names.join(', ')}`)
}

async function withClient(context: CliContext, work: (client: EngineClient) => Promise<void>): Promise<void> {
  await using session = await context.openEngine()
  await work(session.client)
}

interface ListFlags {
  filter?: string
  state?: string
}

async function list(client: EngineClient, wanted: ListFlags & { text: string | undefined }, { out }: CliContext): Promise<void> {
  const { text = '', filter, state } = wanted
  const fitting = await allDevices(client, text, filter === undefined ? [] : parseFilter(filter))
  const devices = fitting.filter((device) => state === undefined || [...statesOf(device)].some((each) => each === state))
  const rows = devices.map((device) => [
    device.id,
    device.name,
    device.card.state,
    device.deviceType ?? '-',
    device.artifactName ?? '-',
    device.group ?? '-',
    time(device.lastSeenAt),
  ])
  const isNarrowed = filter !== undefined || state !== undefined
  const empty = isNarrowed
    ? 'No device is so.'
    : text !== ''
      ? `No device holds "${text}".`
      : 'No devices yet. Point a Mender client at `otabench serve`, or run `otabench sim`.'
  out.result(devices, rows.length === 0 ? empty : table(['id', 'name', 'state', 'type', 'artifact', 'group', 'last seen'], rows))
}

async function show(client: EngineClient, name: string, { out }: CliContext): Promise<void> {
  const { id } = await findDevice(client, name)
  const device = await now(client.devices.show({ id }))
  const timeline = await now(client.devices.timeline({ id }))
  const lines = [
    `${device.name}  ${device.card.state}  ${say(device.card.detail)}`,
    ...facts([
      fact('id', `${device.id}${device.virtual ? '  (virtual)' : ''}`),
      fact('identity', JSON.stringify(device.identity)),
      fact('why', say(device.why)),
      ...(device.silentWhy === null ? [] : [fact('silent', say(device.silentWhy))]),
      ...(device.nextPollAt === null ? [] : [fact('next poll', say(`${time(device.nextPollAt)}, as far as can be told`))]),
      ...(device.newKey === null ? [] : [fact('new key', say(newKeyText(device.id, device.newKey)))]),
      ...device.refusals.map((each) => fact('refused', `${time(each.lastAt)}  ${say(`${each.reason}. ${each.remedy}`)}`)),
      ...device.authsets.map((set) => fact('key', `${set.status}  ${set.keyAlgorithm} ${set.keyFingerprint}`)),
    ]),
    ...device.inventory.map((attribute) => `${attribute.scope.padEnd(9)} ${attribute.name} = ${[attribute.value].flat().join(', ')}`),
    ...timeline.entries.slice(-15).map((entry) => `${time(entry.at)}  ${entry.lane.padEnd(6)} ${entryText(entry)}`),
  ]
  out.result({ ...device, timeline }, lines.join('\n'))
}

const newKeyText = (id: string, { keyFingerprint }: { keyFingerprint: string }): string =>
  `${keyFingerprint.slice(0, 12)} asks, as after re-flashing: otabench devices accept ${id}`

interface Decision {
  verb: string
  status: 'accepted' | 'rejected'
  context: CliContext
}

async function decide(client: EngineClient, names: readonly string[], { verb, status, context }: Decision): Promise<void> {
  const found = await Promise.all(names.map((name) => findDevice(client, name)))
  const keys = found.map((device) => {
    const newest = device.authsets.toSorted((a, b) => b.createdAt - a.createdAt)[0]
    if (!newest) throw new AppError('NOT_FOUND', `${device.name} has no key to ${verb}`, 'Wait until it has asked to join.')
    return { id: device.id, authsetId: newest.id }
  })
  for (const key of keys) await client.devices.setAuthStatus({ ...key, status })
  context.out.result({ [status]: keys.map(({ id }) => id) }, `${status}: ${names.join(', ')}`)
}

async function decommission(client: EngineClient, names: readonly string[], { out }: CliContext): Promise<void> {
  const devices = await Promise.all(names.map((name) => findDevice(client, name)))
  for (const { id } of devices) await client.devices.decommission({ id })
  out.result({ decommissioned: devices.map(({ id }) => id) }, `decommissioned: ${names.join(', ')}`)
}

async function acceptMode(client: EngineClient, mode: string | undefined, { out, host }: CliContext): Promise<void> {
  const at = host.clock.now()
  if (mode !== undefined) await client.server.setAcceptMode({ acceptMode: parseAcceptMode(mode, at) })
  const { acceptMode: set } = await now(client.server.status())
  out.result({ acceptMode: set }, acceptModeText(set, at))
}

async function silentAfter(client: EngineClient, rule: string | undefined, { out }: CliContext): Promise<void> {
  if (rule !== undefined) await client.server.setSilenceRule({ silenceRule: parseSilenceRule(rule) })
  const { silenceRule } = await now(client.server.status())
  out.result({ silenceRule }, `devices count as silent ${silenceRuleText(silenceRule)}`)
}

async function refused(client: EngineClient, { out }: CliContext): Promise<void> {
  const refusals = await now(client.devices.refusals())
  const rows = refusals.map(({ name, lastAt, times, address, reason, remedy }) => [
    name,
    time(lastAt),
    String(times),
    address,
    `${reason}. ${remedy}`,
  ])
  out.result(refusals, rows.length === 0 ? 'Nobody was refused.' : table(['device', 'last', 'times', 'from', 'why'], rows))
}
