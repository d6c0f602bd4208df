import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { AuditFilter } from '../../contract/audit.ts'
import { AUDIT_FORMATS, type AuditFormat, allEntries, auditText } from '../../contract/audit-text.ts'
import { AppError } from '../../contract/errors.ts'
import { writeAtomic } from '../../engine/lib/file-streams.ts'
import { readSpan } from '../args.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'

interface FilterOptions {
  device?: string
  text?: string
  refused?: boolean
  since?: string
}

/** `otabench audit`: who ordered what. */
export function auditCommand(context: CliContext): Command {
  const command = new Command('audit').description('Who ordered what: every change, also those that were refused.')
  filtered(command.command('list'))
    .description('the newest orders first')
    .option('--limit <count>', 'how many, up to 500', '50')
    .action((options: FilterOptions & { limit: string }) => list(options, context))
  filtered(command.command('export'))
    .description('all of them, or all that fit, for a spreadsheet or a program')
    .addOption(new Option('--format <format>', 'how').choices(AUDIT_FORMATS).default('csv'))
    .option('-o, --output <file>', 'to this file instead of stdout')
    .action((options: FilterOptions & { format: AuditFormat; output?: string }) => exportLog(options, context))
  return command
}

function filtered(command: Command): Command {
  return command
    .option('--device <id>', 'only those that name this device')
    .option('--text <text>', 'only those with this in any column')
    .option('--refused', 'only what was refused or failed')
    .option('--since <span>', 'only of the last span of time, as 12h or 90d')
}

function filterOf({ device: deviceId, text, refused: isRefused, since }: FilterOptions, { host }: CliContext): AuditFilter {
  return { deviceId, text, isRefused, since: since === undefined ? undefined : host.clock.now() - readSpan('--since', since) }
}

async function list(options: FilterOptions & { limit: string }, context: CliContext): Promise<void> {
  const { openEngine, out } = context
  const { limit } = options
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 500)
    throw new AppError('BAD_INPUT', `--limit ${limit} is not a number from 1 to 500`, 'Write for example --limit 100.')
  const filter = filterOf(options, context)
  await using session = await openEngine()
  const entries = await now(session.client.audit.list({ ...filter, limit: count }))
  const rows = entries.map((each) => [
    time(each.at),
    each.token === '' ? each.actor : `${each.actor} (${each.token})`,
    each.address || '-',
    each.action,
    each.outcome,
    each.detail.length > 100 ? `${each.detail.slice(0, 100)}…` : each.detail,
  ])
  out.result(entries, rows.length === 0 ? 'Nothing fits.' : table(['time', 'who', 'from', 'what', 'outcome', 'with'], rows))
}

async function exportLog(options: FilterOptions & { format: AuditFormat; output?: string }, context: CliContext): Promise<void> {
  const { openEngine, out, host, cwd } = context
  const filter = filterOf(options, context)
  await using session = await openEngine()
  const entries = await allEntries((before, limit) => now(session.client.audit.list({ ...filter, before, limit })))
  const text = auditText(entries, options.format)
  if (options.output === undefined) return out.verbatim(entries, text)
  const path = resolve(cwd, options.output)
  await writeAtomic(host.files, path, new TextEncoder().encode(text), 0o600)
  out.result({ path, entryCount: entries.length }, `${path}: ${entries.length} entries`)
}
