import { Command } from 'commander'
import { sshPlacesOf } from '../../contract/addresses.ts'
import { AppError } from '../../contract/errors.ts'
import { type JournalFacts, serviceText } from '../../contract/journal.ts'
import { LineLog } from '../../engine/lib/line-log.ts'
import type { FollowedLine } from '../../engine/provision/journal/followed-lines.ts'
import { type SshJournal, openSshJournal } from '../../engine/provision/ssh/journal.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { time } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { findDevice } from './find-device.ts'
import { openLedger } from './provision-recipe.ts'
import { SSH_NOTES, type SshFlags, hopsOf, loginPassword, withSshFlags } from './ssh-flags.ts'

interface LogsFlags extends SshFlags {
  lines: string
  user: string
  grep?: string
  output?: string
}

const NOTES = `
Follows the journal of mender-client, mender-updated, mender-authd and mender-connect, whichever there are, and says how these services
are; on a board without a journal, the lines about Mender in its log file. Ctrl+C ends it.
${SSH_NOTES}`

/** `otabench devices logs DEVICE`: what the Mender client on it says, as it says it. */
export function deviceLogsCommand(context: CliContext): Command {
  const command = new Command('logs')
    .description('follow the log of the Mender client on a device, over SSH')
    .argument('<device>', 'USER@HOST, USER@HOST:PORT, or a device that has told its address')
    .option('-n, --lines <number>', 'begin with so many lines that are there already', '20')
    .option('--user <name>', 'who to log in as, for a device', 'root')
    .option('--grep <text>', 'only lines with this text')
    .option('-o, --output <file>', 'write the lines into a file as well, with their times')
  return withSshFlags(command)
    .addHelpText('after', NOTES)
    .action((device: string, flags: LogsFlags) => followLogs(device, flags, context))
}

async function followLogs(device: string, flags: LogsFlags, context: CliContext): Promise<void> {
  const { host, out, signal, cwd } = context
  if (!/^\d{1,4}$/.test(flags.lines))
    throw new AppError('BAD_INPUT', `-n ${flags.lines} is no number of lines`, 'Write for example -n 100.')
  const place = device.includes('@') ? device : await placeOfDevice(device, flags.user, context)
  const hops = await hopsOf(place, flags, { context, askPassword: loginPassword(place, flags, context) })
  using ledger = await openLedger(context)
  const surroundings = { hostKeys: ledger.hostKeys, signal, log: (line: string) => out.note(line) }
  await using journal = await openSshJournal(hops, surroundings, { lines: Number(flags.lines), now: () => host.clock.now() })
  await using file = flags.output === undefined ? null : await LineLog.open(absolute(cwd, flags.output), host)
  const stopFacts = showFacts(journal, context)
  const stopLines = journal.onLine(({ at, text }: FollowedLine) => {
    if (flags.grep !== undefined && !text.includes(flags.grep)) return
    file?.add(Buffer.from(`${text}\n`), at)
    out.verbatim({ at, text }, `${time(at)}  ${text}`)
  })
  try {
    await Promise.race([journal.ended, stopped(signal)])
    out.note('The log has ended.')
  } finally {
    stopFacts()
    stopLines()
  }
}

/** Where a device of the bench is, as it told itself or as it is seen on the network. */
async function placeOfDevice(name: string, user: string, { openEngine }: CliContext): Promise<string> {
  await using session = await openEngine()
  const device = await findDevice(session.client, name)
  const { boards } = await now(session.client.discovery.list())
  const { inventory } = await now(session.client.devices.show({ id: device.id }))
  const noticed = boards.find(({ deviceId }) => deviceId === device.id)
  const [place] = sshPlacesOf(inventory, noticed)
  if (place === undefined)
    throw new AppError(
      'NOT_FOUND',
      `No address of ${device.name} is known`,
      'Name it as USER@HOST; its inventory tells the address once it is accepted.',
    )
  return `${user}@${place.host.includes(':') ? `[${place.host}]` : place.host}${place.port === 22 ? '' : `:${place.port}`}`
}

/** Says what is followed, and each change of a service. */
function showFacts(journal: SshJournal, { out }: CliContext): () => void {
  const { file } = journal.facts
  out.note(file === null ? `The journal of ${journal.name}:` : `${journal.name} has no systemd. The lines about Mender in its ${file}:`)
  const shown = new Map<string, string>()
  const show = (): void => {
    for (const [unit, text] of changedServices(journal.facts, shown)) {
      shown.set(unit, text)
      out.note(`${unit}: ${text}`)
    }
  }
  show()
  return journal.onFacts(show)
}

function changedServices({ services }: JournalFacts, shown: ReadonlyMap<string, string>): [unit: string, text: string][] {
  return (services ?? []).flatMap((service) => {
    const text = serviceText(service)
    return shown.get(service.unit) === text ? [] : [[service.unit, text]]
  })
}

/** Rejects when the person stops it. */
function stopped(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(new AppError('CANCELLED', 'Cancelled', '', signal.reason))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return promise
}
