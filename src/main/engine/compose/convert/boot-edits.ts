import type { ConvertOptions } from '../../../contract/convert.ts'
import { sizeBytes } from '../../../contract/sizes.ts'
import { encodeBootScript } from '../../image/boot-script.ts'
import type { EditableFileSystem } from '../../image/file-system.ts'
import { menderGrubFiles } from '../../image/grub-environment.ts'
import { encodeUbootEnvironment } from '../../image/uboot-variables.ts'
import { bootFile, menderVariables } from '../loader.ts'
import type { AreaRecipe, Edit } from '../recipe.ts'
import { putSeedFile } from '../seeding.ts'
import { writeBytes, writeText } from '../small-texts.ts'
import type { BootWay } from './boot-way.ts'
import { masterGrub } from './grub-script.ts'
import { slotBootPath } from './slot-edits.ts'
import { type EnvironmentPlace, type SlotRoots, extlinuxBoot, masterScript, scriptBoot } from '../../image/uboot-script.ts'

/** 16 KiB, in whole 64 KiB of which the card knows nothing else: the eraser of flash memory takes as much. */
const ENVIRONMENT_BYTES = 0x4000
const GRAIN_BYTES = 0x1_0000

/** One copy: `env import` of U-Boot's scripts knows no flag byte. */
export function environmentArea(behind: number, { environmentAt }: ConvertOptions): { place: EnvironmentPlace; area: AreaRecipe } {
  const at = environmentAt === undefined ? Math.ceil(behind / GRAIN_BYTES) * GRAIN_BYTES : sizeBytes(environmentAt)
  const bytes = encodeUbootEnvironment(menderVariables({ bootlimit: 1 }), ENVIRONMENT_BYTES, null)
  return {
    place: { at, size: ENVIRONMENT_BYTES },
    area: { what: "U-Boot's environment", startBytes: at, sizeBytes: ENVIRONMENT_BYTES, from: { bytes } },
  }
}

export interface BootChanges {
  roots: SlotRoots
  table: 'gpt' | 'mbr'
  /** null of GRUB. */
  environment: EnvironmentPlace | null
  madeAt: number
}

/** By these U-Boot would boot before, or instead of, the script that chooses the slot. */
const OTHERS = ['/extlinux/extlinux.conf', '/boot/extlinux/extlinux.conf', '/boot.scr.uimg', '/boot/boot.scr', '/boot/boot.scr.uimg']

/** What makes the boot partition choose between the slots. */
export function bootEdits(way: BootWay, { roots, table, environment, madeAt }: BootChanges): Edit[] {
  if (way.kind === 'grub' || environment === null) {
    const text = masterGrub(table === 'gpt' ? 'gpt' : 'msdos', roots)
    const files = menderGrubFiles(menderVariables())
    return [
      ...way.entries.map(
        (path): Edit =>
          (boot) =>
            writeText(boot, path, text, madeAt),
      ),
      ...files.map(
        (each): Edit =>
          (boot) =>
            putSeedFile(boot, each.path, bootFile(each), madeAt),
      ),
    ]
  }
  const path = slotBootPath(way)
  const script = masterScript(environment, roots, way.kind === 'extlinux' ? extlinuxBoot(path) : scriptBoot(path))
  return [
    async (boot: EditableFileSystem) => {
      for (const other of OTHERS) if (await boot.stat(other)) await boot.remove(other)
      await writeBytes(boot, '/boot.scr', encodeBootScript(script, { name: 'Mender', madeAt }), madeAt)
    },
  ]
}
