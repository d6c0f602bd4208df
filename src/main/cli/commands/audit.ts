import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'

interface ListOptions {
  limit: string
  device?: string
}

/** `otabench audit`: who ordered what. */
export function auditCommand(context: CliContext): Command {
  const command = new Command('audit').description('Who ordered what: every change, also those that were refused.')
  command
    .command('list')
    .description('the newest orders first')
    .option('--limit <count>', 'how many, up to 500', '50')
    .option('--device <id>', 'only those that name this device')
    .action((options: ListOptions) => list(options, context))
  return command
}

async function list({ limit, device: deviceId }: ListOptions, { openEngine, out }: CliContext): Promise<void> {
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 500)
    throw new AppError('BAD_INPUT', `--limit ${limit} is not a number from 1 to 500`, 'Write for example --limit 100.')
  await using session = await openEngine()
  const entries = await now(session.client.audit.list({ limit: count, deviceId }))
  const rows = entries.map((each) => [
    time(each.at),
    each.token === '' ? each.actor : `${each.actor} (${each.token})`,
    each.address || '-',
    each.action,
    each.outcome,
    each.detail.length > 100 ? `${each.detail.slice(0, 100)}…` : each.detail,
  ])
  out.result(entries, rows.length === 0 ? 'Nothing was ordered yet.' : table(['time', 'who', 'from', 'what', 'outcome', 'with'], rows))
}
