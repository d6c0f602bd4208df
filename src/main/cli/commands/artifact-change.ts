import { randomUUID } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { COMPRESSION_NAMES } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { type MetadataChange, modifyFront, refuseLoss } from '../../engine/artifact/modify.ts'
import { readFront } from '../../engine/artifact/resign.ts'
import { type ChangedPayload, type Watching, changedPayload, packChanged } from '../../engine/contents/edit-artifact.ts'
import { type ContentsWork, changeImage } from '../../engine/contents/edit-contents.ts'
import { isArtifact, noPartitions } from '../../engine/contents/open-contents.ts'
import type { HostFile } from '../../engine/host.ts'
import { readAhead } from '../../engine/lib/file-streams.ts'
import { readerOf, writeSparse } from '../../engine/lib/image-file.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { type LookFlags, addLookFlags } from './artifact-inside.ts'
import { writeBeside } from './artifact-output.ts'
import { type SigningFlags, addSigningFlags, addTokenFlag, manifestSigner } from './artifact-sign-key.ts'
import { bytesOf, keepOwner, writeFront } from './artifact-sign-output.ts'

/** The flags of commands that change what is inside a file. */
export interface ChangeFlags extends SigningFlags, LookFlags {
  keyPkcs11?: string
  dropSignature?: boolean
  compression?: string
}

export const CHANGE_NOTES = `
The file is written beside and takes its place when it is whole: when something fails or is stopped, the old one keeps every byte. Its mode
and owner stay. Of an artifact the payload's checksum, the manifest and the sum among the provides follow; scripts, meta-data and
compression stay. A signed artifact needs -k to be signed anew, or --drop-signature. What is written gets the time of now, or of
SOURCE_DATE_EPOCH.`

/** Adds the flags of commands that change what is inside a file. */
export function addChangeFlags(command: Command): Command {
  const flags = addTokenFlag(addSigningFlags(command, 'private key to sign the changed artifact with'))
    .addOption(new Option('--drop-signature', 'go without a signature').conflicts(['key', 'keyPkcs11']))
    .addOption(new Option('--compression <id>', 'compress the payload otherwise').choices([...COMPRESSION_NAMES.keys()]))
  // What is unpacked lies beside the file.
  return addLookFlags(flags.addOption(new Option('--tmp <folder>', 'not needed').hideHelp()))
}

/** What came of a change. Null of what is no artifact. */
export interface Changed {
  name: string | null
  isChanged: boolean
  isSigned: boolean | null
}

export interface InsideChange {
  work: ContentsWork
  flags: ChangeFlags
  /** Of the metadata of an artifact. */
  change?: MetadataChange
  /** Absolute; default: in place. */
  target?: string
}

/** The time of what is changed, in milliseconds. */
export function changeTime({ environment, host }: CliContext): number {
  const epoch = environment['SOURCE_DATE_EPOCH']
  if (epoch === undefined) return host.clock.now()
  if (/^\d{1,11}$/.test(epoch)) return Number(epoch) * 1000
  throw new AppError('BAD_INPUT', `SOURCE_DATE_EPOCH is "${epoch}"`, 'Set it to seconds since 1970.')
}

/** Changes what is inside an artifact or a disk image. A failure leaves the file as it was. */
export async function changeInside(path: string, inside: InsideChange, context: CliContext): Promise<Changed> {
  const { host, cwd } = context
  const place = absolute(cwd, path)
  if ((await host.files.stat(place))?.kind === 'device')
    throw new AppError('BAD_INPUT', `${path} is a device`, 'Name an image file; a device is changed while it is mounted.')
  await using file = await host.files.open(place, 'read')
  if (await isArtifact(readerOf(file))) return await changeArtifact(file, { ...inside, target: inside.target ?? place }, context)
  if (Object.keys(inside.change ?? {}).length > 0 || inside.flags.key !== undefined || inside.flags.compression !== undefined)
    throw new AppError('BAD_INPUT', `${path} is no artifact`, 'Only artifacts have a signature, metadata and a compression.')
  await changeCard(file, { ...inside, target: inside.target ?? place }, context)
  return { name: null, isChanged: true, isSigned: null }
}

async function changeCard(file: HostFile, { work, flags, target }: InsideChange & { target: string }, context: CliContext): Promise<void> {
  const { host, signal, out } = context
  const totalBytes = await file.sizeBytes()
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    let done = 0
    for await (const piece of readAhead(file)) {
      signal.throwIfAborted()
      done += piece.length
      out.progress(done, totalBytes, 'copied')
      yield piece
    }
  }
  await writeBeside(host.files, target, async (copy) => {
    await writeSparse(copy, counted())
    await changeImage(copy, { changedAt: changeTime(context), partitions: flags.partition }, work)
    await keepOwner(file.path, copy.path, context)
  })
}

async function changeArtifact(file: HostFile, inside: InsideChange & { target: string }, context: CliContext): Promise<Changed> {
  const { host, signal, out } = context
  const { work, flags, change = {}, target } = inside
  if (flags.partition.length > 0) throw noPartitions()
  const artifact = await bytesOf(file)
  const front = await readFront(artifact)
  const signing = { signer: await manifestSigner(flags, context), isDropAllowed: flags.dropSignature === true }
  refuseLoss(front, signing)
  const watching: Watching = { signal, limits: limitsWith(flags), onProgress: (done, total, unit) => out.progress(done, total, unit) }
  const changedAt = changeTime(context)
  const scratchPath = `${(await host.files.stat(target)) ? await realpath(target) : target}.${randomUUID()}.image`
  try {
    await using scratch = await host.files.open(scratchPath, 'create')
    const payload: ChangedPayload = await changedPayload({ artifact, front, file, scratch }, { changedAt, ...watching }, work)
    const { entry, sha256 } = payload
    const { bytes, isChanged, isSigned } = await modifyFront(front, { ...change, payload: { file: entry.name, sha256 } }, signing)
    const compression = COMPRESSION_NAMES.get(flags.compression ?? '') ?? null
    if (compression === null && front.sums.get(`data/0000/${entry.name}`) === sha256)
      await writeFront({ source: file, front, bytes, target }, context)
    else {
      const { warnings } = await writeBeside(host.files, target, async (copy) => {
        const packed = await packChanged({ front, bytes, payload, changedAt, compression }, copy, watching)
        await readFront(await bytesOf(copy))
        await keepOwner(file.path, copy.path, context)
        return packed
      })
      for (const warning of warnings) out.important(`warning: ${warning}`)
    }
    return { name: change.name ?? front.header.name, isChanged: isChanged || compression !== null, isSigned }
  } finally {
    await host.files.remove(scratchPath)
  }
}

/** How a signature came out, as the end of a line. */
export function signedWords({ isSigned }: Changed): string {
  return isSigned === null ? '' : isSigned ? ', signed' : ', not signed'
}
