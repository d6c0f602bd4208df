import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../../contract/errors.ts'
import type { JournalFacts } from '../../../contract/journal.ts'
import { FollowedLines, type FollowedLine } from '../journal/followed-lines.ts'
import { type JournalSource, MENDER_UNITS, lookForJournal } from '../journal/look.ts'
import { UNIT_STATES_SCRIPT, unitStatesReader } from '../journal/unit-states.ts'
import { boardFailure } from '../shell.ts'
import type { SshHop, SshSurroundings } from './connect.ts'
import { type Follower, SshShell } from './shell.ts'

interface Wanted {
  /** So many of the lines that are there already. */
  lines: number
  now(): number
}

/** The log of the Mender client on a board, and how its services are, followed until it is disposed of. */
export interface SshJournal extends AsyncDisposable {
  readonly name: string
  readonly facts: JournalFacts
  /** Calls `listener` with the lines that are there and those that come. Answers how to stop. */
  onLine(listener: (line: FollowedLine) => void): () => void
  /** Calls `listener` when `facts` are others. Answers how to stop. */
  onFacts(listener: () => void): () => void
  /** Resolves when the board has ended it; rejects with why when it was lost. */
  readonly ended: Promise<void>
}

/** A log file is mostly of others: so many of its lines are read for each that is wanted. */
const OTHERS = 20

/** Logs in and looks where the log is: see `connectSsh` and `lookForJournal` for what may fail. */
export async function openSshJournal(hops: readonly SshHop[], surroundings: SshSurroundings, wanted: Wanted): Promise<SshJournal> {
  const shell = await SshShell.open(hops, surroundings)
  try {
    const source = await lookForJournal(shell, surroundings.signal)
    const lines = new FollowedLines(source, wanted.now)
    const log = await shell.follow({ command: logCommand(source, wanted.lines), sudo: source.sudo }, (line) => lines.add(line))
    const services = source.hasSystemctl ? await followServices(shell, wanted.now) : null
    const ended = endOf(log, shell.name)
    ended.catch(() => undefined)
    return {
      ...{ name: shell.name, ended },
      get facts() {
        return { file: source.file, services: services?.states() ?? null }
      },
      onLine: (listener) => lines.listen(listener),
      onFacts: (listener) => services?.onChange(listener) ?? (() => undefined),
      async [Symbol.asyncDispose]() {
        log.stop()
        services?.stop()
        await shell[Symbol.asyncDispose]()
      },
    }
  } catch (thrown) {
    await shell[Symbol.asyncDispose]()
    throw thrown
  }
}

async function endOf(log: Follower, name: string): Promise<void> {
  const result = await log.ended
  if (result.exitCode !== 0) throw boardFailure(`The log of ${name} ended`, result)
}

function logCommand({ file, sudo }: JournalSource, lines: number): string {
  const units = MENDER_UNITS.map((unit) => `-u ${unit}`).join(' ')
  return file === null
    ? `${sudo} journalctl -q --no-pager -o short-unix -n ${lines} -f ${units}`
    : `${sudo} tail -n ${lines * OTHERS} -F ${file}`
}

async function followServices(shell: SshShell, now: () => number) {
  let states: JournalFacts['services'] = null
  const listeners = new Set<() => void>()
  const reader = unitStatesReader(now, (next) => {
    if (isDeepStrictEqual(next, states)) return
    states = next
    for (const listener of listeners) listener()
  })
  const follower = await shell.follow({ command: UNIT_STATES_SCRIPT, sudo: '' }, reader)
  // The log ends with the connection as well, and says why.
  follower.ended.catch(() => undefined)
  return {
    states: () => states,
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: follower.stop,
  }
}

/** What typing into it comes to. */
export function takesNoInput(name: string): AppError {
  return new AppError('BAD_INPUT', `The log of ${name} is read, not typed to`, 'Open a console for that.')
}
