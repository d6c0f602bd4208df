import { AppError } from '../../contract/errors.ts'
import type { Seed } from '../../contract/seed.ts'
import type { Files, HostFile } from '../host.ts'
import { editFileSystem } from '../image/edit-file-system.ts'
import type { EditImage } from '../image/file-system.ts'
import { openFileSystem, partOf, readTable } from '../image/open-file-system.ts'
import type { Partition } from '../image/partition.ts'
import type { Range } from '../image/ranges.ts'
import { readerOf } from '../lib/image-file.ts'
import { HeldBack } from '../lib/held-back.ts'
import { type CardEdits, placeOf, seedEdits } from './edits.ts'
import { seedFiles } from './seeding.ts'
import { textIn } from './small-texts.ts'

export const SEED_STEPS = ['Look at the image', 'Prepare', 'Write'] as const

export interface SeedingContext {
  files: Files
  /** Where relative paths of the seed start, absolute. */
  folder: string
  /** The time of what is put in. */
  modifiedAt: number
  signal: AbortSignal
  onStep(step: (typeof SEED_STEPS)[number]): void
  onProgress(done: number, total: number | null): void
  warn(text: string): void
}

/** Where on the card files were put. */
export interface Seeded {
  files: { partition: number; path: string }[]
}

/**
 * Puts the files of a seed into the partitions of a card image, where it lies and without mounting it. All changes are prepared in memory:
 * until the last moment a failure, or the signal, leaves the image as it was. BAD_INPUT for what is no card of boot, A, B and data.
 */
export async function seedImage(path: string, seed: Seed, context: SeedingContext): Promise<Seeded> {
  const { files, signal, onStep, onProgress } = context
  onStep('Look at the image')
  await refuseOthers(files, path)
  await using file = await files.open(path, 'edit')
  const { held, seeded } = await prepare(file, seed, context)
  onStep('Write')
  signal.throwIfAborted()
  await held.commit(onProgress)
  return seeded
}

/**
 * The same without touching the image: what differs is written to a new file, at the place that it has in the image. It holds a private
 * key where the seed does, so nobody else may read it. Answers which parts of the file count.
 */
export async function seedBeside(path: string, overlay: string, seed: Seed, context: SeedingContext): Promise<Range[]> {
  const { files, signal, onStep } = context
  onStep('Look at the image')
  await refuseOthers(files, path)
  await using file = await files.open(path, 'read')
  const { held } = await prepare(file, seed, context)
  onStep('Write')
  signal.throwIfAborted()
  await using beside = await files.open(overlay, 'create', 0o600)
  return await held.copyTo(beside)
}

async function refuseOthers(files: Files, path: string): Promise<void> {
  const stat = await files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no image ${path}`, 'Check the path.')
  if (stat.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${stat.kind}`, 'Name an image file.')
}

/** Everything that a seed changes, in memory. */
async function prepare(file: HostFile, seed: Seed, context: SeedingContext): Promise<{ held: HeldBack; seeded: Seeded }> {
  const { path } = file
  const partitions = await cardPartitions(file, path)
  const wanted = await wantedFiles(seed, { file, partitions, context })
  if (wanted.length === 0) throw new AppError('BAD_INPUT', 'The seed says nothing', 'Name what the card should get.')
  context.onStep('Prepare')
  const held = new HeldBack(file)
  const edits = seedEdits(wanted, context.modifiedAt)
  const seeded: Seeded = { files: [] }
  for (const [index, partition] of partitions.entries()) {
    const part = (['boot', 'rootfs', 'rootfs', 'data'] as const)[index] ?? 'data'
    if (edits[part].length === 0) continue
    if (await carryOut(edits[part], held.part(partition), { partition, context }))
      seeded.files.push(
        ...wanted.filter(({ to }) => placeOf(to).part === part).map(({ to }) => ({ partition: partition.number, path: to })),
      )
  }
  return { held, seeded }
}

async function cardPartitions(file: HostFile, path: string): Promise<Partition[]> {
  const partitions = (await readTable(readerOf(file), await file.sizeBytes()))?.partitions ?? []
  if (partitions.length !== 4)
    throw new AppError(
      'BAD_INPUT',
      `${path} has ${partitions.length} partitions; a card with boot, A, B and data has four`,
      'Name a card image made by image compose or convert, or by a Mender tool.',
    )
  return partitions
}

interface Seeding {
  file: HostFile
  partitions: readonly Partition[]
  context: SeedingContext
}

async function wantedFiles(seed: Seed, { file, partitions, context }: Seeding) {
  const data = partitions[3]
  const there = data ? await openFileSystem(partOf(readerOf(file), data)) : null
  const existing = there === null ? '' : await textIn(there, '/mender/mender.conf')
  return seedFiles(seed, { ...context, slots: null, existing })
}

/** False for a slot that is empty: there is nothing to put files into. */
async function carryOut(
  edits: CardEdits[keyof CardEdits],
  image: EditImage,
  { partition, context }: { partition: Partition; context: SeedingContext },
): Promise<boolean> {
  const target = await editFileSystem(image, context.modifiedAt)
  if (!target && partition.number === 3) {
    context.warn('slot B is empty, and stays so')
    return false
  }
  if (!target)
    throw new AppError(
      'BAD_INPUT',
      `Partition ${partition.number} has no file system that files can be put into`,
      'See otabench image inspect.',
    )
  for (const edit of edits) {
    context.signal.throwIfAborted()
    await edit(target, context.warn)
  }
  await target.finish()
  return true
}
