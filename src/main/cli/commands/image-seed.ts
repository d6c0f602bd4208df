import { dirname } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type Seed, seed as seedSchema } from '../../contract/seed.ts'
import { parseSeed } from '../../engine/compose/layout-file.ts'
import { seedImage } from '../../engine/compose/seed-image.ts'
import type { CliContext } from '../context.ts'
import { absolute, readText } from './artifact-files.ts'
import { watching } from './image-compose.ts'

export interface SeedFlags {
  seed?: string
  deviceType?: string
  artifactName?: string
  menderConf?: string
  serverUrl?: string
  ca?: string
  storage?: string
  deviceKey?: string
  file: string[]
}

const NOTES = `
IMAGE is a card with four partitions: boot, A, B, data. It is changed where it lies, without mounting it; everything is prepared in memory
first, and a failure leaves it as it was. /data/… goes into the data partition, /uboot/… and /boot/efi/… into the boot partition,
everything else into both slots. What mender.conf says already stays, but for what is said here. Keys and mender.conf are root's alone.

A seed file is YAML, with paths that start at its folder:

  deviceType: my-board
  deviceKey: device-0001.pem
  files:
    - {to: /data/serial, text: "0001\\n", mode: "0444"}`

/** `otabench image seed IMAGE …`. */
export function seedCommand(context: CliContext): Command {
  const command = new Command('seed')
    .description("put a device's identity, key, configuration and files into a card image")
    .argument('<image>')
  return seedOptions(command)
    .addHelpText('after', NOTES)
    .action((path: string, flags: SeedFlags) => seedIt(path, flags, context))
}

/** Everything that makes a card one device's own, as options. */
export function seedOptions(command: Command): Command {
  return command
    .option('--seed <file>', 'a file with all of it; options go before it')
    .option('--device-type <type>', '/data/mender/device_type')
    .option('--artifact-name <name>', '/etc/mender/artifact_info of both slots')
    .option('--mender-conf <file>', '/data/mender/mender.conf')
    .option('--server-url <url>', 'ServerURL in mender.conf')
    .option('--ca <file>', 'ServerCertificate in mender.conf')
    .option('--storage <device>', 'RootfsPartA and B in mender.conf: /dev/mmcblk0p')
    .option('--device-key <file>', '/data/mender/mender-agent.pem')
    .option('--file <from:to>', 'a file, and where it is on the device; again for more', (one: string, all: string[]) => [...all, one], [])
}

async function seedIt(path: string, flags: SeedFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const options = { files: host.files, folder: cwd, modifiedAt: host.clock.now(), ...watching(context) }
  const { files } = await seedImage(absolute(cwd, path), await seedOf(flags, context), options)
  out.result({ image: absolute(cwd, path), files }, files.map(({ partition, path: to }) => `partition ${partition}: ${to}`).join('\n'))
}

/** The seed that a command line says, its paths absolute. BAD_INPUT naming what is wrong. */
export async function seedOf({ seed: file, file: pairs, ...flags }: SeedFlags, { host, cwd }: CliContext): Promise<Seed> {
  const place = file === undefined ? '' : absolute(cwd, file)
  const said = file === undefined ? seedSchema.parse({}) : within(parseSeed(await readText(host.files, place), file), place)
  const { deviceType, artifactName, serverUrl, storage, menderConf, ca, deviceKey } = flags
  const own = inFolder({ deviceType, artifactName, serverUrl, storage, menderConf, ca, deviceKey }, cwd)
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  const checked = seedSchema.safeParse({ ...said, ...given, files: [...said.files, ...pairs.map((pair) => fileOf(pair, cwd))] })
  if (checked.success) return checked.data
  throw new AppError('BAD_INPUT', checked.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`).join('; '), 'Correct it.')
}

/** Paths of a seed file start at its folder. */
function within(seed: Seed, file: string): Seed {
  const files = seed.files.map((each) => (each.from === undefined ? each : { ...each, from: absolute(dirname(file), each.from) }))
  return { ...seed, ...inFolder(seed, dirname(file)), files }
}

function inFolder<T extends { menderConf?: string | undefined; ca?: string | undefined; deviceKey?: string | undefined }>(
  { menderConf, ca, deviceKey, ...rest }: T,
  folder: string,
) {
  return {
    ...rest,
    ...(menderConf === undefined ? {} : { menderConf: absolute(folder, menderConf) }),
    ...(ca === undefined ? {} : { ca: absolute(folder, ca) }),
    ...(deviceKey === undefined ? {} : { deviceKey: absolute(folder, deviceKey) }),
  }
}

function fileOf(pair: string, cwd: string): { from: string; to: string } {
  const at = pair.lastIndexOf(':/')
  if (at < 1) throw new AppError('BAD_INPUT', `--file ${pair}: where it goes is not said`, 'Write --file FROM:/data/TO.')
  return { from: absolute(cwd, pair.slice(0, at)), to: pair.slice(at + 1) }
}
