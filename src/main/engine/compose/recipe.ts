import type { CardPlan } from '../../contract/compose.ts'
import type { EditableFileSystem } from '../image/file-system.ts'
import type { FramedPartition } from './frame.ts'
import type { Area } from './places.ts'

/** Bytes of a file of this machine. */
export interface Region {
  path: string
  startBytes: number
  sizeBytes: number
}

/** Where the files of a new file system come from. */
export interface Tree {
  kind: 'tar' | 'folder'
  path: string
  owners: 'keep' | 'root'
  /** Times of a folder that are later become this one; null keeps all. */
  latestAt: number | null
}

/** What a partition begins with, before its edits. */
export type Content =
  | { kind: 'copy'; region: Region }
  | { kind: 'fat'; tree: Tree | null; label: string; volumeId: string }
  | { kind: 'ext4'; tree: Tree | null; label: string; uuid: string; hashSeed: string }
  | { kind: 'same'; number: number }
  | { kind: 'empty' }

/** A change to the files of a partition. */
export type Edit = (files: EditableFileSystem, warn: (text: string) => void) => Promise<void>

export interface PartitionRecipe extends FramedPartition {
  /** In words. */
  says: string
  content: Content
  edits: readonly Edit[]
}

export interface AreaRecipe extends Area {
  from: { bytes: Uint8Array } | { region: Region }
}

/** Everything that decides the bytes of a card. */
export interface Recipe {
  table: 'gpt' | 'mbr'
  diskId: string
  sizeBytes: number
  madeAt: number
  partitions: readonly PartitionRecipe[]
  areas: readonly AreaRecipe[]
  warnings: readonly string[]
}

export function planOf({ table, diskId, sizeBytes, madeAt, partitions, areas, warnings }: Recipe): CardPlan {
  return {
    ...{ table, diskId, sizeBytes, madeAt },
    partitions: partitions.map(({ number, role, startBytes, sizeBytes, name, uuid, says }) => ({
      ...{ number, role, startBytes, sizeBytes, label: name, partuuid: uuid, content: says },
    })),
    areas: areas.map(({ what, startBytes, sizeBytes }) => ({ what, startBytes, sizeBytes })),
    warnings: [...warnings],
  }
}

/** 1980: the first time that FAT knows. */
const FIRST_TIME = Date.UTC(1980, 0, 1)

/** The time of everything new: what was said, else the same in every run. */
export function timeOf(saidAt: number | null): number {
  return saidAt ?? FIRST_TIME
}
