import { basename } from 'node:path'
import type { ConvertOptions } from '../../../contract/convert.ts'
import { sizeBytes } from '../../../contract/sizes.ts'
import type { Files } from '../../host.ts'
import { type FramedPartition, frameOf } from '../frame.ts'
import { growEdit } from '../grow.ts'
import { derivedGuid, derivedSerial } from '../../lib/identifiers.ts'
import { seedEdits } from '../edits.ts'
import { placeOnCard } from '../places.ts'
import type { Content, Edit, PartitionRecipe, Recipe, Region } from '../recipe.ts'
import { seedFiles } from '../seeding.ts'
import { bootEdits, environmentArea } from './boot-edits.ts'
import { type BootWay, bootWayOf } from './boot-way.ts'
import { deviceFacts } from './device-facts.ts'
import { cannotConvert } from './boot-texts.ts'
import { loadersOf } from './loaders.ts'
import { type SingleCard, takeApart } from './single-card.ts'
import { slotEdits } from './slot-edits.ts'
import type { EnvironmentPlace } from '../../image/uboot-script.ts'

export interface ConvertContext {
  files: Files
  /** Where the image can be read: itself or, of a packed one, what was unpacked of it. */
  rawPath: string
  /** Where relative paths of the seed start, absolute. */
  folder: string
  /** The time of everything that is new. */
  madeAt: number
}

/** A card with two slots out of one with one, and how it boots. */
export interface Conversion {
  boot: BootWay['kind']
  deviceType: string
  recipe: Recipe
}

/** Where a boot partition is made for U-Boot's script. */
const SMALL_BOOT_BYTES = 32 << 20
const ALIGN_BYTES = 4 << 20

/** Takes a card apart and decides what becomes of it. BAD_INPUT, saying why, for one that cannot be converted; NOT_FOUND, ARTIFACT_INVALID. */
export async function conversionOf(options: ConvertOptions, context: ConvertContext): Promise<Conversion> {
  await using file = await context.files.open(context.rawPath, 'read')
  const card = await takeApart(file, context.rawPath)
  const way = await bootWayOf(card)
  return { boot: way.kind, ...(await recipeOf(card, way, { options, context })) }
}

interface Wish {
  options: ConvertOptions
  context: ConvertContext
}

async function recipeOf(card: SingleCard, way: BootWay, wish: Wish): Promise<Pick<Conversion, 'deviceType' | 'recipe'>> {
  const framed = await frameOfCard(card, way, wish.options)
  const { edits, deviceType, warnings } = await editsOf(card, way, { ...wish, framed })
  const contents = contentsOf(card, wish.options, framed.name)
  const { table, diskId, sizeBytes: wholeBytes, areas, partitions } = framed
  const recipe: Recipe = {
    ...{ table, diskId, sizeBytes: wholeBytes, areas, madeAt: wish.context.madeAt },
    partitions: partitions.map((partition) => ({ ...partition, ...contents[partition.role], edits: edits[partition.role] })),
    warnings: [...framed.warnings, ...warnings],
  }
  return { deviceType, recipe }
}

interface FramedCard extends Pick<Recipe, 'table' | 'diskId' | 'sizeBytes' | 'areas' | 'warnings'> {
  name: string
  partitions: FramedPartition[]
  /** null of GRUB. */
  environment: EnvironmentPlace | null
}

async function frameOfCard(card: SingleCard, way: BootWay, options: ConvertOptions): Promise<FramedCard> {
  const table = options.table ?? card.table?.kind ?? 'gpt'
  const name = options.name ?? nameOf(options.image)
  const loaders = await loadersOf(card, table)
  const environment = way.kind === 'grub' ? null : environmentArea(loaders.endBytes, options)
  const areas = [...loaders.areas, ...(environment ? [environment.area] : [])]
  const { places, sizeBytes: wholeBytes } = placeOnCard({
    ...{ table, areas, alignBytes: ALIGN_BYTES, startBytes: null },
    sizeBytes: options.size === undefined ? null : sizeBytes(options.size),
    sizes: sizesOf(card, options),
  })
  const { diskId, partitions } = frameOf({
    ...{ table, places, name, grows: options.grow, partuuids: [], labels: [] },
    diskId: table === 'gpt' ? derivedGuid(name, 'disk') : derivedSerial(name, 'disk'),
    bootKind: card.boot?.kind ?? 'fat16',
  })
  const { warnings } = loaders
  return { table, name, diskId, partitions, areas, warnings, sizeBytes: wholeBytes, environment: environment?.place ?? null }
}

/** `card` of `card.img` and `card.img.xz`: what is made of it is the same. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/\.(gz|xz|zst|bz2|zip)$/i, '')
    .replace(/\.[^.]*$/, '')
}

type Edits = Record<PartitionRecipe['role'], Edit[]>

async function editsOf(
  card: SingleCard,
  way: BootWay,
  { options: { seed, grow }, context, framed }: Wish & { framed: FramedCard },
): Promise<{ edits: Edits; deviceType: string; warnings: string[] }> {
  const { madeAt, files } = context
  const { name, table, environment } = framed
  const [boot = '', a = '', b = '', data = ''] = framed.partitions.map(({ uuid }) => uuid)
  const roots = { a: `PARTUUID=${a}`, b: `PARTUUID=${b}` }
  const slots = seed.storage ? ([`${seed.storage}2`, `${seed.storage}3`] as const) : ([byUuid(a), byUuid(b)] as const)
  const facts = await deviceFacts(card, way, { name, seed, files, environment })
  const known = { ...context, slots, existing: facts.configuration, isConfigured: true }
  const put = seedEdits([...facts.files, ...(await seedFiles({ ...seed, deviceType: facts.deviceType }, known))], madeAt)
  const mounts = {
    boot: { device: `PARTUUID=${boot}`, at: mountPoint(way) },
    data: { device: `PARTUUID=${data}`, grows: grow },
  }
  const changes = { way, moved: movedBoot(card, way), mounts, slots, madeAt, files, defaults: facts.defaults }
  const edits = {
    boot: [...bootEdits(way, { roots, table, environment, madeAt }), ...put.boot],
    'rootfs A': [...slotEdits(changes), ...(grow ? [growEdit(data, 4, madeAt)] : []), ...put.rootfs],
    'rootfs B': [],
    data: put.data,
  }
  return { edits, deviceType: facts.deviceType, warnings: facts.warnings }
}

/** /boot is the slots' own from now on. */
function mountPoint({ mountedAt }: BootWay): string {
  return mountedAt === null || mountedAt === '/boot' ? '/uboot' : mountedAt
}

/** The boot partition, where kernels lie in it that the slots have to have themselves. */
function movedBoot({ boot }: SingleCard, { kind, where }: BootWay): Region | null {
  return kind !== 'grub' && where === 'boot' ? (boot?.region ?? null) : null
}

const byUuid = (uuid: string): string => `/dev/disk/by-partuuid/${uuid}`

function sizesOf({ root, boot }: SingleCard, { bootSize, slotSize, dataSize }: ConvertOptions): (number | 'fill')[] {
  const slot = atLeast(slotSize, root.region.sizeBytes, 'slotSize')
  return [
    atLeast(bootSize, boot?.region.sizeBytes ?? SMALL_BOOT_BYTES, 'bootSize'),
    slot,
    slot,
    dataSize === 'fill' ? 'fill' : sizeBytes(dataSize),
  ]
}

function atLeast(wanted: number | string | undefined, there: number, what: string): number {
  const bytes = wanted === undefined ? there : sizeBytes(wanted)
  if (bytes < there) throw cannotConvert(`${what}: what is there has ${there} bytes, more than ${bytes}`, 'Make it larger.')
  return bytes
}

function contentsOf(
  { root, boot }: SingleCard,
  { slotB, image }: ConvertOptions,
  name: string,
): Record<PartitionRecipe['role'], { content: Content; says: string }> {
  const file = basename(image)
  const says = (number: number): string => (number === 0 ? file : `${file}, partition ${number}`)
  const fresh = { kind: 'fat' as const, tree: null, label: 'BOOT', volumeId: derivedSerial(name, 'boot file system') }
  const empty = { content: { kind: 'empty' as const }, says: 'empty' }
  return {
    boot: boot ? { content: { kind: 'copy', region: boot.region }, says: says(boot.number) } : { content: fresh, says: 'new' },
    'rootfs A': { content: { kind: 'copy', region: root.region }, says: says(root.number) },
    'rootfs B': slotB === 'empty' ? empty : { content: { kind: 'same', number: 2 }, says: 'the same as A' },
    data: {
      content: {
        ...{ kind: 'ext4', tree: null, label: 'data' },
        ...{ uuid: derivedGuid(name, 'data file system'), hashSeed: derivedGuid(name, 'data hash') },
      },
      says: 'new',
    },
  }
}
