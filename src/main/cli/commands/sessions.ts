import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { type CastEvent, readCast, shortened } from '../../contract/asciicast.ts'
import { writeAtomic } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { size, table, time } from '../text.ts'

/** `otabench sessions`: terminals on devices, as they were recorded. */
export function sessionsCommand(context: CliContext): Command {
  const command = new Command('sessions').description('Terminals on devices, as they were recorded: what they showed.')
  command
    .command('list')
    .description('the newest first')
    .action(() => list(context))
  command
    .command('play <session>')
    .description('show one as it went, with long pauses shortened')
    .option('--speed <factor>', 'so many times as fast', factor, 1)
    .action((id: string, { speed }: { speed: number }) => play(id, speed, context))
  command
    .command('print <session>')
    .description('all that one showed, at once')
    .action((id: string) => print(id, context))
  command
    .command('export <session>')
    .description('one as a file that asciinema plays')
    .requiredOption('-o, --output <file>', 'to this file')
    .action((id: string, { output }: { output: string }) => exportCast(id, output, context))
  command
    .command('remove <session>')
    .description('forget one')
    .action((id: string) => remove(id, context))
  command
    .command('record <on|off>')
    .description('whether terminals are recorded from now on')
    .action((word: string) => record(word, context))
  return command
}

function factor(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= 1000) return value
  throw new InvalidArgumentError('Give a factor from 0.1 to 1000.')
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const recordings = await now(session.client.recordings.list())
  const rows = recordings.map((each) => [
    ...[each.id, time(each.startedAt), each.deviceName, each.actor],
    each.isRunning ? 'open' : each.endedAt === null ? 'broken off' : `${Math.round((each.endedAt - each.startedAt) / 1000)} s`,
    `${size(each.sizeBytes)}${each.isCut ? ', cut' : ''}`,
  ])
  out.result(recordings, rows.length === 0 ? 'No sessions yet.' : table(['id', 'started', 'device', 'who', 'took', 'size'], rows))
}

async function eventsOf(id: string, { openEngine }: CliContext): Promise<CastEvent[]> {
  await using session = await openEngine()
  const { cast } = await session.client.recordings.read({ id })
  return readCast(cast).events
}

async function play(id: string, speed: number, context: CliContext): Promise<void> {
  let last = 0
  for (const { atMs, kind, text } of shortened(await eventsOf(id, context))) {
    await sleep((atMs - last) / speed, undefined, { signal: context.signal })
    last = atMs
    if (kind === 'output') context.out.raw(text)
  }
}

async function print(id: string, context: CliContext): Promise<void> {
  const events = await eventsOf(id, context)
  if (context.out.style.isJson) context.out.result(events, '')
  else for (const { kind, text } of events) if (kind === 'output') context.out.raw(text)
}

async function exportCast(id: string, output: string, { openEngine, out, host, cwd }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { cast } = await session.client.recordings.read({ id })
  const path = resolve(cwd, output)
  await writeAtomic(host.files, path, new TextEncoder().encode(cast), 0o600)
  out.verbatim({ path }, path)
}

async function remove(id: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.recordings.remove({ id })
  out.result({ removed: id }, `removed: ${id}`)
}

async function record(word: string, { openEngine, out }: CliContext): Promise<void> {
  if (word !== 'on' && word !== 'off') throw new InvalidArgumentError('Say on or off.')
  await using session = await openEngine()
  await session.client.recordings.setOn({ isOn: word === 'on' })
  out.result({ isOn: word === 'on' }, word === 'on' ? 'terminals are recorded from now on' : 'terminals are no longer recorded')
}
