import type { EditableFileSystem } from '../image/file-system.ts'
import { textIn, writeText } from './small-texts.ts'
import type { Edit } from './recipe.ts'

const FSTAB = '/etc/fstab'
const GROW = 'x-systemd.growfs'
const UNITS = '/etc/systemd/system'
const NAME = 'grow-data.service'
const SYSTEMD = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'] as const

/**
 * Lets a slot grow the data partition: fstab says that the file system of /data grows when it is mounted, and where systemd is, a unit
 * enlarges the partition before, up to the end of the card.
 */
export function growEdit(partuuid: string, number: number, modifiedAt: number): Edit {
  return async (slot) => {
    await writeText(slot, FSTAB, withGrow(await textIn(slot, FSTAB), partuuid), modifiedAt)
    if (await hasOne(slot, SYSTEMD)) await enable(slot, growUnit(partuuid, number), modifiedAt)
  }
}

async function hasOne(files: EditableFileSystem, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await files.stat(path)) return true
  return false
}

async function enable(slot: EditableFileSystem, unit: string, modifiedAt: number): Promise<void> {
  const wants = `${UNITS}/data.mount.wants`
  if (!(await slot.stat(wants))) await slot.makeFolder(wants, { modifiedAt, hasParents: true })
  await writeText(slot, `${UNITS}/${NAME}`, unit, modifiedAt)
  if (!(await slot.stat(`${wants}/${NAME}`))) await slot.makeLink(`${wants}/${NAME}`, { target: `../${NAME}`, modifiedAt })
}

/** 8 MiB, which alignment may leave: no reason to write a partition table. */
const WORTH_SECTORS = 16_384

/** As systemd-escape has it. */
const escaped = (text: string): string => text.replaceAll('-', String.raw`\x2d`)

/**
 * Runs at every start, and writes only while there is room behind the partition: the copy of a GPT moves to the end of the card, and the
 * partition grows. It needs sfdisk and partx; without them the device starts all the same.
 */
export function growUnit(partuuid: string, number: number): string {
  const script = [
    `part=$$(basename "$$(readlink -f /dev/disk/by-partuuid/${partuuid})")`,
    'at=/sys/class/block/$$part',
    'disk=$$(basename "$$(dirname "$$(readlink -f "$$at")")")',
    'left=$$(($$(cat "/sys/class/block/$$disk/size") - $$(cat "$$at/start") - $$(cat "$$at/size")))',
    `[ "$$left" -gt ${WORTH_SECTORS} ] || exit 0`,
    'sfdisk --no-tell-kernel --relocate gpt-bak-std "/dev/$$disk"',
    `echo ", +" | sfdisk --no-reread --no-tell-kernel -N ${number} "/dev/$$disk" && partx -u -n ${number} "/dev/$$disk"`,
  ]
  return `[Unit]
Description=Grow the data partition to the end of the card
DefaultDependencies=no
Conflicts=shutdown.target
After=dev-disk-by${escaped('-')}partuuid-${escaped(partuuid)}.device
Before=data.mount systemd-growfs@data.service shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/bin/sh -c '${script.join('; ')}'

[Install]
WantedBy=data.mount
`
}

/** The fstab with the option in the line of /data, which is added where there is none. */
export function withGrow(fstab: string, partuuid: string): string {
  const lines = fstab.split('\n')
  const at = lines.findIndex((line) => !line.trim().startsWith('#') && line.trim().split(/\s+/)[1] === '/data')
  const line = lines[at]
  const whole = fstab === '' || fstab.endsWith('\n') ? fstab : `${fstab}\n`
  if (line === undefined) return `${whole}PARTUUID=${partuuid} /data ext4 defaults,${GROW} 0 2\n`
  if (line.includes(GROW)) return fstab
  const [device = '', mount = '', type = 'ext4', options = 'defaults', ...rest] = line.trim().split(/\s+/)
  lines[at] = [device, mount, type, `${options},${GROW}`, ...rest].join(' ')
  return lines.join('\n')
}
