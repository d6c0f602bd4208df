import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noise } from '../../engine/flash/flash.cases.ts'
import { complaints, cutOut, sfdisk } from './image-compose.cases.ts'
import { composing } from './image-composing.cases.ts'
import { tool } from './image.cases.ts'

describe('otabench image compose of a root file system without what Mender needs', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const { compose, layout } = composing(() => folder)
  const SMALL = 'size: 32 MiB}\ndata: {size: 16 MiB}'
  const GROWING = SMALL.replace('16 MiB', '16 MiB, grow: true')
  const UBOOT = 'loader: {uboot: {at: 1 MiB, size: 16 KiB, redundantAt: 2 MiB}}\n'
  const STORED = `${UBOOT}seed: {storage: /dev/mmcblk1p}`
  const composeBare = (rootfs: string, more: string, output = 'bare.img') =>
    compose(layout(`rootfs: {${rootfs}, ${SMALL}\n${more}`), output)
  const warnings = (stderr: string) => [...stderr.matchAll(/warning: (.*)/g)].map(([, text]) => text)
  /** What the slots and the data partition have of it, as debugfs says. */
  const found = () => {
    const [, a = '', b = '', data = ''] = cutOut(file('bare.img'))
    expect([a, b, data].map(complaints)).toEqual(['', '', ''])
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
    const said = (part: string, request: string) => tool('/usr/sbin/debugfs', '-R', request, part)
    return {
      state: /Fast link dest: "(.*)"/.exec(said(a, 'stat /var/lib/mender'))?.[1] ?? null,
      config: said(a, 'cat /etc/fw_env.config'),
      fstab: said(a, 'cat /etc/fstab'),
      mount: /Type: (\w+)/.exec(said(a, 'stat /data'))?.[1] ?? null,
      mender: /Mode: +(\d+)/.exec(said(data, 'stat /mender'))?.[1] ?? null,
    }
  }
  const NOTHING = { state: null, config: '', fstab: '', mount: null, mender: null }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-compose-bare-'))
    mkdirSync(file('boot'))
    mkdirSync(file('bare/etc'), { recursive: true })
    mkdirSync(file('bare/usr/bin'), { recursive: true })
    tool('tar', '-C', file('bare'), '-cf', file('bare.tar'), '.')
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('bare'), file('bare.ext4'), '24M')
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(['tar: bare.tar', 'folder: bare', 'image: bare.ext4, prepare: true'])('adds it to that of {%s}, and says so', async (source) => {
    const { exitCode, stderr } = await composeBare(source, STORED)
    expect({ exitCode, warnings: warnings(stderr) }).toEqual({
      exitCode: 0,
      warnings: [
        'the root file system mounts nothing at /data: its fstab gets the data partition',
        'the root file system has no link /var/lib/mender: it gets one to /data/mender',
        'the root file system has no /etc/fw_env.config: it gets one for /dev/mmcblk1',
      ],
    })
    const uuid = sfdisk(file('bare.img')).partitions[3]?.uuid?.toLowerCase()
    expect(found()).toEqual({
      ...{ state: '/data/mender', config: '/dev/mmcblk1 0x100000 0x4000\n/dev/mmcblk1 0x200000 0x4000\n' },
      ...{ fstab: `PARTUUID=${uuid} /data ext4 defaults 0 2\n`, mount: 'directory', mender: '0700' },
    })
    writeFileSync(file('fw_env.config'), found().config.replaceAll('/dev/mmcblk1', file('bare.img')))
    expect(tool('fw_printenv', '-c', file('fw_env.config'))).toContain('mender_boot_part=2\n')
    await composeBare(source, STORED, 'again.img')
    expect(readFileSync(file('again.img')).equals(readFileSync(file('bare.img')))).toBe(true)
  })

  it('only tells of an image, which stays as it is, and of nothing that the seed brings', async () => {
    const { stderr } = await composeBare('image: bare.ext4', UBOOT)
    expect(warnings(stderr)).toEqual([
      'the root file system mounts nothing at /data; "prepare: true" adds it to fstab',
      'the root file system has no link /var/lib/mender to /data/mender; "prepare: true" makes it',
      'the root file system has no /etc/fw_env.config, which fw_setenv needs; "prepare: true" writes it',
    ])
    expect(found()).toEqual(NOTHING)
    const brought = STORED.replace('seed: {', 'seed: {files: [{to: /etc/fw_env.config, text: own}, {to: /etc/fstab, text: own}], ')
    for (const source of ['image: bare.ext4', 'tar: bare.tar']) {
      const { stderr: less } = await compose(layout(`rootfs: {${source}, ${GROWING}\n${brought}`), 'bare.img')
      expect(warnings(less)).toEqual([expect.stringContaining('/var/lib/mender')])
      expect(found().config).toBe('own')
    }
  })

  it.each(['tar: bare.tar', 'folder: bare', 'image: bare.ext4'])('leaves that of {%s} alone where the layout says so', async (source) => {
    const { stderr } = await composeBare(`${source}, prepare: false`, UBOOT)
    expect(warnings(stderr)).toEqual([])
    expect(found()).toEqual(NOTHING)
  })

  it('moves the files of the client to the data partition, but for those that the seed gives', async () => {
    mkdirSync(file('used/var/lib/mender/scripts'), { recursive: true, mode: 0o700 })
    writeFileSync(file('used/var/lib/mender/mender-store'), noise(300_000), { mode: 0o600 })
    writeFileSync(file('used/var/lib/mender/device_type'), 'device_type=other\n')
    writeFileSync(file('used/var/lib/mender/scripts/version'), '3')
    symlinkSync('/data/elsewhere', file('used/var/lib/mender/link'))
    tool('tar', '-C', file('used'), '-cf', file('used.tar'), '.')
    const seed = STORED.replace('seed: {', 'seed: {deviceType: board, ')
    for (const source of ['tar: used.tar', 'folder: used']) {
      const { exitCode, stderr } = await composeBare(source, seed)
      expect({ exitCode, warnings: warnings(stderr) }).toEqual({
        exitCode: 0,
        warnings: [
          expect.stringContaining('mounts nothing at /data'),
          'the root file system has no link /var/lib/mender: it gets one to /data/mender; the files that are there move with it (3)',
          expect.stringContaining('/etc/fw_env.config'),
          '/data/mender/device_type is there already: /var/lib/mender/device_type of the root file system is left out',
        ],
      })
      expect(found()).toMatchObject({ state: '/data/mender', mender: '0700' })
      const data = cutOut(file('bare.img'))[3] ?? ''
      const said = (request: string) => tool('/usr/sbin/debugfs', '-R', request, data)
      expect(said('cat /mender/device_type')).toBe('device_type=board\n')
      expect(said('cat /mender/scripts/version')).toBe('3')
      expect(said('stat /mender/scripts')).toMatch(/Type: directory +Mode: +0700/)
      expect(said('stat /mender/link')).toContain('Fast link dest: "/data/elsewhere"')
      expect(said('stat /mender/mender-store')).toMatch(/Type: regular +Mode: +0600/)
      said(`dump /mender/mender-store ${file('dumped')}`)
      expect(readFileSync(file('dumped')).equals(noise(300_000))).toBe(true)
    }
  })

  it('leaves in the slots what is no folder of the client, and says so', async () => {
    mkdirSync(file('odd/var/lib'), { recursive: true })
    writeFileSync(file('odd/var/lib/mender'), 'a file')
    const { stderr } = await composeBare('folder: odd', STORED)
    expect(warnings(stderr)).toContainEqual(expect.stringContaining('/var/lib/mender is no folder'))
    expect(found()).toMatchObject({ state: null })
  })

  it('asks for the disk where nothing says it', async () => {
    mkdirSync(file('kept/var/lib/mender'), { recursive: true })
    const composeKept = () => composeBare('folder: kept', UBOOT)
    const { stderr } = await composeKept()
    expect(warnings(stderr)).toEqual([
      expect.stringContaining('mounts nothing at /data'),
      'the root file system has no link /var/lib/mender: it gets one to /data/mender',
      'the root file system has no /etc/fw_env.config, and its disk is nowhere said: say seed.storage, as /dev/mmcblk0p',
    ])
    expect(found()).toMatchObject({ state: '/data/mender', config: '' })
    mkdirSync(file('kept/etc'))
    writeFileSync(file('kept/etc/fstab'), '/dev/nvme0n1p2 / ext4 defaults 0 1')
    await composeKept()
    expect(found()).toMatchObject({
      state: '/data/mender',
      mender: '0700',
      config: '/dev/nvme0n1 0x100000 0x4000\n/dev/nvme0n1 0x200000 0x4000\n',
    })
    expect(found().fstab).toMatch(/^\/dev\/nvme0n1p2 \/ ext4 defaults 0 1\nPARTUUID=\S+ \/data ext4 defaults 0 2\n$/)
  })
})
