import { basename } from 'node:path'
import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import type { FlashRequest, FlashTarget } from '../../contract/flash.ts'
import type { CardFaults } from '../../writer/protocol.ts'
import { LOCK } from '../../opener/command.ts'
import type { Files, Programs } from '../host.ts'
import { readTable } from '../image/open-file-system.ts'
import { readWhole } from '../lib/file-streams.ts'
import { readerOf } from '../lib/image-file.ts'

/** A target that may be written now. */
export interface OpenTarget extends AsyncDisposable {
  /** What messages call it. */
  name: string
  /** Starts the writer on it. */
  command: readonly string[]
  /** What the writer has to find there; null where that does not matter. */
  deviceBytes: number | null
  diskSequence: string | null
  faults: CardFaults | null
  /** Where the image begins on it, and how much room it has there; null: up to its end. */
  startBytes: number
  roomBytes: number | null
}

/** A drive that may be written: checked, unmounted, held. `release` is called when it has been written, or has failed. */
export interface HeldDrive {
  drive: Drive
  /** Starts the writer, to which the path of the drive is still to be added, with the rights that it takes. */
  command: readonly string[]
  release(): Promise<void>
}

export interface TargetParts {
  files: Files
  /** The program that writes, without its argument. */
  writer: readonly string[]
  /** Compares a drive with what it was when it was chosen, checks whether it may be written, and makes it ready for that. */
  holdDrive(target: FlashTarget & { identity: Drive['identity']; partition: number | null }, signal: AbortSignal): Promise<HeldDrive>
}

interface Opening extends TargetParts {
  programs: Programs
  /** Files that are read for it: none of them may be the target, under whatever name. */
  sources: readonly string[]
  signal: AbortSignal
}

/** BAD_INPUT for what would be written twice, or onto itself. */
export function refuseTwins({ source, targets }: Pick<FlashRequest, 'source' | 'targets'>): void {
  const paths = targets.map(({ path }) => path)
  if (paths.includes(source)) throw new AppError('BAD_INPUT', `${source} would be written onto itself`, 'Name another target.')
  const twin = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twin !== undefined) throw new AppError('BAD_INPUT', `${twin} is named twice`, 'Name each target once.')
}

/** Makes a target ready just before it is opened. With a `partition`, that alone is written. */
export async function openTarget(
  target: FlashTarget,
  partition: number | null,
  { files, programs, writer, holdDrive, sources, signal }: Opening,
): Promise<OpenTarget> {
  const { path, identity, typedName } = target
  await refuseSources(files, path, sources)
  if (identity === null) {
    if (partition === null) await makeFile(files, path)
    const place = await placeOf(files, path, { partition, drive: null })
    const nothing = async (): Promise<void> => undefined
    const command = [...(await lockOn(path, programs)), ...writer, path]
    return { name: path, command, ...UNKNOWN, ...place, [Symbol.asyncDispose]: nothing }
  }
  const { drive, command, release } = await holdDrive({ path, identity, typedName, partition }, signal)
  try {
    return {
      name: drive.name,
      command: [...command, path],
      deviceBytes: identity.sizeBytes,
      diskSequence: drive.virtual === null && identity.diskSequence !== '' ? identity.diskSequence : null,
      faults: drive.virtual?.faults ?? null,
      ...(await placeOf(files, path, { partition, drive })),
      [Symbol.asyncDispose]: release,
    }
  } catch (thrown) {
    await release()
    throw thrown
  }
}

async function refuseSources(files: Files, path: string, sources: readonly string[]): Promise<void> {
  const target = await files.stat(path)
  for (const source of sources)
    if (target && (await files.stat(source))?.fileId === target.fileId)
      throw new AppError('BAD_INPUT', `${path} is ${source} itself, which would be overwritten`, 'Name another target.')
}

/** Two that write one file, also under other names or by other programs, follow each other, as on a drive. Only Linux has the program. */
async function lockOn(path: string, programs: Programs): Promise<readonly string[]> {
  return (await programs.find(LOCK[0])) === null ? [] : [...LOCK, '--no-fork', path]
}

const UNKNOWN = { deviceBytes: null, diskSequence: null, faults: null } as const

/** Counted as the kernel does. */
const SECTOR_BYTES = 512

/** Where a partition lies: as the kernel says, where this user may not read the drive. BAD_INPUT when there is none of that number. */
async function placeOf(
  files: Files,
  path: string,
  { partition, drive }: { partition: number | null; drive: Drive | null },
): Promise<Pick<OpenTarget, 'startBytes' | 'roomBytes'>> {
  if (partition === null) return { startBytes: 0, roomBytes: null }
  const known = drive?.partitions.find(({ number }) => number === partition)
  const said = `/sys/class/block/${basename(known?.path ?? '')}/start`
  if (known && (await files.stat(said))?.kind === 'file') {
    const start = Number(new TextDecoder().decode(await readWhole(files, said)))
    return { startBytes: start * SECTOR_BYTES, roomBytes: known.sizeBytes }
  }
  await using file = await files.open(path, 'read')
  const table = await readTable(readerOf(file), await file.sizeBytes())
  const found = table?.partitions.find(({ number }) => number === partition)
  if (found) return { startBytes: found.startBytes, roomBytes: found.sizeBytes }
  const numbers = table?.partitions.map(({ number }) => number).join(', ') ?? 'none'
  throw new AppError('BAD_INPUT', `${path} has no partition ${partition}; it has ${numbers}`, 'See otabench image inspect.')
}

/** A file there would lie in memory, and pass for the drive of that name. */
const DEVICE_NAME = /^\/dev\/(?!shm\/)/

/** The writer makes no files: a drive that has just left must not become one. */
async function makeFile(files: Files, path: string): Promise<void> {
  const found = await files.stat(path)
  if (DEVICE_NAME.test(path) && (found === null || found.kind === 'file'))
    throw new AppError('NOT_FOUND', `There is no drive ${path}`, 'Plug it in; otabench drives list says what is there.')
  if (found === null) await (await files.open(path, 'edit'))[Symbol.asyncDispose]()
  else if (found.kind === 'disk')
    throw new AppError('BAD_INPUT', `${path} is a drive, and it was not said which one was meant`, 'Choose it out of otabench drives list.')
  else if (found.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is neither a drive nor a file`, 'Name a drive or a file.')
}
