import { basename, resolve } from 'node:path'
import type { CardLayout } from '../../contract/card-layout.ts'
import { AppError } from '../../contract/errors.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import type { Files } from '../host.ts'
import { frameOf as checkExt4 } from '../image/ext4-make-frame.ts'
import { makeFat } from '../image/fat-make.ts'
import { derivedGuid, derivedSerial } from '../lib/identifiers.ts'
import { loaderOf } from './loader.ts'
import { placeOnCard } from './places.ts'
import { seedEdits } from './edits.ts'
import { growEdit } from './grow.ts'
import { type Content, type PartitionRecipe, type Recipe, timeOf } from './recipe.ts'
import { seedFiles } from './seeding.ts'
import { needsOf } from './slot-needs.ts'
import { type Source, checkKind, partitionOf, wholeImage } from './sources.ts'
import { SLOT_A, frameOf } from './frame.ts'

export interface RecipeContext {
  files: Files
  /** Where relative paths of the layout start, absolute. */
  folder: string
  /** Of SOURCE_DATE_EPOCH, epoch milliseconds; null where it is not set. */
  sourceDateAt: number | null
}

/** Looks at everything that a layout names, and decides what the card will be. BAD_INPUT, NOT_FOUND, ARTIFACT_INVALID. */
export async function recipeOfLayout(layout: CardLayout, context: RecipeContext): Promise<Recipe> {
  const { name, table } = layout
  const latestAt = layout.time === undefined ? context.sourceDateAt : Date.parse(layout.time)
  const madeAt = timeOf(latestAt)
  const boot = await bootOf(layout, context, latestAt)
  const slot = await slotOf(layout, context, latestAt)
  const data = await dataOf(layout, context, latestAt)
  const { areas, bootFiles, warnings } = await loaderOf(layout, context)
  const { sizeBytes: wholeBytes, places } = placeOnCard({
    ...{ table, areas, alignBytes: sizeBytes(layout.align) },
    sizeBytes: layout.size === undefined ? null : sizeBytes(layout.size),
    startBytes: layout.start === undefined ? null : sizeBytes(layout.start),
    sizes: [boot.sizeBytes, slot.sizeBytes, slot.sizeBytes, orFill(layout.data.size)],
  })
  const frame = frameOf({
    ...{ table, places, diskId: layout.diskId ?? (table === 'gpt' ? derivedGuid(name, 'disk') : derivedSerial(name, 'disk')), name },
    partuuids: [layout.boot.partuuid, layout.rootfs.partuuidA, layout.rootfs.partuuidB, layout.data.partuuid],
    labels: [layout.boot.label, layout.rootfs.label, layout.rootfs.label, layout.data.label],
    bootKind: boot.kind,
    grows: layout.data.grow,
  })
  const [first, second] = frame.partitions.slice(SLOT_A).map(({ uuid }) => `/dev/disk/by-partuuid/${uuid}`)
  const files = await seedFiles(layout.seed, { ...context, slots: first !== undefined && second !== undefined ? [first, second] : null })
  const put = seedEdits([...files, ...bootFiles], madeAt)
  const dataUuid = frame.partitions.at(-1)?.uuid ?? ''
  const grow = layout.data.grow ? [growEdit(dataUuid, frame.partitions.length, madeAt)] : []
  const needs = await needsOf(layout, { files: context.files, slot: slot.content, data: dataUuid, madeAt })
  const edits = {
    boot: put.boot,
    'rootfs A': [...put.rootfs, ...grow, ...needs.rootfs],
    'rootfs B': [],
    data: [...put.data, ...needs.data],
  }
  const contents = contentsOf(layout, { boot: boot.content, slot: slot.content, data })
  for (const [index, { sizeBytes: bytes }] of places.entries()) checkRoom(contents[index]?.content, bytes, madeAt)
  const partitions = frame.partitions.map((partition, index): PartitionRecipe => {
    const content = contents[index]?.content ?? { kind: 'empty' as const }
    return { ...partition, content, says: contents[index]?.says ?? 'empty', edits: edits[partition.role] }
  })
  const labelled = layout.rootfs.image !== undefined && layout.rootfs.label !== undefined
  const all = [
    ...warnings,
    ...boot.warnings,
    ...needs.warnings,
    ...(labelled ? ['rootfs.label is left out: an image keeps the label that it has'] : []),
  ]
  return { table, diskId: frame.diskId, sizeBytes: wholeBytes, madeAt, partitions, areas, warnings: all }
}

const orFill = (size: number | string): number | 'fill' => (size === 'fill' ? 'fill' : sizeBytes(size))

interface Filled {
  content: Content
  /** In words. */
  says: string
}

interface Wanted {
  sizeBytes: number | 'fill'
  content: Content
}

async function bootOf(
  { boot, name }: CardLayout,
  { files, folder }: RecipeContext,
  latestAt: number | null,
): Promise<{ sizeBytes: number; content: Content; kind: string; warnings: string[] }> {
  const given = boot.size === undefined ? null : sizeBytes(boot.size)
  if (boot.folder !== undefined) {
    if (given === null) throw missing('boot.size: how large the boot partition is has to be said')
    const path = resolve(folder, boot.folder)
    await checkKind(files, path, 'folder')
    const tree = { kind: 'folder' as const, path, owners: 'root' as const, latestAt }
    const content = { kind: 'fat' as const, tree, label: boot.label ?? 'BOOT', volumeId: derivedSerial(name, 'boot file system') }
    return { sizeBytes: given, content, kind: given < 512 * 2 ** 20 ? 'fat16' : 'fat32', warnings: [] }
  }
  const source =
    boot.image === undefined
      ? await partitionOf(files, resolve(folder, boot.from ?? ''), boot.partition)
      : await wholeImage(files, resolve(folder, boot.image))
  const warnings = source.kind !== '' ? [] : ['boot: no file system is known in it; it is copied as it is']
  return { ...copied(source, given, 'boot.size'), kind: source.kind, warnings }
}

async function slotOf({ rootfs, name }: CardLayout, { files, folder }: RecipeContext, latestAt: number | null): Promise<Wanted> {
  const given = rootfs.size === undefined ? null : orFill(rootfs.size)
  if (rootfs.image !== undefined) {
    const path = resolve(folder, rootfs.image)
    const source = await wholeImage(files, path)
    if (!source.kind.startsWith('ext'))
      throw new AppError(
        'BAD_INPUT',
        `rootfs.image: ${path} is no ext2, ext3 or ext4 image`,
        'Name the root file system itself, not compressed; of a card image convert makes one.',
      )
    return copied(source, given, 'rootfs.size')
  }
  if (given === null) throw missing('rootfs.size: how large each slot is has to be said')
  const kind = rootfs.tar === undefined ? ('folder' as const) : ('tar' as const)
  const path = resolve(folder, rootfs.tar ?? rootfs.folder ?? '')
  await checkKind(files, path, kind === 'tar' ? 'file' : 'folder')
  const content = {
    ...{ kind: 'ext4' as const, tree: { kind, path, owners: rootfs.owners, latestAt }, label: rootfs.label ?? 'rootfs' },
    ...{ uuid: derivedGuid(name, 'rootfs file system'), hashSeed: derivedGuid(name, 'rootfs hash') },
  }
  return { sizeBytes: given, content }
}

async function dataOf({ data, name }: CardLayout, { files, folder }: RecipeContext, latestAt: number | null): Promise<Content> {
  const path = data.folder === undefined ? null : resolve(folder, data.folder)
  if (path !== null) await checkKind(files, path, 'folder')
  return {
    ...{ kind: 'ext4', tree: path === null ? null : { kind: 'folder', path, owners: data.owners, latestAt }, label: data.label ?? 'data' },
    ...{ uuid: derivedGuid(name, 'data file system'), hashSeed: derivedGuid(name, 'data hash') },
  }
}

/** BAD_INPUT where a new file system cannot be as large, or not have that label. */
function checkRoom(content: Content | undefined, bytes: number, madeAt: number): void {
  if (content?.kind === 'fat') makeFat({ ...content, sizeBytes: bytes, modifiedAt: madeAt })
  if (content?.kind === 'ext4') checkExt4(bytes, { ...content, madeAt })
}

function copied<S extends number | 'fill'>({ region }: Source, given: S | null, key: string): { sizeBytes: S | number; content: Content } {
  if (typeof given === 'number' && given < region.sizeBytes)
    throw new AppError('BAD_INPUT', `${key}: ${given} bytes are less than the ${region.sizeBytes} of ${region.path}`, 'Make it larger.')
  return { sizeBytes: given ?? region.sizeBytes, content: { kind: 'copy', region } }
}

function missing(message: string): AppError {
  return new AppError('BAD_INPUT', message, 'Say it in the layout, as 512 MiB.')
}

function contentsOf({ boot, rootfs, data }: CardLayout, made: { boot: Content; slot: Content; data: Content }): Filled[] {
  const isEmpty = rootfs.slotB === 'empty'
  return [
    { content: made.boot, says: basename(boot.folder ?? boot.image ?? boot.from ?? '') },
    { content: made.slot, says: basename(rootfs.image ?? rootfs.tar ?? rootfs.folder ?? '') },
    { content: isEmpty ? { kind: 'empty' } : { kind: 'same', number: 2 }, says: isEmpty ? 'empty' : 'the same as A' },
    { content: made.data, says: data.folder === undefined ? 'new' : basename(data.folder) },
  ]
}
