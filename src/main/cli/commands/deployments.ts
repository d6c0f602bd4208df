import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { formatFilter } from '../../contract/filters.ts'
import { planText } from '../../contract/plan-text.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'
import { findDevice } from './find-device.ts'

/** `otabench deployments`: what was deployed, to whom, and how it ended. */
export function deploymentsCommand(context: CliContext): Command {
  const command = new Command('deployments').description('Deployments and their outcome for each device.')
  command
    .command('list')
    .description('all deployments, the newest first')
    .action(() => list(context))
  command
    .command('show <deployment>')
    .description('the outcome for each device, with the reason')
    .action((id: string) => show(id, context))
  command
    .command('why <deployment> <device>')
    .description('why this device has got nothing of it, or what it is up to')
    .action((id: string, device: string) => why(id, device, context))
  command
    .command('rates <deployment> [device]')
    .description('how fast it was downloaded: by all together and each device, the slowest first, or by one')
    .action((id: string, device: string | undefined) => rates(id, device, context))
  command
    .command('attempts <deployment>')
    .description('how many devices succeeded at which try, and why the others failed')
    .action((id: string) => attempts(id, context))
  command
    .command('abort <deployment>')
    .description('stop offering it; devices hear it when they next report')
    .action((id: string) => abort(id, context))
  command
    .command('continue <deployment>')
    .description('let devices that wait at --pause-before go on')
    .option('--force', 'also where a device has its own map that pauses')
    .option('--fail', 'let them fail instead, and undo what they did')
    .action((id: string, options: ContinueOptions) => goOn(id, options, context))
  command
    .command('log <deployment> <device>')
    .description('the log that a device sent with its failure')
    .action((id: string, device: string) => log(id, device, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const deployments = await now(session.client.deployments.list())
  const rows = deployments.map(({ id, name, artifactName, status, statistics, createdAt }) => [
    id,
    name,
    artifactName,
    status,
    Object.entries(statistics)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    time(createdAt),
  ])
  out.result(
    deployments,
    rows.length === 0 ? 'No deployments yet.' : table(['id', 'name', 'artifact', 'status', 'devices', 'created'], rows),
  )
}

/** The whole id of a deployment from the start of it. */
async function findDeployment(client: EngineClient, start: string): Promise<string> {
  const [found, another] = (await now(client.deployments.list())).filter(({ id }) => id.startsWith(start))
  if (!found || another)
    throw new AppError('NOT_FOUND', `There is not one deployment whose id starts with "${start}"`, 'See otabench deployments list.')
  return found.id
}

async function show(start: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const deployment = await now(session.client.deployments.show({ id: await findDeployment(session.client, start) }))
  const rows = deployment.devices.map((each) => [each.deviceName, each.status, time(each.finishedAt), each.explanation])
  const { name, status, filter, stoppedWhy, plan } = deployment
  const lines = [
    `${name}  ${status}`,
    filter === null ? '' : `filter: ${formatFilter(filter)}`,
    planText(plan) === '' ? '' : `plan: ${planText(plan)}`,
    stoppedWhy === '' ? '' : `stopped: ${stoppedWhy}`,
    table(['device', 'status', 'finished', 'explanation'], rows),
  ]
  out.result(deployment, lines.filter((line) => line !== '').join('\n'))
}

async function rates(start: string, name: string | undefined, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const id = await findDeployment(client, start)
  const device = name === undefined ? null : await findDevice(client, name)
  await (await import('./deployment-figures.ts')).printRates(client, { id, ...(device && { deviceId: device.id }) }, out)
}

async function attempts(start: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await (await import('./deployment-figures.ts')).printAttempts(session.client, await findDeployment(session.client, start), out)
}

async function why(start: string, name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const [id, device] = [await findDeployment(client, start), await findDevice(client, name)]
  const { text } = await client.deployments.explain({ id, deviceId: device.id })
  out.result({ deployment: id, device: device.id, why: text }, `${device.name}: ${text}`)
}

async function abort(start: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const id = await findDeployment(session.client, start)
  await session.client.deployments.abort({ id })
  out.result({ aborted: id }, `aborted: ${id}`)
}

interface ContinueOptions {
  force?: boolean
  fail?: boolean
}

async function goOn(start: string, { force, fail }: ContinueOptions, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const id = await findDeployment(client, start)
  const action = fail ? 'fail' : force ? 'force_continue' : 'continue'
  await client.deployments.answerPause({ id, action })
  out.result({ [action]: id }, `${action}: ${id}`)
}

async function log(start: string, name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const [id, device] = [await findDeployment(client, start), await findDevice(client, name)]
  const messages = await client.deployments.log({ id, deviceId: device.id })
  if (messages.length === 0) out.note(`${device.name} has sent no log for this deployment; devices send one when they fail.`)
  out.verbatim(messages, messages.map(({ at, level, message }) => `${at} ${level}: ${message}`).join('\n'))
}
