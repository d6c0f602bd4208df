import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type KnownProvides, knownProvides, verdictOf } from '../../engine/views/compatibility.ts'
import type { CliContext } from '../context.ts'
import { now } from '../live.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { openArtifact } from './artifact-open.ts'
import { findDevice } from './find-device.ts'

interface PredictFlags extends ExpansionFlag {
  provides: string[]
  device?: string
}

/** `otabench artifact will-install FILE --provides k=v… | --device ID`. */
export function willInstallCommand(context: CliContext): Command {
  return new Command('will-install')
    .description('whether a device would take an artifact, and if not which rule it breaks; exits 5 when it would not')
    .argument('<file>')
    .addOption(
      new Option('--provides <key=value...>', 'what the device has, as `mender-update show-provides` prints it')
        .argParser((value: string, before: string[]) => [...before, value])
        .default([]),
    )
    .addOption(allowExpansionOption())
    .option('--device <device>', 'a device that the bench knows: its id, its name or a value of its identity')
    .action((path: string, flags: PredictFlags) => predict(path, flags, context))
}

async function predict(path: string, flags: PredictFlags, context: CliContext): Promise<void> {
  const known = flags.device === undefined ? given(flags.provides) : await ofDevice(flags, context)
  const content = await openArtifact(path, flags, context)
  const verdict = verdictOf(content, known)
  const answer = verdict.willInstall ? 'would be installed' : 'would not be installed'
  context.out.result({ path, name: content.name, device: flags.device ?? null, ...verdict }, `${path}: ${answer}. ${verdict.why}`)
  if (!verdict.willInstall) throw new NegativeOutcome(EXIT_NEGATIVE)
}

function given(pairs: readonly string[]): KnownProvides {
  const provides = Object.fromEntries(pairs.map(pairOf))
  if (provides['device_type'] === undefined)
    throw new AppError(
      'BAD_INPUT',
      'The device type is not said',
      'Give --provides device_type=TYPE and what else the device has, or --device ID.',
    )
  return { provides, hasAllProvides: true }
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new AppError('BAD_INPUT', `"${text}" is not KEY=VALUE`, 'Write for example --provides device_type=raspberrypi4.')
  return [text.slice(0, at), text.slice(at + 1)]
}

async function ofDevice({ device = '', provides }: PredictFlags, { openEngine }: CliContext): Promise<KnownProvides> {
  if (provides.length > 0) throw new AppError('BAD_INPUT', '--provides and --device both say what the device has', 'Use one of them.')
  await using session = await openEngine()
  const { id } = await findDevice(session.client, device)
  const known = await now(session.client.devices.show({ id }))
  return knownProvides(known, known.inventory)
}
