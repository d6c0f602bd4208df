import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Drive } from '../../contract/drives.ts'
import { listLinux } from '../drives/linux.ts'
import { createLooker } from '../drives/look-into.ts'
import { fakeHost } from '../host.fake.ts'
import { nodeHost } from '../host.node.ts'
import { Changes } from '../lib/changes.ts'
import * as machines from './machines.cases.ts'

const { PSEUDO_MOUNTS, USB_READER, layOut, mountLine } = machines

const own = [{ path: '/home/me/.local/share/ota-bench', what: 'the data folder' }]

/** The drives of a machine that is laid out in a folder. Their contents are not there, so nothing but udev speaks of them. */
async function drivesOf(machine: machines.SampleMachine, ownFolders = own): Promise<Record<string, Drive>> {
  await using laid = await layOut(machine)
  const host = nodeHost()
  const looker = createLooker({ files: fakeHost().files, clock: host.clock }, new Changes())
  const drives = await listLinux(
    { host, ownFolders, looker, rights: { accessTo: async () => 'open' } },
    { root: laid.root, hasLoops: true },
  )
  return Object.fromEntries(drives.map((drive) => [drive.identity.path.slice('/dev/'.length), drive]))
}

/** `refused system-disk swap`: the verdict and its rules. */
function said(drive: Drive | undefined): string {
  return drive ? [drive.verdict.kind, ...new Set(drive.verdict.reasons.map(({ rule }) => rule))].join(' ') : 'absent'
}

const laptop: machines.SampleMachine = {
  disks: [
    ...[machines.LAPTOP_NVME, machines.LUKS_MAPPER, machines.LVM_ROOT, machines.LVM_SWAP, machines.ZRAM],
    ...[USB_READER, machines.EMPTY_SLOT, machines.USB_SSD, machines.USB_RAID, machines.SD_BY_MMC],
  ],
  mounts: [
    ...PSEUDO_MOUNTS,
    mountLine('254:1', '/', { source: '/dev/mapper/vg-root' }),
    mountLine('259:1', '/boot/efi', { type: 'vfat', source: '/dev/nvme0n1p1' }),
    mountLine('8:17', '/media/me/boot', { type: 'vfat', source: '/dev/sdb1' }),
    mountLine('8:18', '/run/media/me/root fs', { source: '/dev/sdb2' }),
  ],
  swaps: ['/dev/dm-2 partition 16777212 0 -2'],
}

describe('which drives of a machine may be written', () => {
  it('a laptop: its own disk never, cards at once, external disks by name', async () => {
    const drives = await drivesOf(laptop)
    expect(Object.fromEntries(Object.entries(drives).map(([name, drive]) => [name, said(drive)]))).toEqual({
      sdb: 'writable',
      mmcblk0: 'writable',
      sdd: 'needs-name large fixed',
      sde: 'needs-name large',
      sdc: 'refused no-medium',
      nvme0n1: 'refused system-disk own-disk swap in-use',
    })
  })

  it('says what a card is, where it is plugged in, and what lies on it', async () => {
    const { sdb, sdc, mmcblk0, sdd } = await drivesOf(laptop)
    expect(sdb).toMatchObject({
      identity: {
        ...{ path: '/dev/sdb', serial: '0000001', sizeBytes: 31_914_983_424, diskSequence: '21' },
        port: 'pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0',
      },
      ...{ vendor: 'Generic-', model: 'SD/MMC', reader: 'Realtek USB3.0-CRW', bus: 'usb', isRemovable: true, isReadOnly: false },
      partitions: [
        { path: '/dev/sdb1', number: 1, label: 'boot', fileSystem: 'vfat', mountedAt: ['/media/me/boot'] },
        { path: '/dev/sdb2', number: 2, label: 'root fs', fileSystem: 'ext4', mountedAt: ['/run/media/me/root fs'] },
      ],
      mountedAt: ['/media/me/boot', '/run/media/me/root fs'],
    })
    expect([sdb?.name, sdc?.name, mmcblk0?.name, sdd?.name]).toEqual([
      ...['Generic- SD/MMC (sdb)', 'Generic- SD/MMC (sdc)', 'SC16G', 'Samsung PSSD T7'],
    ])
    expect(mmcblk0).toMatchObject({ isRemovable: true, bus: 'mmc', identity: { serial: '0x1d2e3f40', port: 'pci-0000:02:00.0' } })
    expect(sdd).toMatchObject({ identity: { serial: 'S5SXNS0R', port: 'pci-0000:00:14.0-usb-0:4:1.0-scsi-0:0:0:0' }, reader: '' })
  })

  it('agrees with lsblk on size, write protection, the removable flag, model and mounts', async () => {
    await using laid = await layOut(laptop)
    const columns = 'PATH,SIZE,RO,RM,MODEL,MOUNTPOINTS,TYPE'
    const text = execFileSync('lsblk', ['--sysroot', laid.root, '--json', '--bytes', '--nodeps', '--all', '--output', columns], {
      encoding: 'utf8',
    })
    const row = z.object({
      path: z.string(),
      size: z.number(),
      ro: z.boolean(),
      rm: z.boolean(),
      model: z.string().nullable(),
      type: z.string(),
    })
    const peers = z.object({ blockdevices: z.array(row) }).parse(JSON.parse(text)).blockdevices
    const drives = await drivesOf(laptop)
    const wanted = peers.filter(({ path }) => Object.values(drives).some(({ identity }) => identity.path === path))
    expect(wanted).toHaveLength(6)
    for (const peer of wanted) {
      const ours = Object.values(drives).find(({ identity }) => identity.path === peer.path)
      expect(ours).toMatchObject({ sizeBytes: peer.size, isReadOnly: peer.ro })
      if (ours?.bus !== 'mmc') expect([ours?.model, ours?.isRemovable]).toEqual([peer.model, peer.rm])
    }
  })

  it('a board that runs from its card: neither that card nor what it swaps to, and its eMMC by name', async () => {
    const card = { ...machines.SD_BY_MMC, partitions: [{ number: 2, dev: '179:2', start: 532_480, sectors: 1 << 20 }] }
    const drives = await drivesOf({
      disks: [card, machines.EMMC, machines.EMMC_BOOT],
      mounts: [...PSEUDO_MOUNTS, mountLine('179:2', '/', { source: '/dev/root' })],
      swaps: ['/var/swap file 102396 0 -2'],
    })
    expect(said(drives['mmcblk0'])).toBe('refused system-disk own-disk swap')
    expect(said(drives['mmcblk1'])).toBe('needs-name fixed')
    expect(drives['mmcblk1']).toMatchObject({ identity: { port: 'platform-fe340000.mmc' }, isRemovable: false })
    expect(drives['mmcblk1boot0']).toBeUndefined()
  })

  it('a live system: the stick that it was started from', async () => {
    const drives = await drivesOf({
      disks: [USB_READER, machines.LAPTOP_NVME],
      mounts: [...PSEUDO_MOUNTS, mountLine('0:25', '/', { type: 'overlay', source: 'overlay' }), mountLine('8:17', '/run/live/medium')],
    })
    expect(said(drives['sdb'])).toBe('refused mounted')
    expect(said(drives['nvme0n1'])).toBe('refused in-use system-unknown')
  })

  it('a container: built-in disks never, since which one it needs cannot be told; cards as ever', async () => {
    const nvme = { ...machines.LAPTOP_NVME, partitions: [] }
    const drives = await drivesOf({
      disks: [USB_READER, nvme, machines.USB_SSD],
      mounts: [
        mountLine('0:112', '/', { type: 'overlay', source: 'overlay' }),
        mountLine('259:0', '/etc/hosts', { source: '/dev/nvme0n1' }),
      ],
    })
    expect([said(drives['sdb']), said(drives['nvme0n1']), said(drives['sdd'])]).toEqual([
      ...['writable', 'refused system-disk system-unknown', 'needs-name large fixed'],
    ])
  })

  it('root on ZFS or on several devices of a btrfs: every one of them', async () => {
    const pool = {
      ...machines.LAPTOP_NVME,
      partitions: [{ number: 3, dev: '259:3', start: 2048, sectors: 9, udev: { ID_FS_TYPE: 'zfs_member' } }],
    }
    const onZfs = await drivesOf({ disks: [pool], mounts: [mountLine('0:26', '/', { type: 'zfs', source: 'rpool/ROOT/debian' })] })
    expect(said(onZfs['nvme0n1'])).toBe('refused signature system-unknown')
    const plain = {
      ...machines.LAPTOP_NVME,
      partitions: [{ number: 1, dev: '259:1', start: 2048, sectors: 9, udev: { ID_FS_TYPE: 'btrfs' } }],
    }
    const onBtrfs = await drivesOf({
      disks: [plain, { ...USB_READER, partitions: [{ number: 1, dev: '8:17', start: 2048, sectors: 9, udev: { ID_FS_TYPE: 'btrfs' } }] }],
      mounts: [mountLine('0:26', '/', { type: 'btrfs', source: '/dev/nvme0n1p1' })],
      btrfs: { 'c0ffee-1': ['nvme0n1p1', 'sdb1'] },
    })
    expect(said(onBtrfs['nvme0n1'])).toBe('refused system-disk own-disk in-use')
    expect(said(onBtrfs['sdb'])).toBe('refused in-use')
  })

  it('paths of a multipath disk, parts of RAIDs and volume groups, also when nothing uses them now', async () => {
    const member = (type: string) => ({ ...USB_READER, udev: { ID_FS_TYPE: type }, partitions: [] })
    const drives = await drivesOf({ disks: [...machines.SAN_PATHS, machines.MULTIPATH], mounts: [mountLine('8:1', '/')] })
    expect([said(drives['sdf']), drives['sdf']?.verdict.reasons[0]?.text]).toEqual([
      'refused in-use',
      '/dev/sdf is used by multipath (dm-5).',
    ])
    expect(drives['dm-5']).toBeUndefined()
    for (const type of ['LVM2_member', 'linux_raid_member', 'crypto_LUKS', 'zfs_member', 'bcache', 'isw_raid_member', 'some_new_member'])
      expect(said((await drivesOf({ disks: [member(type)], mounts: [mountLine('8:1', '/')] }))['sdb'])).toBe('refused signature')
    for (const type of ['ext4', 'vfat', 'swap', 'iso9660'])
      expect(said((await drivesOf({ disks: [member(type)], mounts: [mountLine('8:1', '/')] }))['sdb'])).toBe('writable')
  })

  it('a card that somebody mounted elsewhere, one that is write-protected, and a built-in disk in a removable folder', async () => {
    const mounts = (...more: string[]) => [...PSEUDO_MOUNTS, mountLine('8:1', '/'), ...more]
    const at = async (target: string) => (await drivesOf({ disks: [USB_READER], mounts: mounts(mountLine('8:17', target)) }))['sdb']
    expect(said(await at('/mnt/card'))).toBe('refused mounted')
    expect((await at('/mnt/my card'))?.verdict.reasons[0]?.remedy).toBe('If it may be erased: umount /mnt/my card')
    expect(said(await at('/srv'))).toBe('refused system-disk')
    expect(said(await at('/media/me/card'))).toBe('writable')
    expect(said((await drivesOf({ disks: [{ ...USB_READER, ro: 1 }], mounts: mounts() }))['sdb'])).toBe('refused read-only')
    const inside = { ...machines.LAPTOP_NVME, partitions: [{ number: 1, dev: '259:1', start: 2048, sectors: 9 }] }
    expect(said((await drivesOf({ disks: [inside], mounts: mounts(mountLine('259:1', '/media/data')) }))['nvme0n1'])).toBe(
      'refused mounted',
    )
  })

  it('a disk that nobody uses, and one that says nothing of itself: by name', async () => {
    const mounts = [mountLine('8:1', '/')]
    expect(said((await drivesOf({ disks: [{ ...machines.LAPTOP_NVME, partitions: [] }], mounts }))['nvme0n1'])).toBe(
      'needs-name large fixed',
    )
    const nameless = { ...USB_READER, attributes: {}, above: {}, udev: {}, partitions: [] }
    const { sdb } = await drivesOf({ disks: [nameless], mounts })
    expect([said(sdb), sdb?.name]).toEqual(['needs-name unknown', 'sdb'])
  })

  it('every reason says in a sentence what is the matter', async () => {
    for (const { verdict } of Object.values(await drivesOf(laptop)))
      for (const { text, remedy } of verdict.reasons) {
        expect(text).toMatch(/^[A-Z/].*\.$/)
        expect(remedy).not.toMatch(/undefined/)
      }
  })
})
