import { resolve } from 'node:path'
import type { CardLayout } from '../../contract/card-layout.ts'
import { AppError } from '../../contract/errors.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import { menderGrubFiles } from '../image/grub-environment.ts'
import { type Variables, encodeUbootEnvironment } from '../image/uboot-variables.ts'
import type { AreaRecipe } from './recipe.ts'
import type { SeedFile } from './seeding.ts'
import { wholeImage } from './sources.ts'
import type { RecipeContext } from './layout-recipe.ts'

export interface Loader {
  areas: AreaRecipe[]
  /** To be put into the boot partition. */
  bootFiles: SeedFile[]
  warnings: string[]
}

/** Slot A boots, and nothing waits to be committed. */
export function menderVariables(more: Readonly<Record<string, string | number>> = {}): Variables {
  const own = { mender_boot_part: '2', mender_boot_part_hex: '2', upgrade_available: '0', bootcount: '0' }
  return new Map([...Object.entries(own), ...Object.entries(more).map(([name, value]) => [name, String(value)] as const)])
}

export async function loaderOf({ loader }: Pick<CardLayout, 'loader'>, { files, folder }: RecipeContext): Promise<Loader> {
  const { uboot, grub = false, raw, variables } = loader
  const areas: AreaRecipe[] = uboot === undefined ? [] : environments(uboot, menderVariables(variables))
  for (const { file, at, skip, size } of raw) {
    const { region } = await wholeImage(files, resolve(folder, file))
    const startBytes = sizeBytes(skip)
    const left = region.sizeBytes - startBytes
    const length = size === undefined ? left : sizeBytes(size)
    if (length <= 0 || length > left)
      throw new AppError('BAD_INPUT', `loader.raw: ${file} has ${region.sizeBytes} bytes`, 'Change skip or size.')
    areas.push({ what: file, startBytes: sizeBytes(at), sizeBytes: length, from: { region: { ...region, startBytes, sizeBytes: length } } })
  }
  const bootFiles = grub ? menderGrubFiles(menderVariables(variables)).map(bootFile) : []
  const warnings = uboot === undefined && !grub ? ['no boot loader environment is made: Mender needs one to switch between slots'] : []
  return { areas, bootFiles, warnings }
}

/** Of two copies the first one counts: its flag is higher. */
function environments({ at, size, redundantAt }: NonNullable<CardLayout['loader']['uboot']>, variables: Variables): AreaRecipe[] {
  const bytes = sizeBytes(size)
  const area = (what: string, startBytes: number, flag: number | null): AreaRecipe => ({
    ...{ what, startBytes, sizeBytes: bytes },
    from: { bytes: encodeUbootEnvironment(variables, bytes, flag) },
  })
  if (redundantAt === undefined) return [area("U-Boot's environment", sizeBytes(at), null)]
  return [area("U-Boot's environment", sizeBytes(at), 1), area("U-Boot's environment, second copy", sizeBytes(redundantAt), 0)]
}

/** The boot partition as grub-mender-grubenv sees it. */
export function bootFile({ path, bytes }: { path: string; bytes: Uint8Array }): SeedFile {
  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  return { to: `/boot/efi${path}`, mode: 0o644, uid: 0, gid: 0, sizeBytes: bytes.length, content }
}
