import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { KIND_SHAPES, type NewArtifactKind } from '../../contract/new-artifact-kinds.ts'
import { CONTENT_FLAGS } from '../../contract/write-command.ts'
import { COMPRESSION_NAMES } from '../../contract/compression.ts'
import { addAugmentFlags } from './artifact-cloud-flags.ts'
import { type SigningFlags, addSigningFlags } from './artifact-sign-key.ts'

/** The flags of `artifact write …`, named as commander names them. */
export interface WriteFlags extends SigningFlags {
  artifactName?: string
  deviceType: string[]
  compatibleTypes: string[]
  outputPath: string
  version: string
  file: string[]
  type?: string
  metaData?: string
  script: string[]
  artifactNameDepends: string[]
  providesGroup?: string
  dependsGroups: string[]
  depends: string[]
  provides: string[]
  clearsProvides: string[]
  defaultClearsProvides: boolean
  defaultSoftwareVersion: boolean
  softwareName?: string
  softwareVersion?: string
  softwareFilesystem?: string
  legacyRootfsImageChecksum?: boolean
  checksumProvide: boolean
  compression: string
  maxArtifactSize?: string
  warnArtifactSize?: string
  reproducible?: boolean
  destDir?: string
  image?: string[]
  runArgs?: string
  projectName?: string
  imagesDir?: string
  /** Arguments of ssh, for a snapshot. */
  sshArgs?: string[]
  sudoPasswordFd?: string
  /** The folder for what has to lie on a disk meanwhile. */
  tmp?: string
  progress: boolean
  /** Provides that stand before the last --software-… flag of the line: that flag wins over them. */
  earlyProvides: string[]
}

const SUMMARIES: Record<NewArtifactKind, string> = {
  'rootfs-image': 'an update of the whole root file system',
  'module-image': 'files for an update module',
  'bootstrap-artifact': 'no payload: tells a fresh device what it runs',
  'single-file': 'one file and where it goes, for the stock update module',
  directory: 'a folder that takes the place of one on the device, for the stock update module',
  script: 'scripts that the device runs, for the stock update module',
  deb: 'Debian packages, for the stock update module',
  rpm: 'RPM packages, for the stock update module',
  docker: 'container images that the device pulls and runs, for the stock update module',
  'docker-compose': "a composition with its images, for Mender's docker-compose update module",
}

/** What the flags of a kind's content are called and do; their short names are in CONTENT_FLAGS. */
const CONTENT_TEXTS: Readonly<Record<keyof typeof CONTENT_FLAGS, readonly [flag: string, about: string]>> = {
  paths: ['--file <path>', 'payload file'],
  destination: ['--dest-dir <folder>', 'folder on the device that it goes to (required)'],
  payloadType: ['--type <type>', 'payload type: the name of the update module (required)'],
  metaDataPath: ['--meta-data <file>', 'JSON object that the update module gets'],
  containers: ['--image <reference>', 'image to run, NAME@sha256:DIGEST or NAME:TAG; repeat for several (required)'],
  runArgs: ['--run-args <arguments>', 'arguments of docker run on the device'],
  projectName: ['--project-name <name>', 'name of the composition (required)'],
  imagesPath: ['--images-dir <folder>', 'folder with the images, as docker save writes them (required)'],
}

const PATH_TEXTS: Partial<Record<NewArtifactKind, string>> = {
  'rootfs-image': 'image of the file system, a block device, or ssh://USER@HOST[:PORT] for a snapshot of a running device',
  directory: 'folder to pack',
  'docker-compose': 'folder with the manifests',
  deb: 'package; repeat for several',
  rpm: 'package; repeat for several',
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

/** A flag that may be given several times; its value is the list. */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([])
}

/** The subcommand of `artifact write` for one kind, with every flag of mender-artifact 3.9 and 4.4 that works offline. */
export function writeCommand(kind: NewArtifactKind, action: (kind: NewArtifactKind, flags: WriteFlags) => Promise<void>): Command {
  const command = new Command(kind).description(SUMMARIES[kind])
  addContentFlags(command, kind)
  addCommonFlags(command)
  addSigningFlags(command, 'private key to sign with')
  if (kind === 'module-image') addAugmentFlags(command)
  if (kind !== 'bootstrap-artifact') addPayloadFlags(command)
  if (kind === 'rootfs-image') addRootfsFlags(command)
  const early: string[] = []
  trackOrder(command, early)
  return command.action(() =>
    action(kind, { ...defaults(), ...command.opts<WriteFlags>(), earlyProvides: early, ...earlyCompression(command) }),
  )
}

/** A compression that stands before the subcommand, unless one stands behind it. */
function earlyCompression(command: Command): Partial<WriteFlags> {
  const before: unknown = command.parent?.parent?.opts()['compression']
  return typeof before === 'string' && command.getOptionValueSource('compression') === 'default' ? { compression: before } : {}
}

/** What a kind without the flag behaves like. */
function defaults(): Pick<WriteFlags, 'file' | 'script' | 'defaultSoftwareVersion' | 'checksumProvide' | 'defaultClearsProvides'> {
  return { file: [], script: [], defaultSoftwareVersion: true, checksumProvide: true, defaultClearsProvides: true }
}

/** Keeps in `early` the provides that came before the last --software-… flag. */
function trackOrder(command: Command, early: string[]): void {
  const software = command.options.filter(({ long }) => long?.startsWith('--software-'))
  for (const option of software) {
    command.on(`option:${option.name()}`, () => {
      early.splice(0, early.length, ...command.opts<WriteFlags>().provides)
    })
  }
}

function addCommonFlags(command: Command): void {
  command
    .option('-n, --artifact-name <name>', 'name of the artifact (required)')
    .addOption(repeated('-t, --device-type <type>', 'device type that may install it; repeat for several'))
    .addOption(repeated('-c, --compatible-types <type>', 'the same, as mender-artifact 4.4 calls it'))
    .option('-o, --output-path <file>', 'where to write; - is standard output', 'artifact.mender')
    .option('-v, --version <version>', 'format version', '3')
    .addOption(repeated('-N, --artifact-name-depends <name>', 'artifact that must be installed before'))
    .option('-g, --provides-group <group>', 'group that the artifact puts the device in')
    .addOption(repeated('-G, --depends-groups <group>', 'group that the device must be in'))
    .addOption(repeated('-d, --depends <key:value>', 'provide that the device must have'))
    .addOption(repeated('-p, --provides <key:value>', 'provide that the device gets'))
    .addOption(repeated('--clears-provides <pattern>', 'provides to clear first'))
    .option('--compression <id>', [...COMPRESSION_NAMES.keys()].join(', '), 'gzip')
    .option('--max-artifact-size <size>', 'fail when the artifact is larger, for example 256MB')
    .option('--warn-artifact-size <size>', 'warn when the artifact is larger')
    .option('--reproducible', 'same bytes on every machine: SOURCE_DATE_EPOCH (or 0) as time, root as owner')
    .option('--no-progress', 'show no progress')
}

/** The flags of what goes in, as the table of kinds asks for it. */
function addContentFlags(command: Command, kind: NewArtifactKind): void {
  const { required, optional, paths } = KIND_SHAPES[kind]
  for (const field of [...(paths.most > 0 ? ['paths' as const] : []), ...required, ...optional]) {
    const [long, about] = CONTENT_TEXTS[field]
    const short = CONTENT_FLAGS[field]
    const flags = long.startsWith(`${short} `) ? long : `${short}, ${long}`
    const text = (field === 'paths' ? PATH_TEXTS[kind] : undefined) ?? about
    command.addOption(field === 'paths' || field === 'containers' ? repeated(flags, text) : new Option(flags, text))
  }
}

function addPayloadFlags(command: Command): void {
  command
    .addOption(repeated('-s, --script <path>', 'state script, or a folder of them'))
    .option('--no-default-clears-provides', 'clear nothing but what --clears-provides says')
    .option('--no-default-software-version', 'leave the version provide out')
    .option('--software-name <name>', 'rootfs-image.NAME.version instead of the default key')
    .option('--software-version <version>', 'value of the version provide; default: the artifact name')
    .option('--software-filesystem <name>', 'instead of rootfs-image in the key')
}

function addRootfsFlags(command: Command): void {
  command
    .option('--legacy-rootfs-image-checksum', 'call the checksum provide rootfs_image_checksum')
    .option('--no-checksum-provide', 'leave the checksum provide out')
    .addOption(repeated('-S, --ssh-args <argument>', 'argument of ssh for a snapshot, for example "-i KEY"; repeat for several'))
    .option('--sudo-password-fd <number>', 'open file descriptor to read the password for sudo on the device from; default: ask')
    .option('--tmp <folder>', 'folder for the snapshot until it is packed; default: beside the output')
}

/** `key:value` pairs as a map; the last of a key wins. BAD_INPUT for text without a colon. */
export function parsePairs(pairs: readonly string[]): Record<string, string> {
  const parsed = pairs.map((pair) => {
    const colon = pair.indexOf(':')
    if (colon < 0) throw new AppError('BAD_INPUT', `"${pair}" has no colon`, 'Write KEY:VALUE.')
    return [pair.slice(0, colon), pair.slice(colon + 1)]
  })
  return Object.fromEntries(parsed)
}
