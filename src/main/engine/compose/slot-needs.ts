import type { CardLayout } from '../../contract/card-layout.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import type { Files } from '../host.ts'
import type { EditableFileSystem, FileSystem } from '../image/file-system.ts'
import { openFileSystem, partOf } from '../image/open-file-system.ts'
import type { EnvironmentPlace } from '../image/uboot-script.ts'
import { readerOf } from '../lib/image-file.ts'
import { mountOf } from './convert/fstab.ts'
import { FW_ENV_CONFIG, diskNamed, fwEnvConfig } from './fw-env-config.ts'
import type { Content, Edit, Region } from './recipe.ts'
import { MovedState } from './moved-state.ts'
import { STATE, linkState, makeFolder } from './slot-files.ts'
import { textIn, writeText } from './small-texts.ts'

const DATA = '/data'
const FSTAB = '/etc/fstab'

/** What a root file system has to have to be one of two. */
type Need = typeof DATA | typeof STATE | typeof FW_ENV_CONFIG

/** What becomes of the needs of the slots. */
export interface NeedsRecipe {
  rootfs: Edit[]
  data: Edit[]
  warnings: string[]
}

interface NeedsContext {
  files: Files
  /** What the slots begin with. */
  slot: Content
  /** PARTUUID of the data partition. */
  data: string
  madeAt: number
}

/** Adds to slots what they need and have not, and tells of it; of an image that stays as it is it only tells. */
export async function needsOf({ rootfs, loader, seed, data }: CardLayout, context: NeedsContext): Promise<NeedsRecipe> {
  const { files, slot, madeAt } = context
  const environment = placesOf(loader)
  if (rootfs.prepare ?? slot.kind !== 'copy') {
    const wishes = { environment, data: context.data, storage: seed.storage, state: new MovedState(), madeAt }
    return { rootfs: [prepareEdit(wishes)], data: [stateEdit(wishes)], warnings: [] }
  }
  if (rootfs.prepare === false || slot.kind !== 'copy') return { rootfs: [], data: [], warnings: [] }
  const added = new Set([...seed.files.map(({ to }) => to), ...(data.grow ? [DATA] : [])])
  const missing = await missingOfImage(files, slot.region, environment)
  return { rootfs: [], data: [], warnings: missing.filter((need) => !added.has(need)).map((need) => LACKS[need]) }
}

function placesOf({ uboot }: CardLayout['loader']): EnvironmentPlace[] {
  if (uboot === undefined) return []
  const { at, size, redundantAt } = uboot
  return [at, ...(redundantAt === undefined ? [] : [redundantAt])].map((place) => ({ at: sizeBytes(place), size: sizeBytes(size) }))
}

interface Wishes {
  /** The copies of U-Boot's environment; none: fw_setenv is not needed. */
  environment: readonly EnvironmentPlace[]
  data: string
  /** As /dev/mmcblk0p. */
  storage: string | undefined
  state: MovedState
  madeAt: number
}

function prepareEdit(wishes: Wishes): Edit {
  return async (slot, warn) => {
    for (const need of await missingIn(slot, wishes.environment)) await ADD[need](slot, wishes, warn)
    await makeFolder(slot, DATA, wishes.madeAt)
  }
}

/** What the slots' link leads to, for root alone, with what lay there in the slots. Runs after they were made. */
function stateEdit({ state, madeAt }: Wishes): Edit {
  return async (data, warn) => {
    if (!(await data.stat('/mender'))) await data.makeFolder('/mender', { modifiedAt: madeAt, mode: 0o700 })
    await state.put(data, warn)
  }
}

async function missingOfImage(files: Files, region: Region, environment: readonly EnvironmentPlace[]): Promise<Need[]> {
  await using file = await files.open(region.path, 'read')
  const found = await openFileSystem(partOf(readerOf(file), region))
  return found ? await missingIn(found, environment) : []
}

async function missingIn(files: FileSystem, environment: readonly EnvironmentPlace[]): Promise<Need[]> {
  const missing: Need[] = []
  if (!(await mountsData(files))) missing.push(DATA)
  if ((await files.stat(STATE))?.kind !== 'link') missing.push(STATE)
  if (environment.length > 0 && !(await files.stat(FW_ENV_CONFIG))) missing.push(FW_ENV_CONFIG)
  return missing
}

const MOUNT_UNITS = ['/etc/systemd/system/data.mount', '/usr/lib/systemd/system/data.mount', '/lib/systemd/system/data.mount'] as const

async function mountsData(files: FileSystem): Promise<boolean> {
  for (const unit of MOUNT_UNITS) if (await files.stat(unit)) return true
  return (await textIn(files, FSTAB)).split('\n').some((line) => mountOf(line)?.at === DATA)
}

const LACKS: Readonly<Record<Need, string>> = {
  [DATA]: 'the root file system mounts nothing at /data; "prepare: true" adds it to fstab',
  [STATE]: 'the root file system has no link /var/lib/mender to /data/mender; "prepare: true" makes it',
  [FW_ENV_CONFIG]: 'the root file system has no /etc/fw_env.config, which fw_setenv needs; "prepare: true" writes it',
}

type Add = (slot: EditableFileSystem, wishes: Wishes, warn: (text: string) => void) => Promise<void>

const ADD: Readonly<Record<Need, Add>> = {
  [DATA]: async (slot, { data, madeAt }, warn) => {
    const fstab = await textIn(slot, FSTAB)
    const whole = fstab === '' || fstab.endsWith('\n') ? fstab : `${fstab}\n`
    await makeFolder(slot, '/etc', madeAt)
    await writeText(slot, FSTAB, `${whole}PARTUUID=${data} /data ext4 defaults 0 2\n`, madeAt)
    warn('the root file system mounts nothing at /data: its fstab gets the data partition')
  },
  [STATE]: async (slot, { state, madeAt }, warn) => {
    if (!(await state.read(slot)))
      return warn(
        '/var/lib/mender is no folder, or holds too much to be moved, so it stays in the slots, where updates replace it: move it to mender/ of data.folder',
      )
    await linkState(slot, madeAt)
    const { fileCount } = state
    const moved = fileCount === 0 ? '' : `; the files that are there move with it (${fileCount})`
    warn(`the root file system has no link /var/lib/mender: it gets one to /data/mender${moved}`)
  },
  [FW_ENV_CONFIG]: async (slot, { environment, storage, madeAt }, warn) => {
    const disk = diskNamed(storage, await textIn(slot, FSTAB))
    if (disk === null)
      return warn('the root file system has no /etc/fw_env.config, and its disk is nowhere said: say seed.storage, as /dev/mmcblk0p')
    await makeFolder(slot, '/etc', madeAt)
    await writeText(slot, FW_ENV_CONFIG, fwEnvConfig(disk, environment), madeAt)
    warn(`the root file system has no /etc/fw_env.config: it gets one for ${disk}`)
  },
}
