import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { writeArtifact } from '../../engine/artifact/write.ts'
import { DELTA_PAYLOAD } from '../../engine/artifact/delta/patch-format.ts'
import { resourcePath } from '../../engine/lib/resources.ts'
import { refuseOwnInput } from '../../engine/lib/file-streams.ts'
import { type Delta, type DeltaStep, makeDelta } from '../../engine/packing/delta.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { repeated } from './artifact-flags.ts'
import { writeBeside } from './artifact-output.ts'
import { type SigningFlags, addSigningFlags, signerFrom } from './artifact-sign-key.ts'
import { stampOf, stampingOf } from './artifact-stamp.ts'

interface DeltaFlags extends SigningFlags, ExpansionFlag {
  artifactName?: string
  deviceType: string[]
  outputPath: string
  reproducible?: boolean
  progress: boolean
}

const UNITS: Record<DeltaStep, string> = { old: 'of the old image read', compare: 'of the new image compared', write: 'written' }

/** The update module that is shipped beside the code. */
const moduleFile = () => resourcePath(`update-modules/${DELTA_PAYLOAD}`)

const notes = () => `
OLD and NEW are rootfs-image artifacts, or images as they are; of a NEW that is an image, say -n and -t. A device takes the delta only
where the image of OLD was installed by an artifact and was not changed since (its root file system is mounted read-only); deploy it
under the name of NEW beside the full artifact, and each device gets the one that fits it.

Devices need zstd 1.4.5 or newer, 24 MiB of memory, and this update module as /usr/share/mender/modules/v3/${DELTA_PAYLOAD}:
  otabench artifact install -m 755 \\
    ${moduleFile()} \\
    NEW.mender:/usr/share/mender/modules/v3/${DELTA_PAYLOAD}
puts it into the image of an artifact. Where the root file system can be written to, an update brings it too:
  otabench artifact write single-file -n delta-module -t TYPE \\
    --dest-dir /usr/share/mender/modules/v3 \\
    -f ${moduleFile()}`

/** `otabench artifact delta OLD NEW -o OUT`. */
export function deltaCommand(context: CliContext): Command {
  const command = new Command('delta')
    .description('an update that holds only what changed between two root file systems')
    .argument('<old>', 'what devices run')
    .argument('<new>', 'what they shall run')
    .requiredOption('-o, --output-path <file>', 'where to write')
    .option('-n, --artifact-name <name>', 'name of the artifact; default: that of NEW')
    .addOption(repeated('-t, --device-type <type>', 'device type that may install it; default: those of NEW'))
    .option('--reproducible', 'same bytes on every machine: SOURCE_DATE_EPOCH (or 0) as time, root as owner')
    .addOption(allowExpansionOption())
    .option('--no-progress', 'show no progress')
    .addHelpText('after', notes)
  addSigningFlags(command, 'private key to sign with')
  return command.action((from: string, to: string, flags: DeltaFlags) => writeDelta([from, to], flags, context))
}

async function writeDelta([from, to]: readonly [string, string], flags: DeltaFlags, context: CliContext): Promise<void> {
  const { host, out, cwd, signal } = context
  const target = absolute(cwd, flags.outputPath)
  await refuseOwnInput(host.files, target, [absolute(cwd, from), absolute(cwd, to)])
  const signer = await signerFrom(flags, context)
  const stamp = stampOf(await stampingOf(flags, context), context)
  const options = {
    ...{ files: host.files, stamp, signal, name: flags.artifactName, limits: limitsWith(flags) },
    folder: join(dirname(target), `.otabench-${randomUUID()}`),
    deviceTypes: flags.deviceType.length > 0 ? flags.deviceType : undefined,
    onProgress: (step: DeltaStep, done: number, total: number) => flags.progress && out.progress(done, total, UNITS[step]),
  }
  const side = (label: string) => ({ label, path: absolute(cwd, label) })
  const delta = await makeDelta([side(from), side(to)], options, (spec) =>
    writeBeside(host.files, target, (file) => writeArtifact(spec, file, { stamp, signer, signal })),
  )
  for (const warning of delta.warnings) out.note(`warning: ${warning}`)
  const { figures, ...facts } = delta
  out.result({ path: flags.outputPath, ...facts, ...figures, isSigned: signer !== null }, describe(flags.outputPath, delta))
}

function describe(path: string, { name, sizeBytes, fullBytes, baseSha256 }: Delta): string {
  const percent = ((100 * sizeBytes) / fullBytes).toFixed(1)
  return `${path}: ${name}, full artifact ${size(fullBytes)}, delta ${size(sizeBytes)} (${percent} %)\nfor devices with the image ${baseSha256}`
}
