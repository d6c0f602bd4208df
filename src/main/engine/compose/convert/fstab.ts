/** A line of /etc/fstab that mounts something; null for comments and empty lines. */
export interface Mount {
  device: string
  at: string
  type: string
  options: string
  dump: string
  pass: string
}

export function mountOf(line: string): Mount | null {
  const [device = '', at = '', type = 'auto', options = 'defaults', dump = '0', pass = '0'] = line.trim().split(/\s+/)
  return device === '' || device.startsWith('#') || at === '' ? null : { device, at, type, options, dump, pass }
}

export interface CardMounts {
  /** Where the boot partition is mounted from now on; null: nowhere. */
  boot: { device: string; at: string } | null
  data: { device: string; grows: boolean }
}

/** Names of disks: what they stand for is not on the new card, or elsewhere. */
const DISK = /^(UUID=|LABEL=|PARTUUID=|PARTLABEL=|\/dev\/(?!shm|pts|root))/

/**
 * The fstab of a slot: the root file system is whatever was booted, boot and data are named by PARTUUID. Lines of other partitions are
 * left out, and answered.
 */
export function slotFstab(text: string, { boot, data }: CardMounts): { text: string; left: string[] } {
  const left: string[] = []
  const kept: string[] = []
  let root: Mount = { device: '/dev/root', at: '/', type: 'auto', options: 'defaults', dump: '0', pass: '1' }
  let oldBoot: Mount | null = null
  for (const line of text.split('\n')) {
    const mount = mountOf(line)
    if (!mount) kept.push(line)
    else if (mount.at === '/') root = { ...mount, device: '/dev/root' }
    else if (/^\/(boot|uboot)(\/|$)/.test(mount.at)) oldBoot ??= mount
    else if (DISK.test(mount.device) && mount.at !== '/data') left.push(line.trim())
    else if (mount.at !== '/data') kept.push(line)
  }
  const lines = [{ ...root, pass: root.pass }]
  if (boot) lines.push({ ...(oldBoot ?? { type: 'auto', options: 'defaults,sync', dump: '0', pass: '0' }), ...boot })
  const options = data.grows ? 'defaults,x-systemd.growfs' : 'defaults'
  lines.push({ device: data.device, at: '/data', type: 'ext4', options, dump: '0', pass: '2' })
  const mounts = lines.map(({ device, at, type, options: how, dump, pass }) => [device, at, type, how, dump, pass].join(' '))
  return { text: `${[...mounts, ...kept].join('\n').trimEnd()}\n`, left }
}
