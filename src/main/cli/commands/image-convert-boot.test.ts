import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../command.cases.ts'
import { sfdisk } from './image-compose.cases.ts'
import { tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

/** Machines that hang end; the tests take seconds. */
const PATIENCE_MS = 300_000
const UBOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'
const MACHINE = ['-M', 'virt', '-cpu', 'cortex-a53', '-m', '256', '-nic', 'none', '-display', 'none', '-serial', 'stdio', '-no-reboot']

/** The kernel is none: U-Boot says what it would start it with, tries what there is, and resets. */
describe("a converted card in Debian's own U-Boot, in a machine of QEMU", () => {
  let folder: string
  const file = (name: string) => join(folder, name)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-uboot-'))
    for (const name of ['etc', 'usr/bin', 'boot/extlinux']) mkdirSync(file(`tree/${name}`), { recursive: true })
    writeFileSync(file('tree/boot/extlinux/extlinux.conf'), 'default l0\nlabel l0\n kernel /boot/Image\n append root=/dev/vda1 ro\n')
    writeFileSync(file('tree/boot/Image'), Buffer.alloc(4096, 'no kernel'))
    writeFileSync(file('tree/etc/fstab'), '/dev/vda1 / ext4 defaults 0 1\n')
    writeFileSync(file('tree/etc/hostname'), 'board\n')
    writeFileSync(file('single.img'), '')
    truncateSync(file('single.img'), 40 << 20)
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', file('single.img')], {
      input: 'label: dos\nstart=4MiB, type=L\n',
    })
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('tree'), '-E', `offset=${4 << 20}`, file('single.img'), '32M')
    const done = await runLine(['convert', 'single.img', '-o', 'ab.img', '--data-size', '16 MiB'], { command: imageCommand, cwd: folder })
    if (done.exitCode !== 0) throw new Error(done.stderr)
    const environment = tool('/usr/sbin/debugfs', '-R', 'cat /etc/fw_env.config', cut(2))
    writeFileSync(file('fw_env.config'), environment.replace('/dev/vda', file('ab.img')))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function cut(number: number): string {
    const { start = 0, size = 0 } = sfdisk(file('ab.img')).partitions[number - 1] ?? {}
    tool('dd', `if=${file('ab.img')}`, `of=${file('part')}`, 'bs=512', `skip=${start}`, `count=${size}`, 'status=none')
    return file('part')
  }

  /** Starts with these variables; answers the slots that were tried, in order, and what the variables are then. */
  function boot(variables: Record<string, string>): { tried: string[]; said: string; after: string[] } {
    const names = Object.keys(variables)
    for (const name of names) tool('fw_setenv', '-c', file('fw_env.config'), name, variables[name] ?? '')
    const drive = ['-drive', `if=none,format=raw,file=${file('ab.img')},id=card`, '-device', 'virtio-blk-device,drive=card']
    const said = execFileSync('qemu-system-aarch64', [...MACHINE, '-bios', UBOOT, ...drive], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    })
    const tried = [...said.matchAll(/^append: root=PARTUUID=[\da-f]{8}-(\d\d) ro/gm)].map(([, slot = '']) => slot)
    const after = tool('fw_printenv', '-c', file('fw_env.config'), 'mender_boot_part', 'upgrade_available', 'bootcount').trim().split('\n')
    return { tried, said, after }
  }
  const state = (part: number, upgrade: number, count: number) => [
    `mender_boot_part=${part}`,
    `upgrade_available=${upgrade}`,
    `bootcount=${count}`,
  ]
  const update = (bootcount: string) => ({ mender_boot_part: '3', mender_boot_part_hex: '3', upgrade_available: '1', bootcount })

  it('starts slot A, with its partition as root', () => {
    const { tried, said, after } = boot({})
    expect(said).toContain('Found U-Boot script /boot.scr')
    expect(tried).toEqual(['02'])
    expect(after).toEqual(state(2, 0, 0))
  })

  it('counts the start of an update, and goes back in the same start when slot B does not boot', () => {
    const { tried, after } = boot(update('0'))
    expect(tried).toEqual(['03', '02'])
    expect(after).toEqual(state(2, 0, 0))
  })

  it('goes back when an update was started before and not committed', () => {
    const { tried, said, after } = boot(update('1'))
    expect(said).toContain('Mender: the update did not start, going back')
    expect(tried).toEqual(['02'])
    expect(after).toEqual(state(2, 0, 0))
  })

  it('starts slot A when the environment is damaged, and makes it anew', () => {
    const [, at = '0'] = /(0x[\da-f]+) 0x4000/.exec(tool('cat', file('fw_env.config'))) ?? []
    tool('fw_setenv', '-c', file('fw_env.config'), 'mender_boot_part', '3')
    tool('dd', 'if=/dev/urandom', `of=${file('ab.img')}`, 'bs=512', `seek=${Number(at) / 512}`, 'count=1', 'conv=notrunc', 'status=none')
    const { tried, said, after } = boot({})
    expect(said).toContain('Mender: the environment is damaged')
    expect(tried).toEqual(['02'])
    expect(after).toEqual(state(2, 0, 0))
  })
})

const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const PC = ['-m', '256', '-nic', 'none', '-display', 'none', '-serial', 'stdio', '-no-reboot']
const MODULES = 'part_gpt part_msdos fat ext2 normal configfile linux loadenv test echo regexp serial terminal halt search search_fs_uuid'
/** The kernel is none: GRUB says where it would look for it, with which root, and switches off. */
const SLOT_GRUB = `serial --unit=0
terminal_output serial
search --no-floppy --fs-uuid --set=root 1234-5678
echo "BOOT root=\${mender_kernel_root} on $root."
linux /boot/vmlinuz root=UUID=1234-5678 ro
halt
`

describe("a converted card in Debian's own GRUB, on the UEFI firmware of a machine of QEMU", () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const at = () => `${file('ab.img')}@@${(sfdisk(file('ab.img')).partitions[0]?.start ?? 0) * 512}`

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-grub-'))
    for (const name of ['tree/etc', 'tree/usr/bin', 'tree/boot/grub', 'boot/EFI/BOOT', 'boot/EFI/debian'])
      mkdirSync(file(name), { recursive: true })
    writeFileSync(file('tree/boot/grub/grub.cfg'), SLOT_GRUB)
    writeFileSync(file('tree/etc/hostname'), 'machine\n')
    writeFileSync(file('boot/EFI/debian/grub.cfg'), 'search.fs_uuid 1234-5678 root\n')
    tool('grub-mkimage', '-O', 'x86_64-efi', '-p', '/EFI/debian', '-o', file('boot/EFI/BOOT/BOOTX64.EFI'), ...MODULES.split(' '))
    for (const [name, mebibytes] of [['single.img', 48] as const, ['fat', 16] as const]) {
      writeFileSync(file(name), '')
      truncateSync(file(name), mebibytes << 20)
    }
    const input = 'label: gpt\nstart=4MiB, size=16MiB, type=U\nstart=20MiB, size=24MiB, type=L\n'
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', file('single.img')], { input })
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('tree'), '-E', `offset=${20 << 20}`, file('single.img'), '24M')
    tool('/usr/sbin/mkfs.vfat', file('fat'))
    tool('mcopy', '-s', '-i', file('fat'), ...readdirSync(file('boot')).map((name) => join(file('boot'), name)), '::')
    tool('dd', `if=${file('fat')}`, `of=${file('single.img')}`, 'bs=1M', 'seek=4', 'conv=notrunc', 'status=none')
    const done = await runLine(['convert', 'single.img', '-o', 'ab.img', '--data-size', '16 MiB'], { command: imageCommand, cwd: folder })
    if (done.exitCode !== 0) throw new Error(done.stderr)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Changes one of the environments, or its lock, with grub-editenv. */
  function edit(copy: 1 | 2, name: 'env' | 'lock', ...values: string[]): void {
    const path = `::/grub-mender-grubenv/mender_grubenv${copy}/${name}`
    tool('mcopy', '-n', '-o', '-i', at(), path, file(name))
    tool('grub-editenv', file(name), 'set', ...values)
    tool('mcopy', '-n', '-o', '-i', at(), file(name), path)
  }

  function boot(): { slot: number; said: string; after: string[] } {
    const drives = ['-drive', `if=pflash,format=raw,readonly=on,file=${FIRMWARE}`, '-drive', `format=raw,file=${file('ab.img')}`]
    const said = execFileSync('qemu-system-x86_64', [...PC, ...drives], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    })
    const [, uuid, device = ''] = /BOOT root=PARTUUID=([\da-f-]{36}) on (hd\d,gpt\d)\./.exec(said) ?? []
    const slot = 1 + sfdisk(file('ab.img')).partitions.findIndex((each) => each.uuid?.toLowerCase() === uuid)
    // The kernel would be taken from the same slot.
    expect(device).toBe(`hd0,gpt${slot}`)
    const variables = [1, 2].map((copy) => {
      tool('mcopy', '-n', '-o', '-i', at(), `::/grub-mender-grubenv/mender_grubenv${copy}/env`, file('env'))
      return tool('grub-editenv', file('env'), 'list')
        .split('\n')
        .filter((line) => /^(mender_boot_part|upgrade_available|bootcount)=/.test(line))
        .toSorted()
        .join(' ')
    })
    return { slot, said, after: variables }
  }
  const both = (part: number, upgrade: number, count: number) => {
    const text = `bootcount=${count} mender_boot_part=${part} upgrade_available=${upgrade}`
    return [text, text]
  }

  it('starts slot A', () => {
    expect(boot()).toMatchObject({ slot: 2, after: both(2, 0, 0) })
  })

  it('starts an update once, and goes back when it was not committed', () => {
    for (const copy of [1, 2] as const) edit(copy, 'env', 'mender_boot_part=3', 'upgrade_available=1', 'bootcount=0')
    expect(boot()).toMatchObject({ slot: 3, after: both(3, 1, 1) })
    const second = boot()
    expect(second).toMatchObject({ slot: 2, after: both(2, 0, 0) })
    expect(second.said).toContain('Mender: the update did not start, going back')
  })

  it('takes the other copy when the power went while one was written, and makes both the same', () => {
    edit(1, 'lock', 'editing=1')
    edit(1, 'env', 'mender_boot_part=2')
    edit(2, 'env', 'mender_boot_part=3')
    expect(boot()).toMatchObject({ slot: 3, after: both(3, 0, 0) })
  })
})
