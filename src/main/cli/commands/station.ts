import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { ChainVerdict, WorkOrder } from '../../contract/station.ts'
import { slotOf } from '../../engine/provision/station/slots.ts'
import { verifyChain } from '../../engine/provision/unit/chain.ts'
import { parseRecords } from '../../engine/provision/unit/records-text.ts'
import type { CliContext } from '../context.ts'
import { type Keyboard, processKeyboard } from '../keyboard.ts'
import { now } from '../live.ts'
import { readPassword } from '../passphrase.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { oneLine, size, table, time } from '../text.ts'
import { absolute, readText } from './artifact-files.ts'
import { LABEL_NOTES, type LabelFlags, labelFlags, labelSetting, runStationCommand } from './station-run.ts'

const NOTES = `
A unit is made whole or not at all: number, key, card, server, label, record. Each try leaves a record; the records are a chain, of which
nothing can be changed, left out or moved without being named by verify. A number that a failed unit had is void, or given again where
the recipe (of a series) or --when-failed (of a list) says so and nothing that bears it is left.`

/** `otabench station`: makes units out of cards all day. */
export function stationCommand(context: CliContext, keyboard: Keyboard = processKeyboard()): Command {
  const command = new Command('station')
    .description('Make units out of cards: hands-free, in armed reader slots.')
    .addHelpText('after', NOTES)
  command.addCommand(runStationCommand(context, keyboard))
  command
    .command('slots')
    .description('the reader slots that there are, and what is in them')
    .option('--loop', 'loop devices too')
    .action((flags: { loop?: boolean }) => slots(flags, context))
  addOrderCommands(command, context)
  addRecordCommands(command, context)
  command
    .command('void <serial> <reason>')
    .description('take a number out of use for good; the server forgets its device')
    .action((serial: string, reason: string) => voidNumber(serial, reason, context))
  labelFlags(command.command('label <serial>'))
    .description('print, or save, the label of a good unit again')
    .addHelpText('after', LABEL_NOTES)
    .action((serial: string, flags: LabelFlags) => label(serial, flags, context))
  command
    .command('pin')
    .description('set the PIN by which the station in the app is left')
    .option('--remove', 'leave it without a PIN')
    .action((flags: { remove?: boolean }) => setPin(flags, context))
  return command
}

function addOrderCommands(command: Command, context: CliContext): void {
  const orders = command.command('orders').description('what is to be made')
  orders
    .command('list')
    .description('every work order, and how far it is')
    .action(() => listOrders(context))
  orders
    .command('import <name> <csv>')
    .description('a list of units: the column serial, attributes of the identity by their names, anything else')
    .action((name: string, csv: string) => importOrder(name, csv, context))
  orders
    .command('make <name> <count>')
    .description("so many units with the next numbers of the recipe's series")
    .action((name: string, count: string) => makeOrder(name, count, context))
  orders
    .command('remove <name>')
    .description('forget one of which no unit was made')
    .action((name: string) => removeOrder(name, context))
}

interface ExportFlags {
  output: string
  format: 'json' | 'csv'
  order?: string
}

function addRecordCommands(command: Command, context: CliContext): void {
  command
    .command('records')
    .description('what became of every unit, the newest first')
    .option('--order <name>', 'of one work order')
    .option('--limit <count>', 'so many', '200')
    .action((flags: { order?: string; limit: string }) => listRecords(flags, context))
  command
    .command('export')
    .description('write the records to a file')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--order <name>', 'of one work order: such a file is a part, and has gaps')
    .addOption(new Option('--format <format>', 'json for an audit, csv for people').choices(['json', 'csv']).default('json'))
    .action((flags: ExportFlags) => exportRecords(flags, context))
  command
    .command('verify [file]')
    .description('hold records against each other: those of this bench, or of a JSON file')
    .option('--head <hash>', 'the last one has this hash: so none was dropped at the end')
    .action((file: string | undefined, flags: { head?: string }) => verify(file, flags, context))
}

async function slots({ loop = false }: { loop?: boolean }, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const drives = await now(session.client.drives.list({ hasLoops: loop }))
  const found = drives.map((drive) => ({ slot: slotOf(drive), drive: drive.name, sizeBytes: drive.sizeBytes, verdict: drive.verdict.kind }))
  const rows = found.map(({ slot, drive, sizeBytes, verdict }) => [
    slot,
    oneLine(drive),
    sizeBytes === 0 ? 'empty' : size(sizeBytes),
    verdict,
  ])
  out.result(found, rows.length === 0 ? 'There are no readers.' : table(['slot', 'drive', 'card', 'may be written'], rows))
}

async function listOrders({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const orders = await now(session.client.station.orders())
  out.result(orders, orders.length === 0 ? 'There are no work orders.' : ordersTable(orders))
}

function ordersTable(orders: readonly WorkOrder[]): string {
  const rows = orders.map(({ name, total, good, failed, voided, next, createdAt }) => [
    ...[name, `${good}/${total}`, String(failed), String(voided), next ?? '-', time(createdAt)],
  ])
  return table(['work order', 'good', 'failed', 'void', 'next', 'made'], rows)
}

async function importOrder(name: string, csv: string, { openEngine, out, cwd }: CliContext): Promise<void> {
  await using session = await openEngine()
  const order = await session.client.station.importOrder({ name, path: absolute(cwd, csv) })
  out.result(order, `${order.name}: ${order.total} units`)
}

async function makeOrder(name: string, count: string, { openEngine, out }: CliContext): Promise<void> {
  if (!/^[1-9]\d{0,6}$/.test(count)) throw new AppError('BAD_INPUT', `${count} is no count`, 'Write for example 100.')
  await using session = await openEngine()
  const order = await session.client.station.makeOrder({ name, count: Number(count) })
  out.result(order, `${order.name}: ${order.total} units`)
}

async function removeOrder(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.station.removeOrder({ name })
  out.result({ removed: name }, `removed: ${name}`)
}

async function listRecords(flags: { order?: string; limit: string }, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const records = await now(session.client.station.records({ order: flags.order ?? null, limit: Number(flags.limit) }))
  const rows = records.map(({ sequence, serial, result, number, order, operator, endedAt, why }) => [
    ...[String(sequence), oneLine(serial), result, number, order, oneLine(operator), time(endedAt), oneLine(why)],
  ])
  const header = ['record', 'serial', 'result', 'number', 'work order', 'operator', 'at', 'why']
  out.result(records, records.length === 0 ? 'There are no records.' : table(header, rows))
}

async function exportRecords({ output, format, order }: ExportFlags, { openEngine, out, cwd }: CliContext): Promise<void> {
  await using session = await openEngine()
  const path = absolute(cwd, output)
  const done = await session.client.station.export({ path, format, order: order ?? null })
  out.result({ path, ...done }, `${path}: ${done.count} records, the last one ${done.head}`)
}

async function verify(file: string | undefined, { head = null }: { head?: string | null }, context: CliContext): Promise<void> {
  const verdict = await verdictOf(file, head, context)
  const { count, faults, head: found } = verdict
  const text = faults.length === 0 ? `${count} records, all as they were written. The last one is ${found}` : faults.join('\n')
  context.out.result(verdict, text)
  if (faults.length > 0) throw new NegativeOutcome(EXIT_NEGATIVE)
}

async function verdictOf(file: string | undefined, head: string | null, { openEngine, host, cwd }: CliContext): Promise<ChainVerdict> {
  if (file !== undefined) return verifyChain(parseRecords(await readText(host.files, absolute(cwd, file)), file), head)
  await using session = await openEngine()
  return await session.client.station.verify({ head })
}

async function voidNumber(serial: string, reason: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const record = await session.client.station.void({ serial, reason })
  out.result(record, `${serial} is void`)
}

async function label(serial: string, flags: LabelFlags, { openEngine, out, cwd }: CliContext): Promise<void> {
  const setting = labelSetting(flags, cwd)
  if (setting === null) throw new AppError('BAD_INPUT', 'How the label is made is not said', 'Write --label zpl or --label pdf.')
  await using session = await openEngine()
  const done = await session.client.station.label({ serial, setting })
  out.result({ serial, ...done }, `${serial}: ${done.sentTo}`)
}

async function setPin({ remove = false }: { remove?: boolean }, context: CliContext): Promise<void> {
  const { openEngine, out, environment } = context
  await using session = await openEngine()
  const { hasPin } = await now(session.client.station.view())
  const ask = async (what: string, variable: string) => environment[variable] ?? (await readPassword(what, undefined, context))
  const oldPin = hasPin ? await ask('The PIN until now', 'OTABENCH_OLD_PIN') : null
  const pin = remove ? null : await ask('The new PIN, 4 to 12 digits', 'OTABENCH_PIN')
  await session.client.station.setPin({ oldPin, pin })
  out.result({ hasPin: pin !== null }, pin === null ? 'There is no PIN now.' : 'The PIN is set.')
}
