import { decodeBootScript, encodeBootScript } from '../../image/boot-script.ts'
import type { EditableFileSystem } from '../../image/file-system.ts'
import { type SeedFile, putSeedFile } from '../seeding.ts'
import type { Edit, Region } from '../recipe.ts'
import { linkState, makeFolder } from '../slot-files.ts'
import { bytesIn, textIn, writeBytes, writeText } from '../small-texts.ts'
import { walk } from '../../image/walk.ts'
import type { Files } from '../../host.ts'
import type { BootWay } from './boot-way.ts'
import { slotExtlinux, slotGrub, slotScript } from './boot-texts.ts'
import { type CardMounts, slotFstab } from './fstab.ts'
import { withRegion } from './single-card.ts'

/** Where the boot files of a slot are, whatever they were before. */
export const SLOT_BOOT = '/boot'

export interface SlotChanges {
  files: Files
  way: BootWay
  /** The boot partition whose files the slots get in /boot; null where they have them. */
  moved: Region | null
  mounts: CardMounts
  /** RootfsPartA and B. */
  slots: readonly [string, string]
  /** To be put in, unless it is there. */
  defaults: readonly SeedFile[]
  madeAt: number
}

/** Where the file that a slot boots by is in the end. */
export function slotBootPath({ where, path }: BootWay): string {
  return where === 'root' ? path : `${SLOT_BOOT}${path.replace(/^\/boot(?=\/)/, '')}`
}

/** Everything that makes a root file system one of two. */
export function slotEdits(changes: SlotChanges): Edit[] {
  const { way, moved, mounts, madeAt } = changes
  const path = slotBootPath(way)
  return [
    ...(moved ? [moveBoot(moved, changes)] : []),
    async (slot) => {
      if (way.kind === 'script') {
        const text = slotScript(decodeBootScript(await bytesIn(slot, path), path), path, moved !== null)
        return writeBytes(slot, path, encodeBootScript(text, { name: 'slot', madeAt }), madeAt)
      }
      const text = await textIn(slot, path)
      const prefix = moved === null ? '' : SLOT_BOOT
      await writeText(slot, path, way.kind === 'grub' ? slotGrub(text, path) : slotExtlinux(text, path, prefix), madeAt)
    },
    async (slot) => {
      for (const folder of ['/data', mounts.boot?.at]) if (folder !== undefined) await makeFolder(slot, folder, madeAt)
      await writeFstab(slot, mounts, madeAt)
      // What was there goes with the seed.
      await linkState(slot, madeAt)
      await namePartitions(slot, changes.slots, madeAt)
      for (const file of changes.defaults) if (!(await slot.stat(file.to))) await putSeedFile(slot, file.to, file, madeAt)
    },
  ]
}

/** Copies what the boot partition holds into /boot of the slot. FAT knows no owners: everything is root's. */
function moveBoot(region: Region, { files, madeAt }: SlotChanges): Edit {
  return (slot) =>
    withRegion(files, region, async (boot) => {
      await makeFolder(slot, SLOT_BOOT, madeAt)
      for await (const { path, kind, sizeBytes, modifiedAt } of walk(boot, '/', true)) {
        const to = `${SLOT_BOOT}${path.replace(/^\/boot(?=\/|$)/, '')}`
        if (kind === 'folder') await makeFolder(slot, to, modifiedAt)
        else await slot.writeFile(to, { sizeBytes, modifiedAt, mode: 0o644, content: boot.content(path) })
      }
    })
}

async function writeFstab(slot: EditableFileSystem, mounts: CardMounts, madeAt: number): Promise<void> {
  const { text } = slotFstab(await textIn(slot, '/etc/fstab'), mounts)
  await writeText(slot, '/etc/fstab', text, madeAt)
}

const CONFIGURATION = '/etc/mender/mender.conf'

/** A client that names its partitions itself would take those for its own that were there before. */
async function namePartitions(slot: EditableFileSystem, [a, b]: readonly [string, string], madeAt: number): Promise<void> {
  const text = await textIn(slot, CONFIGURATION)
  if (!/"RootfsPart[AB]"/.test(text)) return
  const named = text.replace(/("RootfsPartA"\s*:\s*)"[^"]*"/, `$1"${a}"`).replace(/("RootfsPartB"\s*:\s*)"[^"]*"/, `$1"${b}"`)
  await writeText(slot, CONFIGURATION, named, madeAt)
}
