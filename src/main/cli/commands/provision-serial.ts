import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { BAUD_RATES } from '../../contract/serial.ts'
import { preauthorizeOn } from '../../engine/provision/preauthorize.ts'
import { provisionBoard } from '../../engine/provision/provision.ts'
import { openAtRate } from '../../engine/provision/serial/open.ts'
import { SerialShell } from '../../engine/provision/serial/shell.ts'
import type { CliContext } from '../context.ts'
import { readPassword } from '../passphrase.ts'
import { isVirtual, terminalOf, virtualBoard } from './provision-board.ts'
import { type RecipeFlags, following, openLedger, recipeFor, report, serverOf } from './provision-recipe.ts'

interface SerialFlags extends RecipeFlags {
  baud?: string
  login: string
  passwordFd?: string
  sudoPasswordFd?: string
}

const NOTES = `
The console is woken and logged in to; kernel messages in between do no harm. Files go over it in checked pieces: a line that was cut is
taken up where it broke off. Without --baud the rate is looked for.`

/** `otabench provision serial PORT --recipe FILE`. */
export function provisionSerialCommand(context: CliContext): Command {
  return new Command('serial')
    .description('make a board one of the fleet, over its serial console')
    .argument('<port>', 'see otabench serial list; board:NAME for a virtual board')
    .requiredOption('--recipe <file>', 'what it should become')
    .option('--dry-run', 'show the steps, and open no port')
    .option('--preauthorize', 'let the server expect it')
    .option('--baud <rate>', 'the rate of the console')
    .option('--login <user>', 'who logs in', 'root')
    .option('--password-fd <number>', 'file descriptor with the password; else it is asked for on the terminal')
    .option('--sudo-password-fd <number>', 'the same for sudo on the board')
    .addHelpText('after', NOTES)
    .action((port: string, flags: SerialFlags) => provisionBySerial(port, flags, context))
}

async function provisionBySerial(place: string, flags: SerialFlags, context: CliContext): Promise<void> {
  const { host } = context
  // An emulated UART understands every rate.
  const baudRate = isVirtual(place) ? BAUD_RATES[0] : rateOf(flags.baud)
  const resolved = await recipeFor(flags, 'serial', context)
  if (resolved === null) return
  using ledger = await openLedger(context)
  await using session = flags.preauthorize || isVirtual(place) ? await context.openEngine() : null
  const path = session !== null && isVirtual(place) ? terminalOf(await virtualBoard(session.client, place)) : place
  const job = following(context)
  const ask = (what: string, descriptor: string | undefined) => async () => {
    const password = await readPassword(`Password of ${what}`, descriptor, context)
    if (password !== null) return password
    throw new AppError('LOGIN_REFUSED', `${what} needs a password, and there is no terminal to ask on`, 'Use --password-fd N.')
  }
  let known: Promise<string> | null = null
  const askPassword = (): Promise<string> => (known ??= ask(`${flags.login} on ${path}`, flags.passwordFd)())
  const outcome = await provisionBoard(
    {
      ...{ resolved, ledger },
      preauthorize: session !== null && flags.preauthorize ? preauthorizeOn(serverOf(session.client)) : null,
      connect: async (signal) => {
        const line = await openAtRate({ ...{ path, baudRate, signal }, files: host.files, log: job.log })
        const onProgress = (done: number, total: number) => job.progress(done, total, 'bytes')
        return SerialShell.open(line, { login: { user: flags.login, askPassword }, signal, onProgress })
      },
      askSudoPassword: ask(`${flags.login} for sudo`, flags.sudoPasswordFd ?? flags.passwordFd),
    },
    job,
  )
  report(outcome, context)
}

/** null where none is said. */
export function rateOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d{1,7}$/.test(text)) return Number(text)
  throw new AppError('BAD_INPUT', `--baud ${text} is no rate`, 'Write for example --baud 115200.')
}
