import { Command } from 'commander'
import type { Job } from '../../contract/jobs.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { table, time } from '../text.ts'

/** `otabench jobs`: long work, what runs and what has ended. */
export function jobsCommand(context: CliContext): Command {
  const command = new Command('jobs').description('Long work, as adding an artifact or copying a file: what runs, and what has ended.')
  command
    .command('list')
    .description('what runs, then what has ended, the newest first')
    .action(() => list(context))
  command
    .command('log <job>')
    .description('what a job has noted, and why it failed')
    .action((id: string) => log(id, context))
  command
    .command('cancel <job>')
    .description('ask a job to stop')
    .action((id: string) => cancel(id, context))
  command
    .command('retry <job>')
    .description('start a job that has failed, or was cancelled, again as it was')
    .action((id: string) => retry(id, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const jobs = await now(session.client.jobs.list())
  const rows = jobs.map((job) => [job.id, time(job.startedAt), stateOf(job), job.title])
  out.result(jobs, rows.length === 0 ? 'No jobs yet.' : table(['id', 'started', 'state', 'job'], rows))
}

function stateOf({ state, steps, step, progress, failure }: Job): string {
  if (state === 'failed') return `failed: ${failure?.code ?? ''}`
  if (state !== 'running') return state
  const share = progress?.total ? ` ${Math.floor((100 * progress.done) / progress.total)} %` : ''
  return `${steps[step] ?? state}${share}`
}

async function log(id: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { failure } = await findJob(session.client, id)
  const lines = await session.client.jobs.log({ id })
  const why = failure === null ? [] : [`${failure.code}: ${failure.message}`]
  out.result({ lines, failure }, [...lines, ...why].join('\n'))
}

async function cancel(id: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const job = await findJob(session.client, id)
  if (job.state !== 'running') throw new AppError('CONFLICT', `"${job.title}" has ended already`, 'See otabench jobs log.')
  await session.client.jobs.cancel({ id })
  out.result({ cancelled: id }, `asked to stop: ${job.title}`)
}

async function retry(id: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const job = await findJob(session.client, id)
  const { jobId } = await session.client.jobs.retry({ id })
  out.result({ jobId }, `started again as ${jobId}: ${job.title}`)
}

async function findJob(client: EngineClient, id: string): Promise<Job> {
  const job = (await now(client.jobs.list())).find((each) => each.id === id)
  if (job) return job
  throw new AppError('NOT_FOUND', `There is no job ${id}`, 'See otabench jobs list.')
}
