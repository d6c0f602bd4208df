import { AppError } from '../../contract/errors.ts'
import type { CardRole } from '../../contract/images.ts'
import type { Partition } from './partition.ts'

/** Where a path lies: on each of these partitions, under the same path of its own. */
export interface Place {
  partitions: Partition[]
  path: string
}

/** Folders of a running device on which other partitions than the root file system are mounted. */
const MOUNTS: readonly { pattern: RegExp; index: number }[] = [
  { pattern: /^\/(uboot|boot\/efi|boot\/grub)(?=\/|$)/, index: 0 },
  { pattern: /^\/data(?=\/|$)/, index: 3 },
]

/**
 * Finds a path of a running device on a card. With four partitions they are what Mender lays out: boot, root file system A and B, data.
 * A single partition is taken whole. Of any other card `selected` has to say which, by number or name; then the path is the partition's own.
 */
export function placeOnCard(path: string, all: readonly Partition[], selected: readonly string[]): Place {
  if (selected.length > 0) return { partitions: selected.map((name) => named(name, all)), path }
  if (all.length === 1) return { partitions: [...all], path }
  if (all.length !== 4) throw unclear(all)
  const mount = MOUNTS.find(({ pattern }) => pattern.test(path))
  if (!mount) return { partitions: all.slice(1, 3), path }
  return { partitions: all.slice(mount.index, mount.index + 1), path: path.replace(mount.pattern, '') || '/' }
}

const ROLES: readonly CardRole[] = ['boot', 'rootfs A', 'rootfs B', 'data']

/** What a partition is for on a card that Mender laid out; null where there are not four. */
export function roleOnCard(partition: Partition, all: readonly Partition[]): CardRole | null {
  return all.length === ROLES.length ? (ROLES[all.indexOf(partition)] ?? null) : null
}

function named(name: string, all: readonly Partition[]): Partition {
  const found = all.find((each) => String(each.number) === name) ?? all.find((each) => each.name === name)
  if (found) return found
  throw new AppError('BAD_INPUT', `The image has no partition ${JSON.stringify(name)}`, `It has ${listed(all)}.`)
}

function unclear(all: readonly Partition[]): AppError {
  const message = `The image has ${all.length} partitions: which of them is meant is not known`
  return new AppError('BAD_INPUT', message, `Choose one with --partition: ${listed(all) || 'there is none'}.`)
}

function listed(all: readonly Partition[]): string {
  return all.map(({ number, name }) => (name === '' ? String(number) : `${number} (${name})`)).join(', ')
}
