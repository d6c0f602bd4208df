import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { ExampleKind } from '../../contract/provision.ts'
import { exampleRecipe } from '../../engine/provision/example.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'
import { provisionImageCommand } from './provision-image.ts'
import { openLedger } from './provision-recipe.ts'
import { provisionSerialCommand } from './provision-serial.ts'
import { provisionSshCommand } from './provision-ssh.ts'

/** `otabench provision`: gives boards their identity, key, client and configuration. */
export function provisionCommand(context: CliContext): Command {
  const command = new Command('provision').description('Give a board its identity, key, client and configuration, as a recipe says.')
  command.addCommand(provisionSshCommand(context))
  command.addCommand(provisionSerialCommand(context))
  command.addCommand(provisionImageCommand(context))
  command
    .command('example')
    .description('print a recipe to begin with, for the server of this bench')
    .option('--virtual', 'for a virtual board')
    .action(({ virtual }: { virtual?: boolean }) => printExample(virtual ? 'virtual' : 'debian', context))
  const hosts = command.command('hosts').description('host keys that were pinned when boards were first seen')
  hosts
    .command('list')
    .description('every pinned host key')
    .action(() => listHosts(context))
  hosts
    .command('forget <place>')
    .description('see a board for the first time again: HOST, or [HOST]:PORT')
    .action((place: string) => forgetHost(place, context))
  command
    .command('numbers')
    .description('the numbers that were given of series, and what became of them')
    .action(() => listNumbers(context))
  return command
}

async function printExample(kind: ExampleKind, { host, openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const text = await exampleRecipe(host.files, kind, await now(session.client.server.status()))
  out.verbatim({ text }, text.trimEnd())
}

async function listHosts(context: CliContext): Promise<void> {
  using ledger = await openLedger(context)
  const hosts = ledger.pinnedHosts()
  const rows = hosts.map(({ place, algorithm, fingerprint, seenAt }) => [place, algorithm, fingerprint, time(seenAt)])
  context.out.result(hosts, rows.length === 0 ? 'No host was seen yet.' : table(['host', 'kind', 'fingerprint', 'first seen'], rows))
}

async function forgetHost(place: string, context: CliContext): Promise<void> {
  using ledger = await openLedger(context)
  if (!ledger.forgetHost(place)) throw new AppError('NOT_FOUND', `No host key of ${place} is pinned`, 'See otabench provision hosts list.')
  context.out.result({ forgotten: place }, `forgotten: ${place}`)
}

async function listNumbers(context: CliContext): Promise<void> {
  using ledger = await openLedger(context)
  const numbers = ledger.numbers()
  const rows = numbers.map(({ series, value, state, board, at }) => [series, value, state, board, time(at)])
  context.out.result(numbers, rows.length === 0 ? 'No numbers were given yet.' : table(['series', 'number', 'state', 'board', 'at'], rows))
}
