import { SUPER, get } from './ext4-layout.ts'
import { badImage } from './image-bytes.ts'

/** The features that have a name here: word of the superblock, and bit in it. Whatever else is set is not understood. */
const FEATURES = {
  has_journal: ['compat', 0x4],
  ext_attr: ['compat', 0x8],
  resize_inode: ['compat', 0x10],
  dir_index: ['compat', 0x20],
  sparse_super2: ['compat', 0x200],
  filetype: ['incompat', 0x2],
  needs_recovery: ['incompat', 0x4],
  meta_bg: ['incompat', 0x10],
  extents: ['incompat', 0x40],
  '64bit': ['incompat', 0x80],
  mmp: ['incompat', 0x100],
  flex_bg: ['incompat', 0x200],
  ea_inode: ['incompat', 0x400],
  metadata_csum_seed: ['incompat', 0x2000],
  largedir: ['incompat', 0x4000],
  inline_data: ['incompat', 0x8000],
  encrypt: ['incompat', 0x1_0000],
  casefold: ['incompat', 0x2_0000],
  sparse_super: ['roCompat', 0x1],
  large_file: ['roCompat', 0x2],
  huge_file: ['roCompat', 0x8],
  uninit_bg: ['roCompat', 0x10],
  dir_nlink: ['roCompat', 0x20],
  extra_isize: ['roCompat', 0x40],
  snapshot: ['roCompat', 0x80],
  quota: ['roCompat', 0x100],
  bigalloc: ['roCompat', 0x200],
  metadata_csum: ['roCompat', 0x400],
  replica: ['roCompat', 0x800],
  readonly: ['roCompat', 0x1000],
  project: ['roCompat', 0x2000],
  shared_blocks: ['roCompat', 0x4000],
  verity: ['roCompat', 0x8000],
  orphan_present: ['roCompat', 0x1_0000],
} as const satisfies Record<string, readonly [Word, number]>

type Word = keyof typeof WORDS
export type Feature = keyof typeof FEATURES
export type Features = ReadonlySet<Feature>

export const WORDS = {
  compat: SUPER.s_feature_compat,
  incompat: SUPER.s_feature_incompat,
  roCompat: SUPER.s_feature_ro_compat,
} as const

const NAMED: { name: Feature; word: Word; bit: number }[] = []
for (const name of namesOf(FEATURES)) NAMED.push({ name, word: FEATURES[name][0], bit: FEATURES[name][1] })

function namesOf<K extends string>(table: Record<K, unknown>): K[] {
  const names: K[] = []
  for (const name in table) names.push(name)
  return names
}

export function featuresOf(superblock: DataView): Features {
  return new Set(NAMED.flatMap(({ name, word, bit }) => (get(superblock, WORDS[word]) & bit ? [name] : [])))
}

/** The bit of a feature, and the word that it stands in. */
export function featureBit(name: Feature): { word: Word; bit: number } {
  const [word, bit] = FEATURES[name]
  return { word, bit }
}

const RECOVER = 'Run e2fsck -fy on the image once.'

/** ARTIFACT_INVALID where what is written cannot be read without knowing more. */
export function checkReadable(superblock: DataView): void {
  const features = featuresOf(superblock)
  if (features.has('needs_recovery'))
    throw badImage('The ext4 file system was not unmounted cleanly: its journal holds changes that are not in place yet', RECOVER)
  if (features.has('encrypt')) throw badImage('The ext4 file system has encrypted folders', 'Make the image without the feature encrypt.')
  const unknown = unknownBits(superblock, 'incompat')
  if (unknown !== 0) throw notUnderstood('incompat', unknown)
}

/** What keeps us from writing, and what a person can do about it. */
const NOT_WRITABLE: Partial<Record<Feature, string>> = {
  snapshot: 'Make the image without it.',
  quota: 'Switch it off with tune2fs -O ^quota, change the image, and switch it on again.',
  bigalloc: 'Make the image without clusters (mke2fs -O ^bigalloc).',
  replica: 'Make the image without it.',
  readonly: 'Switch it off with tune2fs -O ^read-only.',
  project: 'Switch it off with tune2fs -O ^project.',
  shared_blocks: 'Make the image without it: e2fsck -E unshare_blocks.',
  orphan_present: RECOVER,
  mmp: 'Switch it off with tune2fs -O ^mmp.',
}

/** ARTIFACT_INVALID with the name of the feature that this editor would not keep in order. */
export function checkWritable(superblock: DataView): void {
  const features = featuresOf(superblock)
  const unknown = unknownBits(superblock, 'roCompat')
  if (unknown !== 0) throw notUnderstood('ro_compat', unknown)
  for (const name of features) {
    const hint = NOT_WRITABLE[name]
    if (hint !== undefined) throw badImage(`The ext4 file system has the feature ${name}, with which it cannot be changed here`, hint)
  }
}

/** With these a block that is free in its bitmap may be in use all the same, or a bit is no block. */
const BEYOND_BITMAPS: readonly Feature[] = ['bigalloc', 'snapshot', 'replica']

/** ARTIFACT_INVALID where the bitmaps of blocks do not say all that there is to know of what is free. */
export function checkBitmapsComplete(superblock: DataView): void {
  const unknown = unknownBits(superblock, 'roCompat')
  if (unknown !== 0) throw notUnderstood('ro_compat', unknown)
  for (const name of featuresOf(superblock))
    if (BEYOND_BITMAPS.includes(name)) throw badImage(`The ext4 file system has the feature ${name}: its bitmaps do not say what is free`)
}

function unknownBits(superblock: DataView, word: Word): number {
  const known = NAMED.reduce((bits, feature) => (feature.word === word ? bits | feature.bit : bits), 0)
  return (get(superblock, WORDS[word]) & ~known) >>> 0
}

function notUnderstood(word: string, bits: number): Error {
  return badImage(
    `The ext4 file system has features that are not understood: ${word} 0x${bits.toString(16)}`,
    'Make the image without them (mke2fs -O ^feature).',
  )
}
