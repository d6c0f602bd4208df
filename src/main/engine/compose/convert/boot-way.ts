import type { FileSystem } from '../../image/file-system.ts'
import { textIn } from '../small-texts.ts'
import { cannotConvert } from './boot-texts.ts'
import { mountOf } from './fstab.ts'
import type { SingleCard } from './single-card.ts'

/** How a card boots, and by which file. */
export interface BootWay {
  kind: 'extlinux' | 'script' | 'grub'
  /** Where the file is, with the place in that partition. */
  where: 'root' | 'boot'
  path: string
  /** Where the running system has the boot partition; null where it has none. */
  mountedAt: string | null
  /** Of GRUB: the files of the boot partition by which it finds its configuration. */
  entries: string[]
}

const CANDIDATES = [
  { kind: 'extlinux', paths: ['/boot/extlinux/extlinux.conf', '/extlinux/extlinux.conf'] },
  { kind: 'script', paths: ['/boot/boot.scr', '/boot.scr', '/boot/boot.scr.uimg', '/boot.scr.uimg'] },
] as const

/** Looks in the order in which U-Boot does. BAD_INPUT, saying which, for ways to boot that cannot be left to two slots. */
export async function bootWayOf({ root, boot }: SingleCard): Promise<BootWay> {
  const mountedAt = boot ? await bootMount(root.files) : null
  const places = [...(boot ? [['boot', boot.files] as const] : []), ['root', root.files] as const]
  if (boot) await refuseFirmware(boot.files)
  for (const { kind, paths } of CANDIDATES)
    for (const [where, files] of places)
      for (const path of paths) if ((await files.stat(path))?.kind === 'file') return { kind, where, path, mountedAt, entries: [] }
  return grubWay({ root: root.files, boot: boot?.files ?? null, mountedAt })
}

const GRUB_CONFIG = '/boot/grub/grub.cfg'

async function grubWay({
  root,
  boot,
  mountedAt,
}: {
  root: FileSystem
  boot: FileSystem | null
  mountedAt: string | null
}): Promise<BootWay> {
  if (!(await root.stat(GRUB_CONFIG)))
    throw cannotConvert(
      'it has neither extlinux.conf nor boot.scr nor grub.cfg',
      'Boards that boot by extlinux, by a script of U-Boot or by GRUB with UEFI can be converted.',
    )
  const vendors = (await boot?.stat('/EFI'))?.kind === 'folder' && boot ? await boot.list('/EFI') : []
  const entries: string[] = []
  for (const { name, kind } of vendors) {
    const path = `/EFI/${name}/grub.cfg`
    if (kind === 'folder' && (await boot?.stat(path))) entries.push(path)
  }
  if (entries.length === 0)
    throw cannotConvert(
      'GRUB takes its configuration from the root file system itself, so that it would always start slot A',
      'Install GRUB for UEFI with its grub.cfg in the EFI system partition, as Debian and Ubuntu do for signed GRUB.',
    )
  return { kind: 'grub', where: 'root', path: GRUB_CONFIG, mountedAt: mountedAt ?? '/boot/efi', entries }
}

/** The firmware of a Raspberry Pi that starts the kernel itself has one root file system, in cmdline.txt. */
async function refuseFirmware(boot: FileSystem): Promise<void> {
  const names = new Set((await boot.list('/')).map(({ name }) => name.toLowerCase()))
  const isPi = ['bootcode.bin', 'start.elf', 'start4.elf', 'cmdline.txt'].filter((name) => names.has(name)).length > 1
  if (!isPi || (await textIn(boot, '/config.txt')).match(/^\s*kernel\s*=\s*u-boot/im)) return
  throw cannotConvert(
    'the firmware of the Raspberry Pi starts the kernel itself, without U-Boot',
    'Put U-Boot into the boot partition (kernel=u-boot.bin in config.txt) with an extlinux.conf, and try again.',
  )
}

async function bootMount(root: FileSystem): Promise<string | null> {
  const mounts = (await textIn(root, '/etc/fstab')).split('\n').map(mountOf)
  return mounts.find((mount) => mount !== null && /^\/(boot|uboot)(\/|$)/.test(mount.at))?.at ?? null
}
