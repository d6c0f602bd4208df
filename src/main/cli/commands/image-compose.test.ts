import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLayout } from '../../engine/compose/layout-file.ts'
import { runLine } from '../command.cases.ts'
import { flashCommand } from './flash.ts'
import { complaints, copyOut, cutOut, described, inBoot, makeRoot, makeTar, mounted, sfdisk } from './image-compose.cases.ts'
import { BOOT, composing } from './image-composing.cases.ts'
import { tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const RESOURCES = join(import.meta.dirname, '../../../../resources/layouts')

describe('otabench image compose', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const { run, compose, layout } = composing(() => folder)
  const SLOTS = 'rootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: 16 MiB, grow: true}'

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-compose-'))
    makeRoot(folder)
    for (const name of ['root.tar', 'root.tar.gz', 'root.tar.xz', 'root.tar.zst']) makeTar(folder, name)
    makeTar(folder, 'root.gnu.tar', '--format=gnu', '--no-xattrs')
    makeTar(folder, 'root.pax.tar.gz', '--format=posix')
    mkdirSync(file('boot/dtb'), { recursive: true })
    writeFileSync(file('boot/boot.cmd'), 'echo hello\n')
    writeFileSync(file('boot/dtb/a long name.dtb'), 'tree')
    tool('openssl', 'genrsa', '-out', file('device.pem'), '2048')
    tool('openssl', 'req', '-x509', '-key', file('device.pem'), '-subj', '/CN=bench', '-out', file('ca.pem'), '-days', '1')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(['gpt', 'mbr'])(
    'makes a card with a table of %s that sfdisk, sgdisk, the checkers and the kernel find no fault with',
    async (table) => {
      const { exitCode, stderr } = await compose(
        layout(`${SLOTS}\nloader: {uboot: {at: 1 MiB, size: 16 KiB}}`, table),
        'card.img',
        '--bmap',
      )
      expect({ exitCode, stderr: stderr.replace(/\d+ % .*\n/g, '') }).toEqual({ exitCode: 0, stderr: '' })
      expect(tool('/usr/sbin/sfdisk', '--verify', file('card.img'))).toContain('No errors detected')
      if (table === 'gpt') expect(tool('/usr/sbin/sgdisk', '--verify', file('card.img'))).toContain('No problems found')
      const found = sfdisk(file('card.img'))
      expect(found.partitions.map(({ start, size }) => [(start * 512) % (4 << 20), (size * 512) >> 20])).toEqual([
        [0, 16],
        [0, 32],
        [0, 32],
        [0, 16],
      ])
      expect(found.partitions[0]?.bootable ?? found.partitions[0]?.attrs).toBe(table === 'mbr' ? true : 'LegacyBIOSBootable')
      if (table === 'gpt') expect(found.partitions[3]?.attrs).toBe('GUID:59')
      expect(cutOut(file('card.img')).map(complaints)).toEqual(['', '', '', ''])
      expect(inBoot(file('card.img'), '/dtb/a long name.dtb')).toBe('tree')
      expect(mounted(file('card.img'), 4, (at) => readdirSync(at))).toEqual(['lost+found', 'mender'])
      rmSync(file('copied.img'), { force: true })
      tool('bmaptool', 'copy', '--bmap', file('card.img.bmap'), file('card.img'), file('copied.img'))
      for (const part of cutOut(file('copied.img'))) expect(complaints(part)).toBe('')
    },
  )

  it.each(['root.tar', 'root.tar.gz', 'root.tar.xz', 'root.tar.zst', 'root.pax.tar.gz'])(
    'puts %s into both slots with owners, modes, attributes, devices, links and times',
    async (name) => {
      expect(await compose(layout(`rootfs: {tar: ${name}, size: 32 MiB}\ndata: {size: 16 MiB}`))).toMatchObject({ exitCode: 0 })
      const original = described(file('root'))
      for (const slot of [2, 3]) expect(mounted(file('card.img'), slot, described)).toBe(original)
    },
  )

  it('reads the old format of GNU tar, which has no attributes', async () => {
    expect(await compose(layout('rootfs: {tar: root.gnu.tar, size: 32 MiB}\ndata: {size: 16 MiB}'))).toMatchObject({ exitCode: 0 })
    const without = (text: string) =>
      text
        .replace(/^# file:[^]*/m, '')
        .trim()
        .replace(/\.25\d*/g, '.0000000000')
    expect(without(mounted(file('card.img'), 2, described))).toBe(without(described(file('root'))))
  })

  it('takes a folder, its owners as they are or all to root, and refuses what only a tar can say', async () => {
    const refused = await compose(layout('rootfs: {folder: root, size: 32 MiB}\ndata: {size: 16 MiB}'))
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('/dev/console is a device')
    tool('cp', '-a', file('root'), file('plain'))
    rmSync(file('plain/dev'), { recursive: true })
    expect(await compose(layout('rootfs: {folder: plain, size: 32 MiB}\ndata: {size: 16 MiB, folder: plain/etc}'))).toMatchObject({
      exitCode: 0,
    })
    const owners = (at: string) => tool('stat', '-c', '%a %u:%g %h', join(at, 'bin/sh')).trim()
    expect(mounted(file('card.img'), 2, owners)).toBe('4755 1000:70000 2')
    expect(mounted(file('card.img'), 4, (at) => readFileSync(join(at, 'mender/artifact_info'), 'utf8'))).toContain('release-1')
    await compose(layout('rootfs: {folder: plain, owners: root, size: 32 MiB}\ndata: {size: 16 MiB}'))
    expect(mounted(file('card.img'), 2, owners)).toBe('4755 0:0 2')
    expect(cutOut(file('card.img')).map(complaints)).toEqual(['', '', '', ''])
  })

  it('puts an ext4 image into the slots byte by byte, or leaves slot B empty, and fills the card', async () => {
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('root'), file('root.ext4'), '24M')
    const text = 'size: 200 MiB\nrootfs: {image: root.ext4, size: 40 MiB}\ndata: {size: fill}'
    expect(await compose(layout(text), 'card.img', '--bmap')).toMatchObject({ exitCode: 0 })
    expect(statSync(file('card.img')).size).toBe(200 << 20)
    const [, a = '', b = '', data = ''] = cutOut(file('card.img'))
    expect(
      readFileSync(a)
        .subarray(0, 24 << 20)
        .equals(readFileSync(file('root.ext4'))),
    ).toBe(true)
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
    expect(statSync(data).size).toBe(96 << 20)
    const half = await compose(layout(text.replace('40 MiB', '40 MiB, slotB: empty, label: root')), 'half.img', '--bmap')
    expect(half.stderr).toContain('warning: rootfs.label is left out: an image keeps the label that it has')
    expect(cutOut(file('half.img')).map((part) => readFileSync(part).every((byte) => byte === 0))).toEqual([false, false, true, false])
    expect(statSync(file('half.img')).blocks * 512).toBeLessThan(32 << 20)
    // Of a used card only so much of slot B is written that the file system there is no longer found.
    writeFileSync(file('used'), Buffer.alloc(200 << 20, 0xa5))
    const flashing = { command: flashCommand, cwd: folder, globals: { data: file('bench') } }
    expect(await runLine(['half.img', '--to', 'used', '--yes'], flashing)).toMatchObject({ exitCode: 0 })
    const [, , slot = ''] = cutOut(file('used'))
    const used = readFileSync(slot)
    expect(used.findIndex((byte) => byte !== 0)).toBe(1 << 20)
    expect(used.subarray(1 << 20).every((byte) => byte === 0xa5)).toBe(true)
    expect(await run('compare', 'used', 'half.img')).toMatchObject({ exitCode: 0 })
    tool('mv', file('root.ext4'), file('root.bin'))
    expect((await compose(layout('rootfs: {image: ca.pem}\ndata: {size: 16 MiB}'))).stderr).toContain('is no ext2, ext3 or ext4 image')
  })

  it('takes the boot partition of another card, and boot loaders in front of the partitions', async () => {
    writeFileSync(file('spl.bin'), 'SPL'.repeat(1000))
    await compose(layout(SLOTS), 'vendor.img')
    const text = layout(
      `${SLOTS}\nloader: {raw: [{file: spl.bin, at: 128 KiB, skip: 3}, {file: spl.bin, at: 0, size: 440}]}`,
      'mbr',
    ).replace(BOOT, 'boot: {from: vendor.img, size: 20 MiB}')
    expect(await compose(text)).toMatchObject({ exitCode: 0 })
    expect(inBoot(file('card.img'), '/boot.cmd')).toBe('echo hello\n')
    expect(
      readFileSync(file('card.img'))
        .subarray(128 << 10, (128 << 10) + 6)
        .toString(),
    ).toBe('SPLSPL')
    expect(readFileSync(file('card.img')).subarray(0, 440).toString()).toBe('SPL'.repeat(147).slice(0, 440))
    expect(sfdisk(file('card.img')).partitions[0]?.type).toBe('e')
  })

  it('gives fw_printenv an environment in two copies, and reads what fw_setenv wrote', async () => {
    await compose(layout(`${SLOTS}\nloader: {uboot: {at: 1 MiB, size: 16 KiB, redundantAt: 2 MiB}, variables: {bootlimit: 1}}`))
    const config = (...at: number[]) =>
      writeFileSync(file('fw_env.config'), at.map((each) => `${file('card.img')} ${each << 20} 0x4000\n`).join(''))
    config(1, 2)
    const printenv = () => tool('fw_printenv', '-c', file('fw_env.config')).trim().split('\n').toSorted()
    expect(printenv()).toEqual(['bootcount=0', 'bootlimit=1', 'mender_boot_part=2', 'mender_boot_part_hex=2', 'upgrade_available=0'])
    tool('fw_setenv', '-c', file('fw_env.config'), 'mender_boot_part', '3')
    const inspected = await run('--json', 'inspect', 'card.img')
    expect(inspected.json).toMatchObject([
      {
        ubootEnvironments: [
          { isRedundant: true, isCurrent: false },
          { isCurrent: true, variables: { mender_boot_part: '3' } },
        ],
      },
    ])
    // Each copy has to do alone.
    for (const lost of [1, 2]) {
      copyFileSync(file('card.img'), file('one.img'))
      execFileSync('dd', ['if=/dev/zero', `of=${file('one.img')}`, 'bs=1M', `seek=${lost}`, 'count=1', 'conv=notrunc', 'status=none'])
      writeFileSync(file('fw_env.config'), [1, 2].map((each) => `${file('one.img')} ${each << 20} 0x4000\n`).join(''))
      expect(printenv()).toContain(`mender_boot_part=${lost === 1 ? 3 : 2}`)
    }
  })

  it("gives grub-editenv the files of grub-mender-grubenv, whose locks' checksums sha256sum finds right", async () => {
    await compose(layout(`${SLOTS}\nloader: {grub: true, variables: {note: "a\\\\b"}}`))
    copyOut(file('card.img'), '/grub-mender-grubenv', file('grub'))
    for (const name of ['mender_grubenv1', 'mender_grubenv2']) {
      const here = join(file('grub'), name)
      expect(tool('grub-editenv', join(here, 'env'), 'list')).toBe(
        'mender_boot_part=2\nmender_boot_part_hex=2\nupgrade_available=0\nbootcount=0\nnote=a\\b\n',
      )
      expect(tool('grub-editenv', join(here, 'lock'), 'list')).toBe('editing=0\n')
      expect(execFileSync('sha256sum', ['-c', 'lock.sha256sum'], { cwd: here, encoding: 'utf8' })).toBe('lock: OK\n')
    }
  })

  it('seeds what makes the card one device, with the owners and modes that Mender wants', async () => {
    const seed =
      'seed: {deviceType: board, artifactName: r-2, serverUrl: "https://bench:8443", ca: ca.pem, deviceKey: device.pem, files: [{to: /uboot/c.txt, text: c}, {to: /etc/motd, text: hi, uid: 7, gid: 8, mode: "0640"}]}'
    expect(await compose(layout(`${SLOTS}\nloader: {uboot: {at: 1 MiB, size: 16 KiB}}\n${seed}`))).toMatchObject({ exitCode: 0 })
    const [, a, b] = sfdisk(file('card.img')).partitions.map(({ uuid = '' }) => uuid.toLowerCase())
    mounted(file('card.img'), 4, (at) => {
      expect(
        tool(
          'stat',
          '-c',
          '%n %a %u:%g',
          ...readdirSync(join(at, 'mender'))
            .toSorted()
            .map((each) => join(at, 'mender', each)),
          join(at, 'mender'),
        ).replaceAll(at, ''),
      ).toBe(
        '/mender/device_type 444 0:0\n/mender/mender-agent.pem 600 0:0\n/mender/mender.conf 600 0:0\n/mender/server.crt 644 0:0\n/mender 700 0:0\n',
      )
      expect(JSON.parse(readFileSync(join(at, 'mender/mender.conf'), 'utf8'))).toEqual({
        ServerURL: 'https://bench:8443',
        ServerCertificate: '/data/mender/server.crt',
        RootfsPartA: `/dev/disk/by-partuuid/${a}`,
        RootfsPartB: `/dev/disk/by-partuuid/${b}`,
      })
      expect(readFileSync(join(at, 'mender/device_type'), 'utf8')).toBe('device_type=board\n')
    })
    for (const slot of [2, 3])
      mounted(file('card.img'), slot, (at) => {
        expect(readFileSync(join(at, 'etc/mender/artifact_info'), 'utf8')).toBe('artifact_name=r-2\n')
        expect(readFileSync(join(at, 'etc/fstab'), 'utf8')).toContain('/dev/mmcblk0p4 /data auto defaults,x-systemd.growfs 0 0\n')
        expect(tool('stat', '-c', '%a %u:%g', join(at, 'etc/motd'))).toBe('640 7:8\n')
        expect(readFileSync(join(at, 'etc/systemd/system/data.mount.wants/grow-data.service'), 'utf8')).toContain('-N 4')
      })
    expect(inBoot(file('card.img'), '/c.txt')).toBe('c')
    expect(cutOut(file('card.img')).map(complaints)).toEqual(['', '', '', ''])
  })

  it('makes a data partition that grows as those of mke2fs do', async () => {
    await compose(layout(SLOTS))
    const [, , , data = ''] = cutOut(file('card.img'))
    expect(complaints(data)).toBe('')
    tool('truncate', '-s', '600M', data)
    tool('/usr/sbin/resize2fs', '-f', data)
    expect(complaints(data)).toBe('')
    expect(tool('/usr/sbin/dumpe2fs', '-h', data)).toMatch(/^Block count: +153600$/m)
  })

  it("makes a card that mender-artifact reads and writes as one of Mender's", async () => {
    await compose(layout(`${SLOTS}\nseed: {deviceType: board}`, 'mbr'), 'card.sdimg')
    const card = file('card.sdimg')
    expect(tool('mender-artifact', 'cat', `${card}:/etc/mender/artifact_info`)).toBe('artifact_name=release-1\n')
    expect(tool('mender-artifact', 'cat', `${card}:/data/mender/device_type`)).toBe('device_type=board\n')
    tool('mender-artifact', 'cp', file('ca.pem'), `${card}:/etc/ca.pem`)
    tool('mender-artifact', 'cp', file('ca.pem'), `${card}:/uboot/ca.pem`)
    const content = readFileSync(file('ca.pem'), 'utf8')
    for (const number of [2, 3]) expect(mounted(card, number, (at) => readFileSync(join(at, 'etc/ca.pem'), 'utf8'))).toBe(content)
    expect(inBoot(card, '/ca.pem')).toBe(content)
    expect(cutOut(card).map(complaints)).toEqual(['', '', '', ''])
  })

  it('makes the same bytes of the same files, whenever and wherever', async () => {
    const text = layout(`${SLOTS}\nloader: {uboot: {at: 1 MiB, size: 16 KiB}}\nseed: {deviceType: board}`)
    await compose(text, 'one.img', '--bmap')
    tool('cp', '-a', file('boot'), file('root.tar'), file('card.yaml'), `${mkdtempSync(join(folder, 'other-'))}/`)
    const other = readdirSync(folder).find((name) => name.startsWith('other-')) ?? ''
    await runLine(['compose', 'card.yaml', '-o', 'two.img', '--bmap'], { command: imageCommand, cwd: file(other) })
    for (const name of ['img', 'img.bmap'])
      expect(readFileSync(file(`one.${name}`)).equals(readFileSync(join(file(other), `two.${name}`)))).toBe(true)
    writeFileSync(join(file(other), 'boot/boot.cmd'), 'echo hello\n')
    const at = { SOURCE_DATE_EPOCH: '1700000000' }
    for (const [cwd, name] of [[folder, 'three.img'] as const, [file(other), 'four.img'] as const])
      await runLine(['compose', 'card.yaml', '-o', name], { command: imageCommand, cwd, environment: at })
    expect(readFileSync(file('three.img')).equals(readFileSync(join(file(other), 'four.img')))).toBe(true)
  })

  it('makes a card of 8 GiB with holes for what is empty', async () => {
    expect(await compose(layout('size: 8 GiB\nrootfs: {tar: root.tar, size: 3 GiB}\ndata: {size: fill}'), 'large.img')).toMatchObject({
      exitCode: 0,
    })
    expect(statSync(file('large.img')).size).toBe(8 * 2 ** 30)
    expect(statSync(file('large.img')).blocks * 512).toBeLessThan(128 << 20)
    for (const number of [2, 4]) expect(mounted(file('large.img'), number, (at) => readdirSync(at).length)).toBeGreaterThan(0)
    rmSync(file('large.img'))
  })

  it.each([
    ['labell: 1', 'card.yaml:5:1: Unrecognized key: "labell"'],
    ['rootfs: {tar: root.tar, size: lots}\ndata: {size: 1 MiB}', 'card.yaml:5:25: rootfs.size: '],
    ['rootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: 16 MiB, colour: red}', 'card.yaml:6:22: data: Unrecognized key: "colour"'],
    ['rootfs: {size: 32 MiB}\ndata: {size: 16 MiB}', 'card.yaml:5:1: rootfs: one of image, tar, folder is needed, 0 are there'],
    ['rootfs: {tar: a, tar: b}', 'card.yaml:5:18: Map keys must be unique'],
    ['rootfs: [', 'card.yaml:'],
    ['rootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: fill}', 'how large the card is is not said'],
    ['size: 50 MiB\nrootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: fill}', 'size: the card has 52428800 bytes; its partitions need'],
    ['rootfs: {tar: absent.tar, size: 32 MiB}\ndata: {size: 16 MiB}', 'There is no file'],
    [`${SLOTS}\nloader: {uboot: {at: 1 MiB, size: 16 KiB, redundantAt: 1028 KiB}}`, "lies in the way of U-Boot's environment"],
    [`${SLOTS}\nloader: {uboot: {at: 4 KiB, size: 16 KiB}}`, 'lies in the way of the partition table'],
    [
      `${SLOTS}\nstart: 1 MiB\nloader: {uboot: {at: 8 MiB, size: 16 KiB}}`,
      'start: partitions would begin at byte 4194304, before the end of',
    ],
    [`${SLOTS}\nseed: {deviceKey: ca.pem}`, 'ca.pem holds no private key'],
    [`${SLOTS}\nseed: {ca: device.pem}`, 'device.pem holds no certificate'],
    [`${SLOTS}\nseed: {menderConf: boot/boot.cmd}`, 'boot/boot.cmd is no JSON'],
    ['align: 1 MiB\nrootfs: {tar: root.tar, size: 1 MiB}\ndata: {size: 16 MiB}', 'bytes free'],
    ['boot: {folder: boot, size: 1 MiB}\nrootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: 16 MiB}', 'FAT16 has 4085 to 65524'],
    ['rootfs: {tar: root.tar, size: 32 MiB}\ndata: {size: 64 KiB}\nalign: 64 KiB', 'An ext4 file system does not fit'],
    ['rootfs: {tar: ca.pem, size: 32 MiB}\ndata: {size: 16 MiB}', 'ca.pem'],
  ])('refuses %j before anything is there: %s', async (text, message) => {
    rmSync(file('no.img'), { force: true })
    const { exitCode, stderr } = await compose(text.startsWith('boot:') ? layout(text).replace(`${BOOT}\n`, '') : layout(text), 'no.img')
    expect(stderr).toContain(message)
    expect(exitCode).toBeGreaterThan(1)
    expect(readdirSync(folder).filter((name) => name.startsWith('no.img'))).toEqual([])
  })

  it('leaves the image that was there when it is stopped, and nothing beside it', async () => {
    await compose(layout(SLOTS), 'kept.img')
    const before = readFileSync(file('kept.img'))
    for (const polls of [1, 5, 12, 40, 60, 90]) {
      const stop = new AbortController()
      let left = polls
      const signal = new Proxy(stop.signal, {
        get: (target, key) => {
          if (key === 'throwIfAborted' && --left === 0) stop.abort()
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      const { exitCode } = await runLine(['compose', 'card.yaml', '-o', 'kept.img', '--bmap'], {
        command: imageCommand,
        cwd: folder,
        signal,
      })
      expect(exitCode).toBe(130)
    }
    expect(readFileSync(file('kept.img')).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.startsWith('kept.img'))).toEqual(['kept.img'])
  })

  it('says so when the disk is full, and leaves nothing', async () => {
    writeFileSync(file('card.yaml'), layout(SLOTS))
    mkdirSync(file('small'))
    tool('mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', file('small'))
    try {
      expect(await run('compose', 'card.yaml', '-o', 'small/card.img')).toMatchObject({
        exitCode: 3,
        stderr: expect.stringContaining('error DISK_FULL'),
      })
      expect(readdirSync(file('small'))).toEqual([])
    } finally {
      tool('umount', file('small'))
    }
  })

  it('takes the place of none of its sources, and writes no drive', async () => {
    symlinkSync('.', file('aside'))
    for (const output of ['root.tar', 'aside/root.tar', 'card.yaml'])
      expect((await compose(layout(SLOTS), output)).stderr).toContain('which it is made of')
    expect((await compose(layout(SLOTS), 'card.img.gz')).stderr).toContain('not packed, in spite of .gz')
    expect((await compose(layout(SLOTS), '/dev/null')).stderr).toContain('/dev/null is a device')
  })

  it('says what a card would be, and writes nothing', async () => {
    writeFileSync(file('card.yaml'), layout(SLOTS))
    const { json } = await run('--json', 'compose', 'card.yaml', '--plan')
    expect(json).toMatchObject([
      { table: 'gpt', partitions: [{ role: 'boot' }, { role: 'rootfs A' }, { role: 'rootfs B' }, { role: 'data' }] },
    ])
    expect(existsSync(file('card'))).toBe(false)
  })

  it.each(readdirSync(RESOURCES))('ships %s as a layout that can be read', (name) => {
    expect(parseLayout(readFileSync(join(RESOURCES, name), 'utf8'), name).version).toBe(1)
  })
})
