import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type Limits, limitsWith } from '../../engine/artifact/limits.ts'
import { type MetadataChange, modifyFront } from '../../engine/artifact/modify.ts'
import { type ArtifactBytes, type ArtifactFront, readFront } from '../../engine/artifact/resign.ts'
import { lookAtPayload } from '../../engine/contents/edit-artifact.ts'
import { isArtifact } from '../../engine/contents/open-contents.ts'
import { readerOf } from '../../engine/lib/image-file.ts'
import type { HostFile } from '../../engine/host.ts'
import { metaDataOf, readNames, scriptsOf } from '../../engine/packing/sources.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { parsePairs, repeated } from './artifact-flags.ts'
import { type Changed, type ChangeFlags, addChangeFlags, changeInside, signedWords } from './artifact-change.ts'
import { INSIDE_FLAGS, type InsideFlags, insideWork } from './artifact-modify-inside.ts'
import { manifestSigner } from './artifact-sign-key.ts'
import { bytesOf, writeFront } from './artifact-sign-output.ts'
import { compressorOf, recompressTo } from './artifact-recompress.ts'
import { checkPayload } from './artifact-sign.ts'
import { checkedKeys } from './artifact-write.ts'

interface ModifyFlags extends ChangeFlags, InsideFlags {
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
  verifyPayload?: boolean
}

const NOTES = `
-N, -G, -p and -d take the place of all values that were there. The provide with the payload's checksum (rootfs-image.checksum) stays
unless -p sets it: mender-artifact loses it there. An empty value (-g "", -N "", -G "") takes the values away.

-u, -c, -v and -t change files inside the payload's file system, or inside a disk image (FILE may be one), and so does a new name given
with -n: /etc/mender/artifact_info, where the payload is a file system and has /etc/mender. Then the payload is packed anew, in its
compression, and its checksum follows; --metadata-only keeps -n from it. In all other cases the payload is copied as it is, unless
--compression says another one.

A signed artifact needs -k to be signed anew, or --drop-signature. Without a change the file keeps every byte, and its signature.`

/** A compression that stands before the subcommand. */
function earlyCompression(command: Command): Pick<ModifyFlags, 'compression'> {
  const before: unknown = command.parent?.opts()['compression']
  return typeof before === 'string' ? { compression: before } : {}
}

/** `otabench artifact modify FILE`: metadata, signature, and what the Mender client is told inside the payload. */
export function modifyCommand(context: CliContext): Command {
  const command = new Command('modify')
    .description('change the metadata of an artifact, or the configuration of the client inside it')
    .argument('<file>')
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
    .option('--verify-payload', "check the payload's content first")
  for (const option of INSIDE_FLAGS) command.addOption(option)
  return addChangeFlags(command)
    .addHelpText('after', NOTES)
    .action((path: string, flags: ModifyFlags) => modify(path, { ...earlyCompression(command), ...flags }, context))
}

async function modify(path: string, flags: ModifyFlags, context: CliContext): Promise<void> {
  const { host, out, cwd } = context
  if (flags.compression !== undefined) compressorOf(flags.compression)
  const change = await changeOf(flags, context)
  const target = flags.outputPath ?? path
  const note = out.note.bind(out)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  if (!(await isArtifact(readerOf(file)))) return await modifyImage(path, { flags, change, target }, context)
  const artifact = await bytesOf(file)
  const front = await readFront(artifact)
  if (flags.verifyPayload) await checkPayload(file, flags, context)
  const isRenamed = change.name !== undefined && change.name !== front.header.name
  const isInside = isRenamed && !flags.metadataOnly && (await hasFileSystem(artifact, front, limitsWith(flags)))
  const work = await insideWork(flags, isInside ? change.name : undefined, { note, context })
  const changed = work
    ? await changeInside(path, { work, flags, change, target: absolute(cwd, target) }, context)
    : await modifyMetadata({ file, front, change, target }, flags, context)
  for (const text of notesOf(front, change, work !== null)) note(text)
  if (front.signature && changed.isSigned === false) note('The signature is gone.')
  const name = change.name ?? front.header.name
  const state = `${changed.isChanged ? 'changed' : 'nothing to change'}${signedWords(changed)}`
  out.result({ path: target, name, isChanged: changed.isChanged, isSigned: changed.isSigned }, `${target}: ${name}, ${state}`)
}

interface Modifying {
  file: HostFile
  front: ArtifactFront
  change: MetadataChange
  target: string
}

/** The payload is not looked at. */
async function modifyMetadata({ file, front, change, target }: Modifying, flags: ModifyFlags, context: CliContext): Promise<Changed> {
  const signer = await manifestSigner(flags, context)
  const { bytes, isChanged, isSigned } = await modifyFront(front, change, { signer, isDropAllowed: flags.dropSignature === true })
  const { compression: id } = flags
  if (id === undefined) await writeFront({ source: file, front, bytes, target: absolute(context.cwd, target) }, context)
  const packed = id === undefined ? null : await recompressTo(target, { path: file.path, bytes, id, limits: limitsWith(flags) }, context)
  return { name: front.header.name, isChanged: isChanged || packed?.isChanged === true, isSigned }
}

/** A disk image has no metadata: of `change` only the name means something there. */
async function modifyImage(
  path: string,
  {
    flags,
    change: { name, addClears, deleteClears, scripts, ...others },
    target,
  }: Pick<Modifying, 'change' | 'target'> & { flags: ModifyFlags },
  context: CliContext,
): Promise<void> {
  const { out, cwd } = context
  if (Object.keys(others).length > 0 || [addClears, deleteClears, scripts].some((list) => list && list.length > 0))
    throw new AppError('BAD_INPUT', `${path} is no artifact`, 'Of an image only -u, -c, -v, -t and -n can be changed.')
  const work = await insideWork(flags, name, { note: out.note.bind(out), context })
  if (!work) throw new AppError('BAD_INPUT', 'Nothing is said to be changed', 'Give -u, -c, -v, -t or -n.')
  await changeInside(path, { work, flags, target: absolute(cwd, target) }, context)
  out.result({ path: target, name: name ?? null, isChanged: true, isSigned: null }, `${target}: changed`)
}

/** Whether a payload is a file system that can be looked into. */
async function hasFileSystem(artifact: ArtifactBytes, front: ArtifactFront, limits: Limits): Promise<boolean> {
  const count = [...front.sums.keys()].filter((name) => name.startsWith('data/0000/')).length
  return count === 1 && (await lookAtPayload(artifact, front, limits)).isFileSystem
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
function notesOf({ header }: ArtifactFront, { name, provides, deleteClears = [] }: MetadataChange, isInside: boolean): string[] {
  const lost = provides
    ? Object.keys(header.provides).filter((key) => !(key in provides) && !/^rootfs[-_]image[._]checksum$/.test(key))
    : []
  const unknown = deleteClears.filter((pattern) => !header.clearsProvides?.includes(pattern))
  const isRenamedRootfs = name !== undefined && name !== header.name && header.payloadType === 'rootfs-image' && !isInside
  return [
    ...(isRenamedRootfs ? [`The payload was not touched: /etc/mender/artifact_info inside the image stays as it is.`] : []),
    ...(lost.length > 0 ? [`No longer among the provides: ${lost.join(', ')}.`] : []),
    ...unknown.map((pattern) => `"${pattern}" was not among the provides to clear.`),
  ]
}
