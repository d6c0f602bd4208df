import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type MetadataChange, modifyFront } from '../../engine/artifact/modify.ts'
import { COMPRESSORS } from '../../engine/artifact/recompress.ts'
import { type ArtifactFront, readFront } from '../../engine/artifact/resign.ts'
import { metaDataOf, readNames, scriptsOf } from '../../engine/packing/sources.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { parsePairs, repeated } from './artifact-flags.ts'
import { type SigningFlags, addSigningFlags, addTokenFlag, manifestSigner } from './artifact-sign-key.ts'
import { bytesOf, writeFront } from './artifact-sign-output.ts'
import { compressorOf, recompressTo } from './artifact-recompress.ts'
import { checkPayload } from './artifact-sign.ts'
import { checkedKeys } from './artifact-write.ts'

interface ModifyFlags extends SigningFlags {
  keyPkcs11?: string
  outputPath?: string
  artifactName?: string
  name?: string
  artifactNameDepends: string[]
  providesGroup?: string
  dependsGroups: string[]
  provides: string[]
  depends: string[]
  metaData?: string
  clearsProvides: string[]
  deleteClearsProvides: string[]
  script: string[]
  compression?: string
  dropSignature?: boolean
  verifyPayload?: boolean
}

const NOTES = `
-N, -G, -p and -d take the place of all values that were there. The provide with the payload's checksum (rootfs-image.checksum) stays
unless -p sets it: mender-artifact loses it there. An empty value (-g "", -N "", -G "") takes the values away.

The payload is copied as it is, never unpacked; its compression stays unless --compression says another. With -n, files inside a root file system that name the artifact
(/etc/mender/artifact_info) stay too. A signed artifact needs -k to be signed anew, or --drop-signature. Without a change to the metadata
the file keeps every byte, and its signature.`

/** What mender-artifact changes inside the payload's file system under the name of "modify". */
const PAYLOAD_FLAGS = [
  '-u, --server-uri <uri>',
  '-c, --server-cert <file>',
  '-v, --verification-key <file>',
  '-t, --tenant-token <file>',
] as const

/** A compression that stands before the subcommand. */
function earlyCompression(command: Command): Pick<ModifyFlags, 'compression'> {
  const before: unknown = command.parent?.opts()['compression']
  return typeof before === 'string' ? { compression: before } : {}
}

/** `otabench artifact modify FILE`: metadata and signature change, the payload does not. */
export function modifyCommand(context: CliContext): Command {
  const command = new Command('modify').description('change the metadata of an artifact, leaving its payload as it is').argument('<file>')
  command
    .option('-o, --output-path <file>', 'where to write; default: in place')
    .option('-n, --artifact-name <name>', 'name of the artifact')
    .addOption(new Option('--name <name>', 'the same, as older versions call it').hideHelp())
    .addOption(repeated('-N, --artifact-name-depends <name>', 'artifact that must be installed before'))
    .option('-g, --provides-group <group>', 'group that the artifact puts the device in')
    .addOption(repeated('-G, --depends-groups <group>', 'group that the device must be in'))
    .addOption(repeated('-p, --provides <key:value>', 'provide that the device gets'))
    .addOption(repeated('-d, --depends <key:value>', 'provide that the device must have'))
    .option('-m, --meta-data <file>', 'JSON object that the update module gets')
    .addOption(repeated('--clears-provides <pattern>', 'provides to clear, besides those that are there'))
    .addOption(repeated('--delete-clears-provides <pattern>', 'pattern to take out of the provides to clear'))
    .addOption(repeated('-s, --script <path>', 'state script, or a folder of them; takes the place of one of the same name'))
    .option('--compression <id>', `compress the payload otherwise: ${[...COMPRESSORS.keys()].join(', ')}`)
    .addOption(new Option('--tmp <folder>', 'nothing is unpacked: not needed').hideHelp())
    .addOption(new Option('--drop-signature', 'go without a signature').conflicts(['key', 'keyPkcs11']))
    .option('--verify-payload', "check the payload's content first")
  for (const flag of PAYLOAD_FLAGS) command.addOption(new Option(flag).hideHelp())
  return addTokenFlag(addSigningFlags(command, 'private key to sign the result with'))
    .addHelpText('after', NOTES)
    .action((path: string, flags: ModifyFlags) => modify(path, { ...earlyCompression(command), ...flags }, context))
}

async function modify(path: string, flags: ModifyFlags, context: CliContext): Promise<void> {
  const { host, out, cwd } = context
  refusePayloadFlags(flags)
  if (flags.compression !== undefined) compressorOf(flags.compression)
  const change = await changeOf(flags, context)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const front = await readFront(await bytesOf(file))
  if (flags.verifyPayload) await checkPayload(file, context)
  const signer = await manifestSigner(flags, context)
  const { bytes, isChanged, isSigned } = await modifyFront(front, change, { signer, isDropAllowed: flags.dropSignature === true })
  const target = flags.outputPath ?? path
  await writeFront({ source: file, front, bytes, target: absolute(cwd, target) }, context)
  for (const note of notesOf(front, change)) out.note(note)
  if (front.signature && !isSigned) out.note('The signature is gone.')
  const isPacked =
    flags.compression !== undefined && (await recompressTo(target, { path: target, id: flags.compression }, context)).isChanged
  const name = change.name ?? front.header.name
  const state = `${isChanged || isPacked ? 'changed' : 'nothing to change'}, ${isSigned ? 'signed' : 'not signed'}`
  out.result({ path: target, name, isChanged: isChanged || isPacked, isSigned }, `${target}: ${name}, ${state}`)
}

function refusePayloadFlags(flags: object): void {
  const found = PAYLOAD_FLAGS.map((flag) => new Option(flag)).find((option) => option.attributeName() in flags)
  if (!found) return
  const hint = 'Write the artifact anew from the changed image, or change the file inside it with mender-artifact cp.'
  throw new AppError('BAD_INPUT', `${found.long} changes a file inside the payload, which modify leaves alone`, hint)
}

async function changeOf(flags: ModifyFlags, context: CliContext): Promise<MetadataChange> {
  const { files } = context.host
  const name = flags.artifactName ?? flags.name
  if (name !== undefined && (name === '' || /[\s\p{Cc}]/u.test(name) || Buffer.byteLength(name) > 256)) {
    throw new AppError('BAD_INPUT', `"${name}" cannot be the name of an artifact`, 'Use 1 to 256 bytes without white space.')
  }
  const stamping = { fixedAt: null, users: await readNames(files, '/etc/passwd'), groups: await readNames(files, '/etc/group') }
  const scripts = flags.script.map((path) => absolute(context.cwd, path))
  const listed = (values: readonly string[]): string[] => values.filter((value) => value !== '')
  return {
    ...(name !== undefined && { name }),
    ...(flags.providesGroup !== undefined && { group: flags.providesGroup === '' ? null : flags.providesGroup }),
    ...(flags.artifactNameDepends.length > 0 && { dependsNames: listed(flags.artifactNameDepends) }),
    ...(flags.dependsGroups.length > 0 && { dependsGroups: listed(flags.dependsGroups) }),
    ...(flags.provides.length > 0 && { provides: checkedKeys(parsePairs(flags.provides), ['artifact_name', 'artifact_group']) }),
    ...(flags.depends.length > 0 && {
      depends: checkedKeys(parsePairs(flags.depends), ['artifact_name', 'artifact_group', 'device_type']),
    }),
    ...(flags.metaData !== undefined && { metaData: await metaDataOf(files, absolute(context.cwd, flags.metaData)) }),
    addClears: flags.clearsProvides,
    deleteClears: flags.deleteClearsProvides,
    scripts: await scriptsOf(files, scripts, stamping),
  }
}

/** What a person may have expected and did not happen, or happened and was not expected. */
function notesOf({ header }: ArtifactFront, { name, provides, deleteClears = [] }: MetadataChange): string[] {
  const lost = provides
    ? Object.keys(header.provides).filter((key) => !(key in provides) && !/^rootfs[-_]image[._]checksum$/.test(key))
    : []
  const unknown = deleteClears.filter((pattern) => !header.clearsProvides?.includes(pattern))
  const isRenamedRootfs = name !== undefined && name !== header.name && header.payloadType === 'rootfs-image'
  return [
    ...(isRenamedRootfs ? [`The payload was not touched: /etc/mender/artifact_info inside the image stays as it is.`] : []),
    ...(lost.length > 0 ? [`No longer among the provides: ${lost.join(', ')}.`] : []),
    ...unknown.map((pattern) => `"${pattern}" was not among the provides to clear.`),
  ]
}
