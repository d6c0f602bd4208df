import type { Edit } from './recipe.ts'
import { type SeedFile, putSeedFile } from './seeding.ts'

export interface CardEdits {
  boot: Edit[]
  rootfs: Edit[]
  data: Edit[]
}

/** Where other partitions than the root file system are mounted. */
const MOUNTS = [
  { pattern: /^\/(uboot|boot\/efi|boot\/firmware|boot\/grub)(?=\/)/, part: 'boot' },
  { pattern: /^\/data(?=\/)/, part: 'data' },
] as const

/** In which partition a path of a running device lies, and where there. */
export function placeOf(to: string): { part: keyof CardEdits; path: string } {
  const mount = MOUNTS.find(({ pattern }) => pattern.test(to))
  return mount ? { part: mount.part, path: to.replace(mount.pattern, '') } : { part: 'rootfs', path: to }
}

/** Puts each file into its partition. */
export function seedEdits(files: readonly SeedFile[], modifiedAt: number): CardEdits {
  const edits: CardEdits = { boot: [], rootfs: [], data: [] }
  for (const file of files) {
    const { part, path } = placeOf(file.to)
    edits[part].push((target) => putSeedFile(target, path, file, modifiedAt))
  }
  return edits
}
