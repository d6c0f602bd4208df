import { COMPRESSION_NAMES } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import type { KindContent, NewArtifactKind } from '../../contract/new-artifact-kinds.ts'
import type { Provides } from '../../engine/artifact/provides.ts'
import type { Signer } from '../../engine/artifact/sign.ts'
import { type ArtifactSpec, type WrittenArtifact, writeArtifact } from '../../engine/artifact/write.ts'
import { type PackedContent, contentOf } from '../../engine/packing/content.ts'
import { refuseOwnInput } from '../../engine/lib/file-streams.ts'
import { providesFor } from '../../engine/packing/provides-for.ts'
import { type Stamping, metaDataOf, scriptsOf } from '../../engine/packing/sources.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { type WriteFlags, parsePairs } from './artifact-flags.ts'
import { parseSize, writeBeside, writeToStdout } from './artifact-output.ts'
import { signerFrom } from './artifact-sign-key.ts'
import { isSshUrl, withDeviceProvides, withSnapshot } from './artifact-snapshot.ts'
import { stampOf, stampingOf } from './artifact-stamp.ts'

/** `otabench artifact write KIND …` */
export async function writeFromFlags(kind: NewArtifactKind, flags: WriteFlags, context: CliContext): Promise<void> {
  const { host, cwd } = context
  const inputs = [...flags.file, ...flags.script, ...[flags.metaData, flags.key].filter((path) => path !== undefined)]
  if (flags.outputPath !== '-')
    await refuseOwnInput(
      host.files,
      absolute(cwd, flags.outputPath),
      inputs.map((path) => absolute(cwd, path)),
    )
  const stamping = await stampingOf(flags, context)
  const limits = { maxBytes: sizeFlag(flags.maxArtifactSize), warnBytes: sizeFlag(flags.warnArtifactSize) }
  const signer = await signerFrom(flags, context)
  const specFor = (file: readonly string[]) => specOf(kind, { ...flags, file: [...file] }, { stamping, context })
  const output = { stamping, signer, context, ...limits }
  const [source] = flags.file
  if (kind !== 'rootfs-image' || !isSshUrl(source)) return writeSpec(flags, { ...output, spec: await specFor(flags.file) })
  await withSnapshot(source, { flags, context, rehearse: (image) => specFor(flags.file.with(0, image)) }, async (image, device) => {
    const spec = await specFor([image])
    await writeSpec(flags, { ...output, spec: { ...spec, provides: withDeviceProvides(spec, device) } })
  })
}

function sizeFlag(text: string | undefined): number {
  return text === undefined ? Infinity : parseSize(text)
}

interface Output {
  spec: ArtifactSpec
  stamping: Stamping
  signer: Signer | null
  maxBytes: number
  warnBytes: number
  context: CliContext
}

/** Writes the artifact and says what came of it. */
async function writeSpec(flags: WriteFlags, output: Output): Promise<void> {
  const { spec, signer, warnBytes, context } = output
  warnOf(spec, context)
  const { sizeBytes, checksums, warnings } = await writeOutput(flags, output)
  for (const warning of warnings) context.out.important(`warning: ${warning}`)
  if (sizeBytes > warnBytes) context.out.note(`warning: the artifact has ${size(sizeBytes)}, more than ${size(warnBytes)}`)
  const { outputPath: path } = flags
  const isSigned = signer !== null
  const text = `${path}: ${spec.name}, ${size(sizeBytes)}, ${isSigned ? 'signed' : 'not signed'}`
  if (path === '-') context.out.note(text)
  else context.out.result({ path, name: spec.name, sizeBytes, isSigned, checksums: Object.fromEntries(checksums), warnings }, text)
}

async function writeOutput(flags: WriteFlags, { spec, stamping, signer, maxBytes, context }: Output): Promise<WrittenArtifact> {
  const { host, out, cwd, signal } = context
  const totalBytes = spec.files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const onProgress = flags.progress ? (done: number) => out.progress(done, totalBytes, 'packed') : undefined
  const options = { stamp: stampOf(stamping, context), signer, signal, onProgress }
  const work: Parameters<typeof writeToStdout<WrittenArtifact>>[1] = async (file) => {
    const written = await writeArtifact(spec, file, options)
    if (written.sizeBytes <= maxBytes) return written
    throw new AppError(
      'BAD_INPUT',
      `The artifact has ${size(written.sizeBytes)}, more than ${size(maxBytes)}`,
      'Raise --max-artifact-size, or pack less.',
    )
  }
  return flags.outputPath === '-' ? writeToStdout(host.files, work) : writeBeside(host.files, absolute(cwd, flags.outputPath), work)
}

interface SpecParts {
  stamping: Stamping
  context: CliContext
}

async function specOf(kind: NewArtifactKind, flags: WriteFlags, { stamping, context }: SpecParts): Promise<ArtifactSpec> {
  const { cwd, host } = context
  const name = required(flags.artifactName, 'artifact name', '-n NAME')
  if (/\s/.test(name)) throw new AppError('BAD_INPUT', `The artifact name "${name}" contains white space`, 'Use - or _ instead.')
  const packing = {
    files: host.files,
    stamping,
    stamp: stampOf(stamping, context),
    atField: <T>(_: string, work: () => Promise<T>) => work(),
  }
  const content = await contentOf(contentFlags(kind, flags, cwd), packing)
  for (const note of content.notes) context.out.note(note)
  const scripts = flags.script.map((path) => absolute(cwd, path))
  return {
    formatVersion: formatVersionOf(flags, context),
    name,
    group: flags.providesGroup ?? null,
    deviceTypes: deviceTypesOf(flags),
    dependsNames: flags.artifactNameDepends,
    dependsGroups: flags.dependsGroups,
    ...providesOf(flags, content, name),
    depends: checkedKeys(parsePairs(flags.depends), ['artifact_name', 'artifact_group', 'device_type']),
    metaData: flags.metaData === undefined ? content.metaData : await metaDataOf(host.files, absolute(cwd, flags.metaData)),
    scripts: await scriptsOf(host.files, scripts, stamping),
    ...{ payloadType: content.payloadType, files: content.files },
    checksumProvide: flags.version === '2' ? null : checksumProvideOf(flags, content.payloadType),
    compression: compressionOf(flags.compression),
  }
}

const NOT_IN_FORMAT_2 = ['provides', 'depends', 'clearsProvides', 'artifactNameDepends', 'dependsGroups', 'providesGroup'] as const

/** What format 2 has no place for is left out, as mender-artifact does, but not in silence. */
function formatVersionOf(flags: WriteFlags, { out }: CliContext): 2 | 3 {
  if (flags.version === '3') return 3
  if (flags.version !== '2')
    throw new AppError(
      'BAD_INPUT',
      `Format version ${flags.version} cannot be written`,
      'Leave -v out: current clients take version 3 only.',
    )
  out.important('warning: this is format version 2; Mender clients from 4.0 on take only version 3')
  if (NOT_IN_FORMAT_2.some((name) => (flags[name]?.length ?? 0) > 0))
    out.important('warning: format version 2 has no place for provides, depends and groups: they are left out')
  return 2
}

function contentFlags(kind: NewArtifactKind, flags: WriteFlags, cwd: string): KindContent {
  return {
    kind,
    paths: flags.file.map((path) => absolute(cwd, path)),
    destination: flags.destDir ?? '',
    payloadType: flags.type ?? '',
    containers: flags.image ?? [],
    runArgs: flags.runArgs ?? '',
    projectName: flags.projectName ?? '',
    imagesPath: flags.imagesDir === undefined ? null : absolute(cwd, flags.imagesDir),
  }
}

function required(value: string | undefined, what: string, flag: string): string {
  if (value === undefined || value === '') throw new AppError('BAD_INPUT', `The ${what} is missing`, `Give it with ${flag}.`)
  return value
}

function deviceTypesOf({ deviceType, compatibleTypes }: WriteFlags): string[] {
  if (deviceType.length > 0 && compatibleTypes.length > 0) throw new AppError('BAD_INPUT', '-t and -c mean the same', 'Use one of them.')
  const types = [...deviceType, ...compatibleTypes]
  if (types.length === 0 || types.includes('')) throw new AppError('BAD_INPUT', 'The device type is missing', 'Give it with -t TYPE.')
  return types
}

function providesOf(flags: WriteFlags, content: PackedContent, artifactName: string): Provides {
  const { earlyProvides, provides, clearsProvides, softwareName, softwareVersion, softwareFilesystem } = flags
  checkedKeys(parsePairs(provides), ['artifact_name', 'artifact_group'])
  const merged = providesFor(content, {
    ...{ artifactName, softwareName, softwareVersion, softwareFilesystem, clearsProvides },
    hasDefaultSoftwareVersion: flags.defaultSoftwareVersion,
    hasDefaultClearsProvides: flags.defaultClearsProvides,
    provides: parsePairs(provides.slice(earlyProvides.length)),
  })
  return { ...merged, provides: { ...parsePairs(earlyProvides), ...merged.provides } }
}

/** What header-info says may not be said again in type-info. */
export function checkedKeys(pairs: Record<string, string>, reserved: readonly string[]): Record<string, string> {
  const taken = reserved.find((key) => key in pairs)
  if (taken === undefined) return pairs
  throw new AppError('BAD_INPUT', `The key ${taken} has a flag of its own`, 'Use -n, -N, -g, -G or -t for it.')
}

function checksumProvideOf({ checksumProvide, legacyRootfsImageChecksum }: WriteFlags, payloadType: string | null): string | null {
  if (payloadType !== 'rootfs-image' || !checksumProvide) return null
  return legacyRootfsImageChecksum ? 'rootfs_image_checksum' : 'rootfs-image.checksum'
}

function compressionOf(id: string): ArtifactSpec['compression'] {
  const known = COMPRESSION_NAMES.get(id)
  if (known) return known
  throw new AppError('BAD_INPUT', `The compression "${id}" is not supported`, `Use one of ${[...COMPRESSION_NAMES.keys()].join(', ')}.`)
}

/** What clients would stumble over is told when it is written, not when it fails to install. */
function warnOf({ files }: ArtifactSpec, { out }: CliContext): void {
  const long = files.find(({ name }) => name.length > 90)
  if (long) out.note(`warning: the payload file name "${long.name}" is longer than 90 bytes; clients refuse the artifact`)
}
