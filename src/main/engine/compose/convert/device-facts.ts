import type { Seed } from '../../../contract/seed.ts'
import type { Files } from '../../host.ts'
import type { FileSystem } from '../../image/file-system.ts'
import { walk } from '../../image/walk.ts'
import { FW_ENV_CONFIG, diskNamed, fwEnvConfig } from '../fw-env-config.ts'
import type { SeedFile } from '../seeding.ts'
import { STATE } from '../slot-files.ts'
import { textIn } from '../small-texts.ts'
import type { BootWay } from './boot-way.ts'
import { cannotConvert } from './boot-texts.ts'
import { slotFstab } from './fstab.ts'
import { type SingleCard, contentIn } from './single-card.ts'
import type { EnvironmentPlace } from '../../image/uboot-script.ts'

export interface DeviceFacts {
  deviceType: string
  /** What the client has kept so far, which goes into the data partition, and what tells fw_setenv where the environment is. */
  files: SeedFile[]
  /** Of them mender.conf, which the seed is added to. */
  configuration: string
  /** For the slots, where there is no such file. */
  defaults: SeedFile[]
  warnings: string[]
}

interface FactsContext {
  name: string
  seed: Seed
  files: Files
  environment: EnvironmentPlace | null
}

/** What the old root file system says of its device. BAD_INPUT where something is needed that it does not say. */
export async function deviceFacts({ root }: SingleCard, way: BootWay, context: FactsContext): Promise<DeviceFacts> {
  const { name, seed, files, environment } = context
  const kept = (await root.files.stat(STATE))?.kind === 'folder' ? await stateOf(root.files) : []
  const state = kept.map(({ path, ...facts }): SeedFile => {
    return { ...facts, to: `/data/mender${path.slice(STATE.length)}`, content: () => contentIn(files, root.region, path) }
  })
  const defaults = [
    text('/etc/mender/artifact_info', `artifact_name=${name.replaceAll(/\s/g, '-')}\n`),
    text('/etc/mender/scripts/version', '3'),
  ]
  const tools = environment ? [text(FW_ENV_CONFIG, await environmentConfig(root.files, way, context))] : []
  return {
    ...{ files: [...state, ...tools], defaults },
    deviceType: seed.deviceType ?? (await deviceTypeOf(root.files)),
    configuration: await textIn(root.files, `${STATE}/mender.conf`),
    warnings: await warningsOf(root.files, way),
  }
}

function text(to: string, content: string): SeedFile {
  const bytes = Buffer.from(content)
  async function* once(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  return { to, mode: 0o644, uid: 0, gid: 0, sizeBytes: bytes.length, content: once }
}

async function stateOf(root: FileSystem) {
  const found: { path: string; mode: number; uid: number; gid: number; sizeBytes: number }[] = []
  for await (const { path, kind, mode, uid, gid, sizeBytes } of walk(root, STATE, true))
    if (kind === 'file') found.push({ path, mode, uid, gid, sizeBytes })
  return found
}

async function deviceTypeOf(root: FileSystem): Promise<string> {
  const [, known] = /^device_type=(\S+)/m.exec(await textIn(root, `${STATE}/device_type`)) ?? []
  const hostName = (await textIn(root, '/etc/hostname')).trim()
  if (known !== undefined) return known
  if (/^\S+$/.test(hostName)) return hostName
  throw cannotConvert('its device type is nowhere said', 'Say the device type (--device-type).')
}

async function environmentConfig(root: FileSystem, { kind, where, path }: BootWay, { seed, environment }: FactsContext): Promise<string> {
  const texts = [await textIn(root, '/etc/fstab'), kind === 'extlinux' && where === 'root' ? await textIn(root, path) : '']
  const disk = diskNamed(seed.storage, ...texts)
  if (disk === null || !environment)
    throw cannotConvert(
      "which disk the card is for the device is nowhere said, and fw_setenv needs it for U-Boot's environment",
      'Say the storage (--storage), as /dev/mmcblk0p.',
    )
  return fwEnvConfig(disk, [environment])
}

const TOOLS = {
  extlinux: ['/usr/bin/fw_setenv', '/sbin/fw_setenv', '/usr/sbin/fw_setenv'],
  script: ['/usr/bin/fw_setenv', '/sbin/fw_setenv', '/usr/sbin/fw_setenv'],
  grub: ['/usr/bin/grub-mender-grubenv-set', '/usr/sbin/grub-mender-grubenv-set'],
} as const
const CLIENTS = ['/usr/bin/mender', '/usr/bin/mender-update']

async function warningsOf(root: FileSystem, { kind }: BootWay): Promise<string[]> {
  const hasOne = async (paths: readonly string[]): Promise<boolean> => {
    for (const path of paths) if (await root.stat(path)) return true
    return false
  }
  const { left } = slotFstab(await textIn(root, '/etc/fstab'), { boot: null, data: { device: '', grows: false } })
  return [
    ...left.map((line) => `a line of fstab is left out: ${line}`),
    ...((await hasOne(CLIENTS)) ? [] : ['the root file system has no Mender client']),
    ...((await hasOne(TOOLS[kind]))
      ? []
      : [`the root file system has no ${kind === 'grub' ? 'grub-mender-grubenv' : 'fw_setenv'}, which the client needs`]),
    ...(kind === 'grub' ? ['update-grub would write grub.cfg anew, without the slots: do not run it'] : []),
  ]
}
