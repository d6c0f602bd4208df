import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { growUnit, withGrow } from './grow.ts'

const UUID = '830e33e1-6912-8c47-b83b-57ed909e9ae5'
const MIB = 1 << 20

describe('the unit that grows the data partition', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const sectors = (name: string, values: Record<string, number>) => {
    for (const [key, value] of Object.entries(values)) writeFileSync(join(file(name), key), `${value}\n`)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-grow-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is one that systemd understands', () => {
    writeFileSync(file('grow-data.service'), growUnit(UUID, 4))
    execFileSync('systemd-analyze', ['verify', '--man=no', file('grow-data.service')], { stdio: 'pipe' })
    expect(growUnit(UUID, 4)).toContain(String.raw`After=dev-disk-by\x2dpartuuid-830e33e1\x2d6912\x2d8c47\x2db83b\x2d57ed909e9ae5.device`)
  })

  it.each(['gpt', 'dos'])('enlarges the last partition of a %s card to its end, and leaves it alone from then on', (label) => {
    rmSync(folder, { recursive: true })
    for (const name of ['dev/disk/by-partuuid', 'devices/sdx/sdx4', 'sys/class/block']) mkdirSync(file(name), { recursive: true })
    writeFileSync(file('dev/sdx'), '')
    truncateSync(file('dev/sdx'), 64 * MIB)
    const lines = [4, 12, 20, 28].map((start) => `start=${start}MiB, size=8MiB`)
    execFileSync('/usr/sbin/sfdisk', ['-q', file('dev/sdx')], { input: [`label: ${label}`, ...lines].join('\n') })
    truncateSync(file('dev/sdx'), 300 * MIB)
    writeFileSync(file('dev/sdx4'), '')
    symlinkSync('../../sdx4', file(`dev/disk/by-partuuid/${UUID}`))
    symlinkSync(file('devices/sdx/sdx4'), file('sys/class/block/sdx4'))
    symlinkSync(file('devices/sdx'), file('sys/class/block/sdx'))
    const table = (): string => execFileSync('/usr/sbin/sfdisk', ['-d', file('dev/sdx')], { encoding: 'utf8' })
    const size = (): number => Number(/sdx4 : start= *\d+, size= *(\d+)/.exec(table())?.[1])
    const run = () => {
      sectors('devices/sdx', { size: 600 * 1024 })
      sectors('devices/sdx/sdx4', { start: 28 * 2048, size: size() })
      const [, script = ''] = /ExecStart=-\/bin\/sh -c '(.*)'/.exec(growUnit(UUID, 4)) ?? []
      // The kernel does not know this disk: partx has nothing to tell it.
      const own = script
        .replaceAll('$$', '$')
        .replaceAll('/dev/', `${folder}/dev/`)
        .replaceAll('/sys/', `${folder}/sys/`)
        .replace('partx', ': partx')
      execFileSync('sh', ['-c', own], { stdio: 'pipe', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
    }
    run()
    const grown = size()
    expect(grown).toBeGreaterThan((300 - 28 - 2) * 2048)
    expect(execFileSync('/usr/sbin/sfdisk', ['--verify', file('dev/sdx')], { encoding: 'utf8' })).toContain('No errors detected')
    if (label === 'gpt')
      expect(execFileSync('/usr/sbin/sgdisk', ['--verify', file('dev/sdx')], { encoding: 'utf8' })).toContain('No problems found')
    const before = execFileSync('sha256sum', [file('dev/sdx')], { encoding: 'utf8' })
    run()
    expect(execFileSync('sha256sum', [file('dev/sdx')], { encoding: 'utf8' })).toBe(before)
  })
})

it.each([
  ['', 'PARTUUID=x /data ext4 defaults,x-systemd.growfs 0 2\n'],
  ['/dev/root / auto', '/dev/root / auto\nPARTUUID=x /data ext4 defaults,x-systemd.growfs 0 2\n'],
  ['# /dev/y /data\n/dev/y\t/data  auto noatime 0 0\n', '# /dev/y /data\n/dev/y /data auto noatime,x-systemd.growfs 0 0\n'],
  ['/dev/y /data\n', '/dev/y /data ext4 defaults,x-systemd.growfs\n'],
  ['/dev/y /data ext4 x-systemd.growfs 0 0\n', '/dev/y /data ext4 x-systemd.growfs 0 0\n'],
])('the fstab %j lets /data grow', (before, after) => {
  expect(withGrow(before, 'x')).toBe(after)
})
