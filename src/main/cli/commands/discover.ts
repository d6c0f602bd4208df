import { Command } from 'commander'
import type { DiscoveredBoard } from '../../contract/discovery.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext } from '../context.ts'
import { table } from '../text.ts'

interface DiscoverFlags {
  seconds: string
  all?: boolean
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
    .addHelpText('after', NOTES)
    .action((flags: DiscoverFlags) => discover(flags, context))
}

async function discover({ seconds, all = false }: DiscoverFlags, { openEngine, out, signal }: CliContext): Promise<void> {
  if (!/^\d{1,3}$/.test(seconds)) throw new AppError('BAD_INPUT', `--seconds ${seconds} is no number`, 'Write for example --seconds 10.')
  await using session = await openEngine()
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Number(seconds)) * 1000)])
  let [boards, notes]: [DiscoveredBoard[], { text: string; remedy: string }[]] = [[], []]
  try {
    for await (const now of await session.client.discovery.list(undefined, { signal: end })) ({ boards, notes } = now)
  } catch (thrown) {
    if (!end.aborted) throw thrown
  }
  signal.throwIfAborted()
  const shown = boards.filter((board) => all || (board.isLikely && !board.isIgnored))
  for (const { text, remedy } of notes) out.important(`${text}. ${remedy}`)
  const rows = shown.map(({ name, roads, addresses, macs, ids, isIgnored }) => [
    `${name}${isIgnored ? ' (ignored)' : ''}`,
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
