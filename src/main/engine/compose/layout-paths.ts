import type { CardLayout } from '../../contract/card-layout.ts'
import type { Seed } from '../../contract/seed.ts'

type Change = (path: string) => string

/** The same layout with each of its paths changed. */
export function layoutWithPaths({ boot, rootfs, data, loader, seed, ...layout }: CardLayout, change: Change): CardLayout {
  const at = optional(change)
  return {
    ...layout,
    boot: { ...boot, image: at(boot.image), folder: at(boot.folder), from: at(boot.from) },
    rootfs: { ...rootfs, image: at(rootfs.image), tar: at(rootfs.tar), folder: at(rootfs.folder) },
    data: { ...data, folder: at(data.folder) },
    loader: { ...loader, raw: loader.raw.map((area) => ({ ...area, file: change(area.file) })) },
    seed: seedWithPaths(seed, change),
  }
}

/** The same seed with each of its paths changed. */
export function seedWithPaths(seed: Seed, change: Change): Seed {
  const at = optional(change)
  const { menderConf, ca, deviceKey, files } = seed
  return {
    ...seed,
    ...{ menderConf: at(menderConf), ca: at(ca), deviceKey: at(deviceKey) },
    files: files.map((file) => ({ ...file, from: at(file.from) })),
  }
}

function optional(change: Change): (path: string | undefined) => string | undefined {
  return (path) => (path === undefined ? undefined : change(path))
}
