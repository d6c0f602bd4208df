import { Command } from 'commander'
import type { Board } from '../../contract/boards.ts'
import { preauthorizeOn } from '../../engine/provision/preauthorize.ts'
import { provisionBoard } from '../../engine/provision/provision.ts'
import type { Outcome } from '../../engine/provision/run.ts'
import { SshShell } from '../../engine/provision/ssh/shell.ts'
import type { CliContext } from '../context.ts'
import { isVirtual, virtualBoard } from './provision-board.ts'
import { type RecipeFlags, following, openLedger, recipeFor, report, serverOf } from './provision-recipe.ts'
import { SSH_NOTES, type SshFlags, hopsOf, loginPassword, neededPassword, withSshFlags } from './ssh-flags.ts'

interface ProvisionFlags extends RecipeFlags, SshFlags {
  sudoPasswordFd?: string
}

const NOTES = `
A recipe is YAML; resources/recipes/debian-board.yaml shows what there is. It may be run again: what is as it should be is left alone.
When a step fails, what was done is undone, and what could not be is said.
${SSH_NOTES}`

/** `otabench provision ssh USER@HOST --recipe FILE`. */
export function provisionSshCommand(context: CliContext): Command {
  const command = new Command('ssh')
    .description('make a board one of the fleet, over SSH')
    .argument('<board>', 'USER@HOST or USER@HOST:PORT; board:NAME for a virtual board')
    .requiredOption('--recipe <file>', 'what it should become')
    .option('--dry-run', 'show the steps, and reach for no board')
    .option('--preauthorize', 'let the server expect it')
  return withSshFlags(command)
    .option('--sudo-password-fd <number>', 'the same for sudo on the board; else it is the password')
    .addHelpText('after', NOTES)
    .action((board: string, flags: ProvisionFlags) => provisionBySsh(board, flags, context))
}

async function provisionBySsh(wanted: string, given: ProvisionFlags, context: CliContext): Promise<void> {
  const resolved = await recipeFor(given, 'ssh', context)
  if (resolved === null) return
  using ledger = await openLedger(context)
  await using session = given.preauthorize || isVirtual(wanted) ? await context.openEngine() : null
  const { place, flags } =
    session !== null && isVirtual(wanted) ? loginOf(await virtualBoard(session.client, wanted), given) : { place: wanted, flags: given }
  const job = following(context)
  const passwords = passwordsFor(place, flags, context)
  const hops = await hopsOf(place, flags, { context, askPassword: passwords.login })
  const outcome: Outcome = await provisionBoard(
    {
      ...{ resolved, ledger },
      preauthorize: session !== null && flags.preauthorize ? preauthorizeOn(serverOf(session.client)) : null,
      connect: (signal) => SshShell.open(hops, { hostKeys: ledger.hostKeys, signal, log: job.log }),
      askSudoPassword: passwords.sudo,
    },
    job,
  )
  report(outcome, context)
}

/** How root of a virtual board logs in: what is said goes before what the bench knows of it. */
function loginOf({ ssh }: Board, flags: ProvisionFlags): { place: string; flags: ProvisionFlags } {
  const identity = flags.identity.length > 0 || ssh.keyPath === null ? flags.identity : [ssh.keyPath]
  const hostKey = flags.hostKey ?? ssh.hostKey
  return { place: `root@127.0.0.1:${ssh.port}`, flags: { ...flags, identity, ...(hostKey === null ? {} : { hostKey }) } }
}

/** Each asked for once; sudo mostly wants the one of the login. */
function passwordsFor(place: string, flags: ProvisionFlags, context: CliContext) {
  const { passwordFd, sudoPasswordFd } = flags
  const ask = loginPassword(place, flags, context)
  let known: Promise<string> | null = null
  const login = (user: string): Promise<string> => (known ??= ask(user))
  const sudo = (): Promise<string> => {
    if (sudoPasswordFd === undefined && known !== null) return known
    const from = { descriptor: sudoPasswordFd ?? passwordFd, hint: 'Use --sudo-password-fd N, or log in as root.' }
    return neededPassword(`Password of ${place} for sudo`, from, context)
  }
  return { login, sudo }
}
