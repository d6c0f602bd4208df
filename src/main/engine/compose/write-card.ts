import { AppError } from '../../contract/errors.ts'
import type { Files, HostFile } from '../host.ts'
import { encodeBmap, makeBmap, mappedBlockCount } from '../image/bmap.ts'
import { editFat } from '../image/fat-edit.ts'
import { makeFat } from '../image/fat-make.ts'
import { editFileSystem } from '../image/edit-file-system.ts'
import { makeExt4 } from '../image/ext4-make.ts'
import type { EditImage } from '../image/file-system.ts'
import { encodeGpt } from '../image/gpt.ts'
import { BLOCK_BYTES, mappedBlocks } from '../image/mapped-blocks.ts'
import { encodeMbr } from '../image/mbr.ts'
import { type Range, without } from '../image/ranges.ts'
import { copySparse, partEditor } from '../lib/image-edit.ts'
import { readerOf, refusePackedName, reusingReaderOf } from '../lib/image-file.ts'
import { refuseOwnInput, replaceFile, writeAtomic } from '../lib/file-streams.ts'
import { fillExt4, fillFat } from './fill-ext4.ts'
import type { AreaRecipe, Content, PartitionRecipe, Recipe } from './recipe.ts'

export const COMPOSE_STEPS = ['Boot partition', 'Slot A', 'Slot B', 'Data partition', 'Boot loader', 'Block map'] as const
type Step = (typeof COMPOSE_STEPS)[number]

export interface CardWriting {
  files: Files
  /** Absolute; replaced in one step when all is written. */
  output: string
  hasBmap: boolean
  signal: AbortSignal
  onStep(step: Step): void
  onProgress(done: number, total: number | null): void
  warn(text: string): void
}

export interface WrittenCard {
  sizeBytes: number
  /** Of the block map; null where none was made. */
  mappedBytes: number | null
}

const STEP_OF = { boot: 'Boot partition', 'rootfs A': 'Slot A', 'rootfs B': 'Slot B', data: 'Data partition' } as const

/**
 * Writes a card image with holes where nothing is. What is there under its name stays until all is written; a failure leaves nothing
 * behind. The same recipe over the same files makes the same bytes.
 */
export async function writeCard(recipe: Recipe, writing: CardWriting): Promise<WrittenCard> {
  const { files, output, hasBmap, signal, onStep, warn } = writing
  await refuseOutput(recipe, writing)
  for (const warning of recipe.warnings) warn(warning)
  const map = await replaceFile(files, output, async (file) => {
    await file.truncate(recipe.sizeBytes)
    for (const partition of recipe.partitions) {
      onStep(STEP_OF[partition.role])
      signal.throwIfAborted()
      await writePartition(file, partition, { recipe, writing })
    }
    onStep('Boot loader')
    for (const area of recipe.areas) await writeArea(file, area, writing)
    for (const { position, bytes } of tableOf(recipe)) await file.write(bytes, position)
    const made = hasBmap ? await mapOf(file, recipe, writing) : null
    signal.throwIfAborted()
    return made
  })
  if (map !== null) await writeAtomic(files, `${output}.bmap`, Buffer.from(map.text))
  else if (await files.stat(`${output}.bmap`)) warn(`${output}.bmap is of the image that was there before`)
  return { sizeBytes: recipe.sizeBytes, mappedBytes: map?.mappedBytes ?? null }
}

/** An image takes the place of no source, and of nothing but a file. */
async function refuseOutput({ partitions, areas }: Recipe, { files, output }: CardWriting): Promise<void> {
  const stat = await files.stat(output)
  if (stat && stat.kind !== 'file')
    throw new AppError('BAD_INPUT', `${output} is a ${stat.kind}`, 'Name a file; a card is written with otabench flash.')
  refusePackedName(output)
  const sources = [
    ...partitions.map(({ content }) => sourceOf(content)),
    ...areas.map(({ from }) => ('region' in from ? from.region.path : null)),
  ]
  await refuseOwnInput(
    files,
    output,
    sources.filter((path) => path !== null),
  )
}

function sourceOf(content: Content): string | null {
  if (content.kind === 'copy') return content.region.path
  return content.kind === 'ext4' || content.kind === 'fat' ? (content.tree?.path ?? null) : null
}

interface Card {
  recipe: Recipe
  writing: CardWriting
}

async function writePartition(file: HostFile, partition: PartitionRecipe, { recipe, writing }: Card): Promise<void> {
  const { signal } = writing
  const image = partEditor(file, partition, signal)
  await fill(file, image, partition, { recipe, writing })
  if (partition.edits.length === 0) return
  const target = await editFileSystem(image, recipe.madeAt)
  if (!target)
    throw new AppError(
      'BAD_INPUT',
      `The ${partition.role} partition has no file system that files can be put into`,
      'Leave its files out, or give it an ext or FAT file system.',
    )
  for (const edit of partition.edits) {
    signal.throwIfAborted()
    await edit(target, writing.warn)
  }
  await target.finish()
}

/** From this size on a new file system gets an inode for each 64 KiB only: tables are written to the card, though they are empty. */
const LARGE_BYTES = 2 ** 30

async function fill(file: HostFile, image: EditImage, partition: PartitionRecipe, { recipe, writing }: Card): Promise<void> {
  const { content, startBytes } = partition
  const { madeAt } = recipe
  if (content.kind === 'empty') return
  if (content.kind === 'copy') {
    await using source = await writing.files.open(content.region.path, 'read')
    return await copySparse({ ...content.region, file: source }, image, writing)
  }
  if (content.kind === 'same') {
    const other = recipe.partitions.find(({ number }) => number === content.number)
    if (other) await copySparse({ ...other, file }, image, writing)
    return
  }
  if (content.kind === 'fat') {
    const { label, volumeId, tree } = content
    for (const { position, bytes } of makeFat({ label, volumeId, sizeBytes: image.sizeBytes, modifiedAt: madeAt, startBytes }))
      await image.write(position, bytes)
    const target = await editFat(image)
    if (tree !== null) await fillFat(target, tree, writing)
    return target.finish()
  }
  const { label, uuid, hashSeed, tree } = content
  const sparse = image.sizeBytes >= LARGE_BYTES && tree === null ? { bytesPerInode: 2 ** 16 } : {}
  const target = await makeExt4(image, { label, uuid, hashSeed, madeAt, ...sparse })
  if (tree !== null) await fillExt4(target, tree, writing)
  return target.finish()
}

async function writeArea(file: HostFile, { from, startBytes, sizeBytes }: AreaRecipe, writing: CardWriting): Promise<void> {
  if ('bytes' in from) return file.write(from.bytes, startBytes)
  await using source = await writing.files.open(from.region.path, 'read')
  const target = partEditor(file, { startBytes, sizeBytes }, writing.signal)
  await copySparse({ ...from.region, file: source }, target, writing)
}

function tableOf({ table, diskId, sizeBytes, partitions }: Recipe): { position: number; bytes: Uint8Array }[] {
  return table === 'mbr' ? encodeMbr(diskId, partitions) : encodeGpt({ diskGuid: diskId, sizeBytes, partitions })
}

/** What is written of an empty slot: a file system that a card had there before is no longer found. */
const WIPED_BYTES = 1 << 20

/** The blocks of empty partitions that need not be written. */
function emptyBlocks({ partitions }: Recipe): Range[] {
  return partitions
    .filter(({ content }) => content.kind === 'empty')
    .map(({ startBytes, sizeBytes }) => ({
      start: Math.ceil((startBytes + Math.min(WIPED_BYTES, sizeBytes)) / BLOCK_BYTES),
      end: Math.floor((startBytes + sizeBytes) / BLOCK_BYTES),
    }))
}

async function mapOf(
  file: HostFile,
  recipe: Recipe,
  { onStep, onProgress, signal, warn }: CardWriting,
): Promise<{ text: string; mappedBytes: number }> {
  onStep('Block map')
  const imageBytes = recipe.sizeBytes
  const { ranges: all, warnings } = await mappedBlocks(readerOf(file), imageBytes)
  const ranges = without(all, emptyBlocks(recipe))
  for (const warning of warnings) warn(warning)
  const total = mappedBlockCount(ranges)
  let done = 0
  const bmap = await makeBmap(reusingReaderOf(file), { imageBytes, blockBytes: BLOCK_BYTES, ranges }, (count) => {
    signal.throwIfAborted()
    done += count
    onProgress(done * BLOCK_BYTES, total * BLOCK_BYTES)
  })
  return { text: encodeBmap(bmap), mappedBytes: Math.min(imageBytes, total * BLOCK_BYTES) }
}
