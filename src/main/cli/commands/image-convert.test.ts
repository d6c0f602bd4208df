import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../command.cases.ts'
import { complaints, cutOut, inBoot, mounted, sfdisk } from './image-compose.cases.ts'
import { tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')
const MIB = 1 << 20
const EXTLINUX = 'default l0\nlabel l0\n  kernel /vmlinuz\n  initrd /initrd.img\n  fdtdir /dtbs\n  append root=UUID=1234 ro console=ttyS0\n'
const GRUB =
  'set timeout=1\nmenuentry "Linux" {\n  search --no-floppy --fs-uuid --set=root 1234-5678\n  linux /boot/vmlinuz root=UUID=1234-5678 ro quiet\n  initrd /boot/initrd.img\n}\n'

describe('otabench image convert', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  const text = (number: number, path: string) => mounted(file('ab.img'), number, (at) => readFileSync(join(at, path), 'utf8'))

  /** A card as vendors ship it: a table, boot loaders in front, a FAT partition if it has files, and the root file system. */
  function makeSingle(
    label: 'dos' | 'gpt',
    { root = {}, boot = {} }: { root?: Record<string, string>; boot?: Record<string, string> },
  ): void {
    for (const name of ['tree', 'boot']) rmSync(file(name), { recursive: true, force: true })
    const all = {
      'etc/fstab':
        'UUID=1234 / ext4 noatime 0 1\nUUID=5678 none swap sw 0 0\n/dev/mmcblk0p1 /boot vfat defaults 0 2\ntmpfs /tmp tmpfs defaults 0 0\n',
      'etc/hostname': 'board\n',
      'usr/bin/mender': '',
      'usr/bin/fw_setenv': '',
      'var/lib/mender/mender.conf': '{"ServerURL": "https://mine", "RootfsPartA": "/dev/old2"}',
      'var/lib/mender/modules/v3/deep': 'deep',
      ...root,
    }
    for (const [tree, files] of [['tree', all] as const, ['boot', boot] as const])
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(join(file(tree), path, '..'), { recursive: true })
        writeFileSync(join(file(tree), path), content)
      }
    const hasBoot = Object.keys(boot).length > 0
    const card = file('single.img')
    writeFileSync(card, '')
    truncateSync(card, 64 * MIB)
    const lines = [...(hasBoot ? [`start=4MiB, size=16MiB, type=${label === 'gpt' ? 'U' : 'c'}`] : []), 'start=20MiB, size=32MiB, type=L']
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', card], { input: [`label: ${label}`, ...lines].join('\n') })
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('tree'), '-E', `offset=${20 * MIB}`, card, '32M')
    writeFileSync(file('spl'), 'SPL of the vendor')
    tool('dd', `if=${file('spl')}`, `of=${card}`, 'bs=1024', 'seek=128', 'conv=notrunc', 'status=none')
    if (!hasBoot) return
    writeFileSync(file('fat'), '')
    truncateSync(file('fat'), 16 * MIB)
    tool('/usr/sbin/mkfs.vfat', '-n', 'VENDOR', file('fat'))
    tool('mcopy', '-s', '-i', file('fat'), ...readdirSync(file('boot')).map((name) => join(file('boot'), name)), '::')
    tool('dd', `if=${file('fat')}`, `of=${card}`, 'bs=1M', 'seek=4', 'conv=notrunc', 'status=none')
  }

  const script = (content: string): string => {
    writeFileSync(file('cmd'), content)
    tool('mkimage', '-A', 'arm64', '-T', 'script', '-C', 'none', '-d', file('cmd'), file('scr'))
    return readFileSync(file('scr'), 'latin1')
  }

  /** What mkimage finds in a script, once its checksums are right. */
  const scriptText = (bytes: Uint8Array): string => {
    writeFileSync(file('ours.scr'), bytes)
    expect(tool('mkimage', '-l', file('ours.scr'))).toMatch(/Image Type: +ARM Linux Script \(uncompressed\)/)
    tool('dumpimage', '-T', 'script', '-p', '0', '-o', file('ours.txt'), file('ours.scr'))
    // The list of sizes comes with it.
    return readFileSync(file('ours.txt')).subarray(8).toString()
  }
  const bootBytes = (path: string): Uint8Array =>
    execFileSync('mtype', ['-i', `${file('ab.img')}@@${(sfdisk(file('ab.img')).partitions[0]?.start ?? 0) * 512}`, `::${path}`])

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-convert-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const convert = async (...options: string[]) => {
    const done = await run('convert', 'single.img', '-o', 'ab.img', ...options)
    expect({ exitCode: done.exitCode, stderr: done.exitCode === 0 ? '' : done.stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(cutOut(file('ab.img')).map(complaints)).toEqual(['', '', '', ''])
    expect(tool('/usr/sbin/sfdisk', '--verify', file('ab.img'))).toContain('No errors detected')
    const [, a = '', b = ''] = cutOut(file('ab.img'))
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
    return done
  }

  it('moves the kernels of an extlinux board into the slots, and leaves root= to U-Boot', async () => {
    makeSingle('gpt', { boot: { 'extlinux/extlinux.conf': EXTLINUX, vmlinuz: 'kernel', 'initrd.img': 'initrd', 'dtbs/board.dtb': 'tree' } })
    const { stderr } = await convert('--bmap')
    tool('bmaptool', 'copy', file('ab.img'), file('flashed.img'))
    expect(stderr).toContain('warning: a line of fstab is left out: UUID=5678 none swap sw 0 0\n')
    expect(text(2, 'boot/extlinux/extlinux.conf')).toBe(
      'default l0\nlabel l0\n  kernel /boot/vmlinuz\n  initrd /boot/initrd.img\n  fdtdir /boot/dtbs\n  append root=${mender_kernel_root} ro console=ttyS0\n',
    )
    expect(text(3, 'boot/vmlinuz') + text(3, 'boot/dtbs/board.dtb')).toBe('kerneltree')
    const [boot, a, b, data] = sfdisk(file('ab.img')).partitions.map(({ uuid = '' }) => uuid.toLowerCase())
    expect(text(2, 'etc/fstab')).toBe(
      `/dev/root / ext4 noatime 0 1\nPARTUUID=${boot} /uboot vfat defaults 0 2\nPARTUUID=${data} /data ext4 defaults,x-systemd.growfs 0 2\ntmpfs /tmp tmpfs defaults 0 0\n`,
    )
    expect(text(2, 'etc/fw_env.config')).toBe('/dev/mmcblk0 0x400000 0x4000\n')
    expect(mounted(file('ab.img'), 2, (at) => tool('readlink', join(at, 'var/lib/mender')))).toBe('/data/mender\n')
    expect(text(4, 'mender/device_type') + text(4, 'mender/modules/v3/deep')).toBe('device_type=board\ndeep')
    expect(JSON.parse(text(4, 'mender/mender.conf'))).toEqual({
      ServerURL: 'https://mine',
      RootfsPartA: `/dev/disk/by-partuuid/${a}`,
      RootfsPartB: `/dev/disk/by-partuuid/${b}`,
    })
    expect(text(2, 'etc/mender/artifact_info')).toBe('artifact_name=single\n')
    expect(
      readFileSync(file('ab.img'))
        .subarray(128 << 10, (128 << 10) + 17)
        .toString(),
    ).toBe('SPL of the vendor')
    const master = scriptText(bootBytes('/boot.scr'))
    for (const part of [
      'sysboot ${devtype} ${devnum}:${mender_boot_part_hex} any',
      '/boot/extlinux/extlinux.conf',
      `PARTUUID=${a}`,
      `PARTUUID=${b}`,
    ])
      expect(master).toContain(part)
    expect(() => inBoot(file('ab.img'), '/extlinux/extlinux.conf')).toThrow('Command failed')
    writeFileSync(file('fw_env.config'), text(2, 'etc/fw_env.config').replace('/dev/mmcblk0', file('ab.img')))
    tool('fw_setenv', '-c', file('fw_env.config'), 'upgrade_available', '1')
    expect(tool('fw_printenv', '-c', file('fw_env.config'), 'upgrade_available', 'mender_boot_part')).toBe(
      'upgrade_available=1\nmender_boot_part=2\n',
    )
  })

  it('takes a root file system with its own extlinux.conf on an MBR, and makes the boot partition', async () => {
    makeSingle('dos', {
      root: { 'boot/extlinux/extlinux.conf': EXTLINUX.replaceAll(' /', ' /boot/'), 'etc/fstab': '/dev/mmcblk1p1 / ext4 defaults 0 1\n' },
    })
    await convert('--slot-b', 'same', '--data-size', '32 MiB', '--device-type', 'other')
    const { id, partitions } = sfdisk(file('ab.img'))
    expect(partitions.map(({ size }) => size / 2048)).toEqual([32, 32, 32, 32])
    expect(scriptText(bootBytes('/boot.scr'))).toContain(`PARTUUID=${id.slice(2)}-03`)
    expect(text(2, 'boot/extlinux/extlinux.conf')).toContain('kernel /boot/vmlinuz\n')
    expect(text(4, 'mender/device_type')).toBe('device_type=other\n')
    expect(text(2, 'etc/fw_env.config')).toMatch(/^\/dev\/mmcblk1 0x[\da-f]+ 0x4000\n$/)
  })

  it('calls the boot script of the slot by one that chooses it', async () => {
    const vendor =
      'setenv bootargs "root=/dev/mmcblk0p1 rw"\nload mmc 0:1 ${kernel_addr_r} /boot/Image\nbooti ${kernel_addr_r} - ${fdtcontroladdr}\n'
    makeSingle('dos', { root: { 'boot/Image': 'kernel' } })
    script(vendor)
    copyFileSync(file('scr'), file('tree/boot/boot.scr'))
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('tree'), '-E', `offset=${20 * MIB}`, file('single.img'), '32M')
    await convert()
    const slot = mounted(file('ab.img'), 2, (at) => readFileSync(join(at, 'boot/boot.scr')))
    expect(scriptText(slot)).toBe(
      'setenv bootargs "root=${mender_kernel_root} rw"\nload mmc 0:${distro_bootpart} ${kernel_addr_r} /boot/Image\nbooti ${kernel_addr_r} - ${fdtcontroladdr}\n',
    )
    expect(scriptText(bootBytes('/boot.scr'))).toContain('source ${scriptaddr}')
  })

  it('chooses the slot of a GRUB machine in the EFI system partition', async () => {
    makeSingle('gpt', {
      boot: { 'EFI/debian/grub.cfg': 'search.fs_uuid 1234-5678 root\n', 'EFI/BOOT/BOOTX64.EFI': 'MZ' },
      root: { 'boot/grub/grub.cfg': GRUB, 'etc/fstab': 'UUID=1234 / ext4 defaults 0 1\nUUID=AB-CD /boot/efi vfat umask=0077 0 1\n' },
    })
    const { stderr } = await convert()
    expect(stderr).toContain('has no grub-mender-grubenv')
    const [boot, a, b] = sfdisk(file('ab.img')).partitions.map(({ uuid = '' }) => uuid.toLowerCase())
    writeFileSync(file('grub.cfg'), inBoot(file('ab.img'), '/EFI/debian/grub.cfg'))
    tool('grub-script-check', file('grub.cfg'))
    for (const uuid of [a, b]) expect(readFileSync(file('grub.cfg'), 'utf8')).toContain(`mender_kernel_root="PARTUUID=${uuid}"`)
    expect(text(2, 'boot/grub/grub.cfg')).toBe(
      'set timeout=1\nmenuentry "Linux" {\n  set root=$mender_root\n  linux /boot/vmlinuz root=${mender_kernel_root} ro quiet\n  initrd /boot/initrd.img\n}\n',
    )
    expect(text(2, 'etc/fstab')).toContain(`PARTUUID=${boot} /boot/efi vfat umask=0077 0 1\n`)
    writeFileSync(file('env'), inBoot(file('ab.img'), '/grub-mender-grubenv/mender_grubenv2/env'))
    expect(tool('grub-editenv', file('env'), 'list')).toContain('mender_boot_part=2\n')
    expect(inBoot(file('ab.img'), '/EFI/BOOT/BOOTX64.EFI')).toBe('MZ')
  })

  it('says what the card would be, makes the same bytes twice, and leaves the old image alone', async () => {
    makeSingle('gpt', { boot: { 'extlinux/extlinux.conf': EXTLINUX } })
    const before = readFileSync(file('single.img'))
    expect((await run('--json', 'convert', 'single.img', '--plan')).json).toMatchObject([
      { boot: 'extlinux', deviceType: 'board', plan: { table: 'gpt' } },
    ])
    await convert()
    const first = readFileSync(file('ab.img'))
    await convert()
    expect(readFileSync(file('ab.img')).equals(first)).toBe(true)
    expect(readFileSync(file('single.img')).equals(before)).toBe(true)
    copyFileSync(file('ab.img'), file('single.img'))
    expect((await run('convert', 'single.img', '-o', 'ab.img')).stderr).toContain('partitions 2 and 3 are root file systems')
  })

  it('takes a boot partition in ext4, and refuses kernels in one more', async () => {
    makeSingle('gpt', { boot: { 'extlinux/extlinux.conf': EXTLINUX, vmlinuz: 'kernel' } })
    const ext = ['-q', '-F', '-t', 'ext4', '-d', file('boot'), '-E', `offset=${4 * MIB}`, file('single.img'), '16M']
    tool('/usr/sbin/mke2fs', ...ext)
    await convert()
    expect(text(1, 'vmlinuz') + text(2, 'boot/vmlinuz')).toBe('kernelkernel')
    expect(scriptText(mounted(file('ab.img'), 1, (at) => readFileSync(join(at, 'boot.scr'))))).toContain('sysboot')
    rmSync(file('boot/extlinux'), { recursive: true })
    tool('/usr/sbin/mke2fs', ...ext)
    expect((await run('convert', 'single.img', '-o', 'no.img')).stderr).toContain(
      'its kernels lie in partition 1, a partition of their own',
    )
  })

  const mark = (at: number, bytes: string) =>
    execFileSync('dd', [`of=${file('single.img')}`, 'bs=1', `seek=${20 * MIB + at}`, 'conv=notrunc', 'status=none'], {
      input: Buffer.from(bytes, 'latin1'),
    })
  it.each([
    ['LUKS', () => mark(0, 'LUKS\xba\xbe'), 'partition 2 is encrypted (LUKS)'],
    ['LVM', () => mark(512, 'LABELONE'), 'partition 2 is a volume group (LVM)'],
    ['btrfs', () => mark(0x1_0040, '_BHRfS_M'), 'partition 2 is a btrfs file system'],
    ['squashfs', () => mark(0, 'hsqs'), 'partition 2 is a squashfs file system'],
    [
      'no Linux at all',
      () => tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-E', `offset=${20 * MIB}`, file('single.img'), '32M'),
      'none of its partitions is the root file system',
    ],
  ])('says that it cannot convert %s', async (_, spoil, message) => {
    makeSingle('gpt', { boot: { 'extlinux/extlinux.conf': EXTLINUX } })
    spoil()
    const { exitCode, stderr } = await run('convert', 'single.img', '-o', 'no.img')
    expect(stderr).toContain(`error BAD_INPUT: It cannot be converted: ${message}`)
    expect(exitCode).toBe(2)
    expect(existsSync(file('no.img'))).toBe(false)
  })

  it.each([
    [
      "the Raspberry Pi's firmware",
      { boot: { 'bootcode.bin': '', 'start4.elf': '', 'cmdline.txt': 'root=x', 'config.txt': 'arm_64bit=1' } },
      'without U-Boot',
    ],
    ['GRUB without a grub.cfg of its own', { root: { 'boot/grub/grub.cfg': GRUB } }, 'it would always start slot A'],
    ['no way to boot', {}, 'neither extlinux.conf nor boot.scr nor grub.cfg'],
    [
      'extlinux.conf without root=',
      { boot: { 'extlinux/extlinux.conf': 'kernel /vmlinuz\n' } },
      '/boot/extlinux/extlinux.conf says no root=',
    ],
    [
      'a disk that nobody names',
      { boot: { 'extlinux/extlinux.conf': EXTLINUX }, root: { 'etc/fstab': 'UUID=1 / ext4\n' } },
      'Say the storage (--storage), as /dev/mmcblk0p',
    ],
    ['no device type', { boot: { 'extlinux/extlinux.conf': EXTLINUX }, root: { 'etc/hostname': '' } }, 'its device type is nowhere said'],
  ])('says that it cannot convert %s', async (_, card, message) => {
    makeSingle('gpt', card)
    const { exitCode, stderr } = await run('convert', 'single.img', '-o', 'no.img')
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
    expect(readdirSync(folder).filter((name) => name.startsWith('no.img'))).toEqual([])
  })

  it('makes the same of a card that is packed', async () => {
    makeSingle('gpt', { boot: { 'extlinux/extlinux.conf': EXTLINUX, vmlinuz: 'kernel', 'initrd.img': 'initrd', 'dtbs/board.dtb': 'tree' } })
    await convert('--storage', '/dev/sda')
    const plain = readFileSync(file('ab.img'))
    tool('xz', '-0', '-k', '-f', file('single.img'))
    const done = await run('convert', 'single.img.xz', '-o', 'ab.img', '--storage', '/dev/sda')
    expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('single.img.xz, partition 2') })
    expect(readFileSync(file('ab.img')).equals(plain)).toBe(true)
  })

  it("converts the bare root file system of Mender's own tests, once it has something to boot by", async () => {
    if (!existsSync(FIXTURES)) return console.log(`Not converted mender-artifact's own image: there is no ${FIXTURES}`)
    copyFileSync(join(FIXTURES, 'mender_test.img'), file('single.img'))
    expect((await run('convert', 'single.img', '-o', 'ab.img')).stderr).toContain('It cannot be converted')
    writeFileSync(file('extlinux.conf'), EXTLINUX)
    const requests = ['mkdir /boot', 'mkdir /boot/extlinux', `write ${file('extlinux.conf')} /boot/extlinux/extlinux.conf`, 'mkdir /usr']
    for (const request of requests) tool('/usr/sbin/debugfs', '-w', '-R', request, file('single.img'))
    await convert('--device-type', 'board', '--storage', '/dev/sda', '--table', 'mbr')
    copyFileSync(file('ab.img'), file('ab.sdimg'))
    expect(tool('mender-artifact', 'cat', `${file('ab.sdimg')}:/etc/mender/artifact_info`)).toBe('artifact_name=release-1\n')
    expect(text(2, 'etc/fw_env.config')).toMatch(/^\/dev\/sda 0x100000 0x4000\n$/)
  })
})
