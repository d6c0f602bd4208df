import { AppError } from '../../../contract/errors.ts'

/** The variable in which the boot loader says which slot is the root file system. */
export const KERNEL_ROOT = '${mender_kernel_root}'

/** `root=` of a kernel command line, as a word of its own. */
const ROOT = /(^|[\s"'=])root=(?:"[^"]*"|'[^']*'|[^\s"';]+)/g

export function cannotConvert(message: string, hint: string): AppError {
  return new AppError('BAD_INPUT', `It cannot be converted: ${message}`, hint)
}

/** The same text with its root file system left to the boot loader. BAD_INPUT where it says none. */
export function withSlotRoot(text: string, path: string): string {
  const changed = text.replaceAll(ROOT, (_, before: string) => `${before}root=${KERNEL_ROOT}`)
  if (changed === text && !text.includes(`root=${KERNEL_ROOT}`))
    throw cannotConvert(`${path} says no root= that could be left to the slots`, 'Write root= into it and try again.')
  return changed
}

/**
 * An extlinux.conf for a slot: U-Boot fills in the variable where it stands in `append`. `prefix`: the folder in the slot that its absolute
 * paths start at from now on.
 */
export function slotExtlinux(text: string, path: string, prefix: string): string {
  const lines = text.split('\n').map((line) => {
    const [, before = '', key = '', file = ''] =
      /^(\s*(kernel|linux|initrd|fdt|devicetree|fdtdir|devicetreedir|fdtoverlays)\s+)(.*)$/i.exec(line) ?? []
    if (key === '' || prefix === '') return line
    return before + file.replaceAll(/(^|\s)\/(?!boot\/)/g, `$1${prefix}/`)
  })
  return withSlotRoot(lines.join('\n'), path)
}

/** How U-Boot names a partition that does not change. */
const FIXED_PARTITION = /\b(mmc|usb|scsi|sata|ide|nvme|virtio)\s+(\d+|\$\{?\w+\}?):(\d+)\b/g

/** A boot script for a slot: it loads from the slot's partition, and leaves the root file system to the one that calls it. */
export function slotScript(text: string, path: string, isMoved: boolean): string {
  if (isMoved && !/\$\{?prefix\b/.test(text))
    throw cannotConvert(
      `${path} lies in the boot partition and loads its files without \${prefix}, so that they cannot be moved into the slots`,
      'Load them as ${prefix}NAME, or put boot.scr and its files into /boot of the root file system.',
    )
  return withSlotRoot(text.replaceAll(FIXED_PARTITION, '$1 $2:${distro_bootpart}'), path)
}

/** A grub.cfg for a slot: it neither searches for its partition nor says which root file system it is. */
export function slotGrub(text: string, path: string): string {
  const lines = text.split('\n').map((line) => {
    const [, indent = ''] = /^(\s*)/.exec(line) ?? []
    if (/^\s*search\b.*--set(=|\s+)root\b/.test(line) || /^\s*set root=/.test(line)) return `${indent}set root=$mender_root`
    return /^\s*linux(16|efi)?\s/.test(line) ? line.replaceAll(ROOT, (_, before: string) => `${before}root=${KERNEL_ROOT}`) : line
  })
  if (lines.some((line) => line.includes(`root=${KERNEL_ROOT}`))) return lines.join('\n')
  throw cannotConvert(`${path} starts no kernel with root=`, 'Write root= into its linux lines and try again.')
}
