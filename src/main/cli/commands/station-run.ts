import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { AppError, toAppError } from '../../contract/errors.ts'
import { type LabelSetting, type StationSetup, stationSetup } from '../../contract/station.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import type { CliContext } from '../context.ts'
import type { Keyboard } from '../keyboard.ts'
import { absolute } from './artifact-files.ts'
import { showStation } from './station-show.ts'

export interface LabelFlags {
  label?: 'zpl' | 'pdf'
  labelFolder?: string
  labelPrinter?: string
  labelCommand: string[]
}

interface RunFlags extends LabelFlags {
  recipe: string
  image: string
  slot: string[]
  operator: string
  order?: string
  minSize?: string
  maxSize?: string
  brand?: string
  preauthorize?: boolean
  to?: string
  toToken?: string
  whenFailed: 'void' | 'give-again'
  untilDone?: boolean
}

export const LABEL_NOTES = `
A label has 60 × 30 mm: a QR code with the serial number, the number, and the rest of the identity. --label-printer is a raw TCP port, as
label printers have it; --label-command a program that reads the label on its standard input, a word each time.`

const NOTES = `
A card is written without a question when it was put into one of the slots after they were armed, is of the expected size and make, and
nothing of the system is on it. The card is whole only when the server expects the device and the label is out: until then its first block
says that it is not. Standard input takes what a scanner types, a line each: a work order, a serial number that is to come next,
"operator NAME", "void SERIAL WHY"; "stop", or Ctrl+C, takes back what is being made and ends, without the PIN: that is for who
leaves the app.`

/** `otabench station run`. */
export function runStationCommand(context: CliContext, keyboard: Keyboard): Command {
  const command = new Command('run')
    .description('arm reader slots, and make a unit of each card that is put in')
    .requiredOption('--recipe <file>', 'what a unit is: identity, key, configuration')
    .requiredOption('--image <file>', 'what is written: a card of boot, A, B and data, packed or not')
    .option('--slot <port>', 'a reader slot; again for more. See otabench station slots', (one: string, all: string[]) => [...all, one], [])
    .requiredOption('--operator <name>', 'who is at work')
    .option('--order <name>', 'the work order; else it is scanned')
    .option('--min-size <size>', 'smaller cards are refused')
    .option('--max-size <size>', 'larger ones too')
    .option('--brand <text>', 'part of what the drive says of its maker and model')
    .option('--preauthorize', 'this bench expects the devices')
    .option('--to <url>', 'another bench, or a Mender server, expects them')
    .option('--to-token <secret>', 'its token: env:NAME or file:PATH')
    .addOption(
      new Option('--when-failed <rule>', 'what becomes of a number of a list whose unit failed')
        .choices(['void', 'give-again'])
        .default('give-again'),
    )
    .option('--until-done', 'end when the work order is done')
  return labelFlags(command)
    .addHelpText('after', LABEL_NOTES)
    .addHelpText('after', NOTES)
    .action((flags: RunFlags) => runStation(flags, context, keyboard))
}

/** How labels are made, as options. */
export function labelFlags(command: Command): Command {
  return command
    .addOption(new Option('--label <format>', 'make a label of each unit').choices(['zpl', 'pdf']))
    .option('--label-folder <folder>', 'a file each')
    .option('--label-printer <host:port>', 'default port: 9100')
    .option('--label-command <word>', 'a program; again for its arguments', (one: string, all: string[]) => [...all, one], [])
}

/** null where no label is made. */
export function labelSetting({ label, labelFolder, labelPrinter, labelCommand }: LabelFlags, cwd: string): LabelSetting | null {
  if (label === undefined) return null
  if (labelPrinter !== undefined && labelCommand.length > 0)
    throw new AppError('BAD_INPUT', '--label-printer and --label-command exclude each other', 'Give one of them.')
  if (labelFolder === undefined && labelPrinter === undefined && labelCommand.length === 0)
    throw new AppError('BAD_INPUT', 'Where the labels go is not said', 'Add --label-folder, --label-printer or --label-command.')
  const [, host = '', port = '9100'] = /^(.+?)(?::(\d{1,5}))?$/.exec(labelPrinter ?? '') ?? []
  const printer = labelPrinter === undefined ? null : { host, port: Number(port) }
  return {
    format: label,
    folder: labelFolder === undefined ? null : resolve(cwd, labelFolder),
    printer: labelCommand.length > 0 ? { command: labelCommand } : printer,
  }
}

async function runStation(flags: RunFlags, context: CliContext, keyboard: Keyboard): Promise<void> {
  const { signal, cwd } = context
  const setup = setupOf(flags, cwd)
  if (flags.slot.length === 0) throw new AppError('BAD_INPUT', 'No slot is named', 'Add --slot PORT; see otabench station slots.')
  await using session = await context.openEngine()
  const { station } = session.client
  const { slot: slots, operator, order = null } = flags
  const { key } = await station.start({ setup, slots, operator, order }, { signal })
  const stopping = new AbortController()
  const ending = AbortSignal.any([signal, stopping.signal])
  void hear(keyboard, { signal: ending, scan: (line) => station.scan({ line }), stop: () => stopping.abort(), context })
  await showStation(session.client, { context, signal: ending, isUntilDone: flags.untilDone ?? false, key })
  stopping.abort()
}

function setupOf(flags: RunFlags, cwd: string): StationSetup {
  const { recipe, image, minSize, maxSize, brand = '', preauthorize = false, to, toToken, whenFailed } = flags
  if (preauthorize && to !== undefined) throw new AppError('BAD_INPUT', '--preauthorize and --to exclude each other', 'Give one of them.')
  if (to !== undefined && toToken === undefined) throw new AppError('LOGIN_REFUSED', `${to} needs a token`, 'Add --to-token env:NAME.')
  const checked = stationSetup.safeParse({
    ...{ recipe: absolute(cwd, recipe), image: absolute(cwd, image), whenFailed, label: labelSetting(flags, cwd) },
    card: { minBytes: bytesOf('--min-size', minSize) ?? 0, maxBytes: bytesOf('--max-size', maxSize), brand },
    server: to === undefined ? (preauthorize ? 'bench' : null) : { url: to, token: toToken },
  })
  if (checked.success) return checked.data
  throw new AppError('BAD_INPUT', checked.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`).join('; '), 'Correct it.')
}

function bytesOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const bytes = sizeBytes(text)
  if (bytes > 0) return bytes
  throw new AppError('BAD_INPUT', `${flag} ${text} is no size`, 'Write for example 8GB.')
}

interface Hearing {
  signal: AbortSignal
  scan(text: string): Promise<unknown>
  stop(): void
  context: CliContext
}

/** What a scanner types: the station's own answer to it is shown with the rest. */
async function hear(keyboard: Keyboard, { signal, scan, stop, context }: Hearing): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of keyboard.input(signal)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\r|\n/)
    rest = lines.pop() ?? ''
    for (const line of lines.map((each) => each.trim()).filter((each) => each !== '')) {
      if (line.toLowerCase() === 'stop') return stop()
      // What it does not understand it has said.
      await scan(line).catch((thrown: unknown) => {
        if (toAppError(thrown).code === 'INTERNAL') context.out.failure(thrown)
      })
    }
  }
}
