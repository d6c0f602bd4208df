import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it('asks for the disk where nothing says it, and takes away no files of the client', async () => {
    mkdirSync(file('kept/var/lib/mender'), { recursive: true })
    writeFileSync(file('kept/var/lib/mender/device_type'), 'device_type=board\n')
    const composeKept = () => composeBare('folder: kept', UBOOT)
    const { stderr } = await composeKept()
    expect(warnings(stderr)).toEqual([
      expect.stringContaining('mounts nothing at /data'),
      'the folder /var/lib/mender holds files, so it stays in the slots, where updates replace it: move them to mender/ of data.folder',
      'the root file system has no /etc/fw_env.config, and its disk is nowhere said: say seed.storage, as /dev/mmcblk0p',
    ])
    expect(found()).toMatchObject({ state: null, config: '' })
    mkdirSync(file('kept/etc'))
    writeFileSync(file('kept/etc/fstab'), '/dev/nvme0n1p2 / ext4 defaults 0 1')
    rmSync(file('kept/var/lib/mender/device_type'))
    await composeKept()
    expect(found()).toMatchObject({
      state: '/data/mender',
      mender: '0700',
      config: '/dev/nvme0n1 0x100000 0x4000\n/dev/nvme0n1 0x200000 0x4000\n',
    })
    expect(found().fstab).toMatch(/^\/dev\/nvme0n1p2 \/ ext4 defaults 0 1\nPARTUUID=\S+ \/data ext4 defaults 0 2\n$/)
  })
})
