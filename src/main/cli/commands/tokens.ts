import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type TokenScope, tokenScope } from '../../contract/tokens.ts'
import { readSpan } from '../args.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'

interface CreateOptions {
  scope: string[]
  expires?: string
}

/** `otabench tokens`: what programs log in with, and what each may. */
export function tokensCommand(context: CliContext): Command {
  const command = new Command('tokens').description('Personal access tokens: what programs log in with, and what each of them may.')
  command
    .command('create <name>')
    .description('make a token and print it, this once')
    .option('--scope <scopes...>', `what it may; without one everything that the user may: ${tokenScope.options.join(', ')}`, [])
    .option('--expires <span>', 'how long it lasts, as 12h or 90d; a year at most')
    .action((name: string, options: CreateOptions) => create(name, options, context))
  command
    .command('list')
    .description('tokens with their scopes and last use')
    .action(() => list(context))
  command
    .command('revoke <token>')
    .description('end a token, by its name or id')
    .action((name: string) => revoke(name, context))
  return command
}

async function create(name: string, { scope, expires }: CreateOptions, { openEngine, out }: CliContext): Promise<void> {
  const scopes = scope.flatMap((text) => text.split(/[\s,]+/)).map(readScope)
  await using session = await openEngine()
  const { token } = await session.client.tokens.create({
    name,
    scopes,
    expiresInMs: expires === undefined ? null : readSpan('--expires', expires),
  })
  out.verbatim({ name, scopes, token }, token)
}

function readScope(text: string): TokenScope {
  const scope = tokenScope.safeParse(text)
  if (scope.success) return scope.data
  throw new AppError('BAD_INPUT', `"${text}" is not a scope`, `Scopes are ${tokenScope.options.join(', ')}.`)
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const tokens = await now(session.client.tokens.list())
  const rows = tokens.map((each) => [
    each.name,
    each.scopes.join(' ') || 'everything',
    time(each.expiresAt),
    time(each.lastUsedAt),
    each.id,
  ])
  out.result(tokens, rows.length === 0 ? 'No tokens yet.' : table(['name', 'may', 'expires', 'last used', 'id'], rows))
}

async function revoke(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const found = (await now(client.tokens.list())).find((each) => each.name === name || each.id === name)
  if (!found) throw new AppError('NOT_FOUND', `There is no token ${name}`, 'See otabench tokens list.')
  await client.tokens.revoke({ id: found.id })
  out.result({ revoked: found.id }, `revoked: ${found.name}`)
}
