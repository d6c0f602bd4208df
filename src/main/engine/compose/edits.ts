import type { EditableFileSystem } from '../image/file-system.ts'
import type { Edit } from './recipe.ts'
import { type SeedFile, putSeedFile } from './seeding.ts'
import { textIn } from './text-in.ts'

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

const FSTAB = '/etc/fstab'
const GROW = 'x-systemd.growfs'

/** Says in fstab that /data is grown when it is mounted. */
export function growEdit(partuuid: string, modifiedAt: number): Edit {
  return async (files) => writeText(files, FSTAB, withGrow(await textIn(files, FSTAB), partuuid), modifiedAt)
}

/** The fstab with the option in the line of /data, which is added where there is none. */
export function withGrow(fstab: string, partuuid: string): string {
  const lines = fstab.split('\n')
  const at = lines.findIndex((line) => !line.trim().startsWith('#') && line.trim().split(/\s+/)[1] === '/data')
  const line = lines[at]
  if (line === undefined)
    return `${fstab === '' || fstab.endsWith('\n') ? fstab : `${fstab}\n`}PARTUUID=${partuuid} /data ext4 defaults,${GROW} 0 2\n`
  if (line.includes(GROW)) return fstab
  const [device = '', mount = '', type = 'ext4', options = 'defaults', ...rest] = line.trim().split(/\s+/)
  lines[at] = [device, mount, type, `${options},${GROW}`, ...rest].join(' ')
  return lines.join('\n')
}

/** Replaces a text; what it was before, its mode and owner, stays. */
export async function writeText(files: EditableFileSystem, path: string, text: string, modifiedAt: number): Promise<void> {
  const bytes = Buffer.from(text)
  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  await files.writeFile(path, { sizeBytes: bytes.length, content: content(), modifiedAt })
}
