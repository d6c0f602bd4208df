import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../command.cases.ts'
import { sfdisk } from './image-compose.cases.ts'
import { tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

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
