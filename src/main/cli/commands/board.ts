import { Command, Option } from 'commander'
import { boardPower, updateKind } from '../../contract/boards.ts'
import type { CliContext } from '../context.ts'
import type { CreateFlags, TryFlags, UpdateFlags } from './board-make.ts'

/** What each power command is for. */
const POWER = {
  on: ['start', 'switch it on'],
  off: ['stop', 'ask its system to switch itself off, and cut the power when it does not'],
  cut: ['cut', 'cut the power, wherever it stands'],
  reset: ['reset', 'cut the power, and switch it on again'],
} as const

/** `otabench board`: virtual boards, real systems in an emulator. */
export function boardCommand(context: CliContext): Command {
  const command = new Command('board').description(
    'Virtual boards: U-Boot, two slots and the real Mender client in QEMU. They run as long as the engine does: otabench serve, then --server.',
  )
  addMakers(command, context)
  addRunners(command, context)
  addUpdates(command, context)
  return command
}

function addMakers(command: Command, context: CliContext): void {
  withMachineFlags(command.command('create <name>'))
    .description('make a board from packages of Debian, which are fetched the first time, and announce it to the server')
    .option('--artifact-name <name>', 'what its slots hold at first', 'board-1')
    .option('--poll <seconds>', 'how often it asks for an update', '5')
    .option('--verify-key <key>', 'a key of the key ring, by its name: it takes nothing that is not signed with it')
    .action(async (name: string, flags: CreateFlags) => (await import('./board-make.ts')).createBoard(name, flags, context))
  withMachineFlags(command.command('try <image>'))
    .description('boot a copy of a card image for the same machine, to try it before it is flashed; it brings its own configuration')
    .option('--name <name>', 'of the board; that of the file when left out')
    .action(async (image: string, flags: TryFlags) => (await import('./board-make.ts')).tryImage(image, flags, context))
}

function withMachineFlags(command: Command): Command {
  return command
    .option('--no-start', 'leave it off')
    .option('--memory <MiB>', 'what its machine has', '256')
    .option('--silence <seconds>', 'an update that is tried and says nothing for so long has its power cut', '60')
}

function addRunners(command: Command, context: CliContext): void {
  for (const action of boardPower.options) {
    const [verb, text] = POWER[action]
    command
      .command(`${verb} <name>`)
      .description(text)
      .action(async (name: string) => (await import('./board-run.ts')).power(name, action, context))
  }
  command
    .command('list')
    .description('all boards: how far each has come, which slot runs, its ports')
    .action(async () => (await import('./board-run.ts')).list(context))
  command
    .command('console <name>')
    .description('its serial console in this terminal; Ctrl+] leaves it')
    .action(async (name: string) => (await import('./board-run.ts')).boardConsole(name, context))
  command
    .command('env <name>')
    .description("U-Boot's variables, as they are on its card")
    .action(async (name: string) => (await import('./board-run.ts')).environment(name, context))
  command
    .command('why <name>')
    .description('how its last update went: what server, client, console and power switch saw, and the cause of a failure')
    .action(async (name: string) => (await import('./board-run.ts')).why(name, context))
  command
    .command('remove <name>')
    .description('with its card, and its device on the server')
    .action(async (name: string) => (await import('./board-run.ts')).remove(name, context))
}

function addUpdates(command: Command, context: CliContext): void {
  const kind = () => new Option('--kind <kind>', 'how it turns out').choices(updateKind.options).default('good')
  command
    .command('artifact <name>')
    .description('write an update for boards into the library, a good or a faulty one')
    .addOption(kind())
    .option('--key <key>', 'sign it with a key of the key ring, by its name')
    .action(async (name: string, flags: UpdateFlags) => (await import('./board-make.ts')).makeUpdate(name, flags, context))
  command
    .command('rootfs <name> <file>')
    .description('write such a root file system into a file; its state scripts into FILE.scripts')
    .addOption(kind())
    .action(async (name: string, file: string, flags: UpdateFlags) =>
      (await import('./board-make.ts')).writeRootfs({ name, file }, flags, context),
    )
}
