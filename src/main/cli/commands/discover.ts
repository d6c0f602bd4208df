import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { TopologyPlace } from '../../contract/topology.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { oneLine, size, table } from '../text.ts'

interface DiscoverFlags {
  seconds: string
  all?: boolean
  tree?: boolean
}

const NOTES = `
Looks at the serial ports, asks by multicast DNS who offers SSH or Mender, and takes what the kernel and the server know. A board that is
noticed on several roads is one row. What was ignored, built-in ports, and hosts of which only an address is known are left out without --all.`

/** `otabench discover`: which boards are about. */
export function discoverCommand(context: CliContext): Command {
  return new Command('discover')
    .description('find boards: serial ports, SSH and Mender hosts by mDNS, neighbours on the network')
    .option('--seconds <number>', 'how long to listen', '4')
    .option('--all', 'also what was ignored, and what may be no board')
    .option('--tree', 'where everything hangs: hubs, readers, ports, drives, networks, and the devices on them')
    .addHelpText('after', NOTES)
    .action((flags: DiscoverFlags) => (flags.tree ? showTree(flags, context) : discover(flags, context)))
}

async function discover({ seconds, all = false }: DiscoverFlags, { openEngine, out, signal }: CliContext): Promise<void> {
  await using session = await openEngine()
  const found = await lastWithin(seconds, signal, (until) => session.client.discovery.list(undefined, { signal: until }))
  const { boards, notes } = found ?? { boards: [], notes: [] }
  const shown = boards.filter((board) => all || (board.isLikely && !board.isIgnored))
  for (const { text, remedy } of notes) out.important(`${text}. ${remedy}`)
  const rows = shown.map(({ name, roads, addresses, macs, ids, isIgnored }) => [
    isIgnored ? say(`${name} (ignored)`) : name,
    roads.map(({ road, place }) => (road === 'server' ? 'server' : `${road} ${place}`)).join(', '),
    addresses.join(' ') || '-',
    macs.join(' ') || '-',
    ids[0] ?? '',
  ])
  const empty = 'No board is about. Plug an adapter in, or connect this machine to the network of the boards.'
  out.result(
    all ? { boards, notes } : { boards: shown, notes },
    rows.length === 0 ? empty : table(['board', 'noticed', 'address', 'mac', 'id'], rows),
  )
}

async function showTree({ seconds }: DiscoverFlags, { openEngine, out, signal }: CliContext): Promise<void> {
  await using session = await openEngine()
  const places = (await lastWithin(seconds, signal, (until) => session.client.topology.show(undefined, { signal: until }))) ?? []
  const devices = await now(session.client.devices.list({}))
  out.result(
    places,
    drawTree(places, new Map(devices.map(({ id, name }) => [id, name]))) || 'Nothing is plugged in, and there is no device.',
  )
}

/** Each place a line, stood in below what it hangs on, its devices below it. */
function drawTree(places: readonly TopologyPlace[], names: ReadonlyMap<string, string>): string {
  const depths = new Map<string | null, number>([[null, -1]])
  const lines = places.flatMap(({ id, parentId, name, detail, sizeBytes, deviceIds }) => {
    const depth = (depths.get(parentId) ?? -1) + 1
    depths.set(id, depth)
    const facts = [detail, sizeBytes === null ? '' : size(sizeBytes)].filter((fact) => fact !== '')
    const indent = '  '.repeat(depth)
    return [
      `${indent}${oneLine(name)}${facts.length === 0 ? '' : `  (${oneLine(facts.join(', '))})`}`,
      ...deviceIds.map((deviceId) => `${indent}  * ${oneLine(names.get(deviceId) ?? deviceId)}`),
    ]
  })
  return lines.join('\n')
}

/** The newest of the values that come within so many seconds; null when none does. */
async function lastWithin<T>(
  seconds: string,
  signal: AbortSignal,
  open: (until: AbortSignal) => Promise<AsyncIterable<T>>,
): Promise<T | null> {
  if (!/^\d{1,3}$/.test(seconds)) throw new AppError('BAD_INPUT', `--seconds ${seconds} is no number`, 'Write for example --seconds 10.')
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Number(seconds)) * 1000)])
  let last: T | null = null
  try {
    for await (const value of await open(end)) last = value
  } catch (thrown) {
    if (!end.aborted) throw thrown
  }
  signal.throwIfAborted()
  return last
}
