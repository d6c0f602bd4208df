import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type Webhook, type WebhookDelivery, type WebhookKind, webhookKind } from '../../contract/webhooks.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'

interface AddOptions {
  event: string[]
  secret?: string
}

/** `otabench webhooks`: who is told by HTTP what happens. */
export function webhooksCommand(context: CliContext): Command {
  const command = new Command('webhooks').description('Tell a program by HTTP POST what happens to devices and deployments.')
  command
    .command('add <url>')
    .description('tell it from now on; the secret that signs the messages (X-Men-Signature) is printed, this once')
    .option('--event <kinds...>', `what to tell; without one everything: ${webhookKind.options.join(', ')}`, [])
    .option('--secret <text>', 'sign with this secret; without one it is made')
    .action((url: string, options: AddOptions) => add(url, options, context))
  command
    .command('list')
    .description('who is told what, and whether that works')
    .action(() => list(context))
  command
    .command('remove <webhook>')
    .description('tell it no more, by its id or URL')
    .action((name: string) => remove(name, context))
  command
    .command('test <webhook>')
    .description('send a message that says it is a test, and see what comes of it')
    .action((name: string) => test(name, context))
  command
    .command('deliveries <webhook>')
    .description('what it was told lately, and what came of it')
    .action((name: string) => deliveries(name, context))
  command
    .command('retry <webhook> <delivery>')
    .description('send a message of the list of deliveries again')
    .action((name: string, delivery: string) => retry(name, delivery, context))
  return command
}

async function add(url: string, { event, secret }: AddOptions, { openEngine, out }: CliContext): Promise<void> {
  const kinds = event.flatMap((text) => text.split(',')).map(readKind)
  await using session = await openEngine()
  const made = await session.client.webhooks.add({ url, kinds, secret: secret ?? null })
  out.result(made, `${made.id}\nsecret: ${made.secret}`)
}

function readKind(text: string): WebhookKind {
  const kind = webhookKind.safeParse(text)
  if (kind.success) return kind.data
  throw new AppError('BAD_INPUT', `"${text}" is not an event`, `Events are ${webhookKind.options.join(', ')}.`)
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const webhooks = await now(session.client.webhooks.list())
  const rows = webhooks.map((each) => [
    each.id,
    each.url,
    each.kinds.join(' ') || 'everything',
    String(each.waitingCount),
    String(each.droppedCount),
    time(each.deliveredAt),
    each.lastError || '-',
  ])
  out.result(
    webhooks,
    rows.length === 0 ? 'No webhooks yet.' : table(['id', 'url', 'events', 'waiting', 'given up', 'told last', 'error'], rows),
  )
}

async function remove(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const found = await findWebhook(client, name)
  await client.webhooks.remove({ id: found.id })
  out.result({ removed: found.id }, `removed: ${found.url}`)
}

async function test(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const { id, url } = await findWebhook(client, name)
  const delivery = await client.webhooks.test({ id })
  out.result(delivery, `${url}: ${outcomeOf(delivery)}`)
  if (delivery.error !== '') throw new AppError('DEVICE_UNREACHABLE', delivery.error, 'See whether that program runs, and the address.')
}

async function deliveries(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const { id } = await findWebhook(client, name)
  const told = await now(client.webhooks.deliveries({ id }))
  const rows = told.map((each) => [String(each.id), time(each.at), each.kind, each.about, outcomeOf(each)])
  out.result(told, rows.length === 0 ? 'Nothing was told yet.' : table(['id', 'time', 'event', 'about', 'outcome'], rows))
}

async function retry(name: string, delivery: string, { openEngine, out }: CliContext): Promise<void> {
  if (!/^\d{1,15}$/.test(delivery))
    throw new AppError('BAD_INPUT', `"${delivery}" is not the id of a delivery`, 'See otabench webhooks deliveries.')
  await using session = await openEngine()
  const { client } = session
  const { id, url } = await findWebhook(client, name)
  await client.webhooks.retry({ id, deliveryId: Number(delivery) })
  out.result({ retried: Number(delivery) }, `sent again to ${url}; otabench webhooks deliveries tells what came of it`)
}

/** What came of telling, in words. */
function outcomeOf({ status, tookMs, error, isWaiting }: WebhookDelivery): string {
  if (error === '') return `taken, ${status} in ${tookMs} ms`
  return isWaiting ? `${error}; it will be tried again` : error
}

async function findWebhook(client: EngineClient, name: string): Promise<Webhook> {
  const found = (await now(client.webhooks.list())).find(({ id, url }) => id === name || url === name)
  if (found) return found
  throw new AppError('NOT_FOUND', `There is no webhook ${name}`, 'See otabench webhooks list.')
}
