import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopDevice, program } from '../../engine/drives/loop.cases.ts'
import { sampleDrive } from '../../engine/safety/machines.cases.ts'
import { udevRule } from '../../engine/safety/udev-rule.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import { drivesCommand } from './drives.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'otabench-drives-'))
})
afterAll(() => rm(cwd, { recursive: true }))

const drives = (...args: string[]) => runLine(args, { command: drivesCommand, cwd })

describe('otabench drives', () => {
  it('lists them in a table with the verdict, and as one line of JSON', async () => {
    const { stdout, exitCode } = await drives('list')
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')[0]).toMatch(/^DRIVE +NAME +SIZE +BUS +MOUNTED AT +HOLDS +MAY BE WRITTEN$/)
    expect(stdout).toMatch(/no: The system runs from it: it holds \/\.?/)
    const { json } = await drives('--json', 'list')
    expect(json).toEqual([expect.arrayContaining([expect.objectContaining({ verdict: expect.objectContaining({ kind: 'refused' }) })])])
  })

  it('shows loop devices only with --loop, and one of them with all that is known', async () => {
    await using device = await loopDevice(2_097_152)
    expect((await drives('list')).stdout).not.toContain(device.path)
    expect((await drives('list', '--loop')).stdout).toMatch(new RegExp(`^${device.path} .* 2\\.1 MB +loop .* yes$`, 'm'))
    expect((await drives('show', device.path)).stdout).toMatch(/^size +2\.1 MB \(2097152 bytes\)$/m)
    expect((await drives('eject', device.path)).stdout).toMatch(/it can be pulled\.\n$/)
  })

  it('goes on with --watch, and lists them again when one comes', async () => {
    await using devices = new AsyncDisposableStack()
    const abort = new AbortController()
    let plugging: Promise<void> | null = null
    let [path, shown] = ['', '']
    const endOnceShown = (): void => {
      if (path !== '' && shown.includes(`"${path}"`)) abort.abort()
    }
    const plugIn = async () => {
      const device = devices.use(await loopDevice(1 << 20))
      path = device.path
      endOnceShown()
    }
    const { stdout } = await runLine(['--json', 'list', '--loop', '--watch'], {
      ...{ command: drivesCommand, cwd, signal: abort.signal },
      onOutput: (text) => {
        shown = text
        // Others may come and go before it is there.
        plugging ??= plugIn()
        endOnceShown()
      },
    })
    expect(stdout).toContain(`"${path}"`)
  })

  it('makes virtual drives, gives them faults, and removes them', async () => {
    expect((await drives('create-virtual', 'slow', '--size', '64MiB', '--rate', '20MiB')).stdout).toBe('virtual drive slow: 67.1 MB\n')
    const { json } = await drives('--json', 'show', 'slow')
    expect(json).toMatchObject([
      { name: 'virtual slow', virtual: { id: 'slow', faults: { writeBytesPerSecond: 20 * 2 ** 20, failsAtByte: null } } },
    ])
    expect((await drives('list')).stdout).toMatch(/slow\.img +virtual slow +67\.1 MB +file +-/)
    expect((await drives('set-faults', 'slow', '--pull-at', '1000000')).stdout).toBe('virtual drive slow has these faults now\n')
    expect((await drives('set-faults', 'slow')).stdout).toBe('virtual drive slow does nothing wrong\n')
    expect((await drives('remove-virtual', 'slow')).stdout).toBe('removed: slow\n')
    await drives('create-virtual', 'virtual-2', '--size', '64MiB')
    expect((await drives('show', 'virtual-2')).stdout).toMatch(/^name +virtual-2$/m)
    const refused: CommandRun[] = []
    for (const line of ['show slow', 'create-virtual a/b --size 1MiB', 'create-virtual a --size 100', 'create-virtual a'])
      refused.push(await drives(...line.split(' ')))
    expect(refused.map(({ exitCode }) => exitCode)).toEqual([3, 2, 2, 2])
    for (const { stderr } of refused) expect(stderr).toMatch(/^error \w+: .+\nhint: .+\n$/)
  })

  it('refuses a rule for a disk that is built in', async () => {
    const root = program('findmnt', ['--noheadings', '--output', 'SOURCE', '/'])
    const disk = program('lsblk', ['--noheadings', '--nodeps', '--output', 'PATH', root])
    const { exitCode, stderr } = await drives('rule', disk)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is built in: no rule is made for it')])
  })
})

describe('the rule that lets people write to a reader', () => {
  it('is taken by udev, for that port alone', async () => {
    await using device = await loopDevice(1 << 20)
    const port = 'pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0'
    const rules = join(cwd, 'rules.d')
    // udev reads its rules from fixed folders: here they are others, in a mount namespace of its own.
    const script = [
      'mkdir -p /run/udev && mount -t tmpfs none /run/udev && mkdir /run/udev/rules.d && cp "$1"/* /run/udev/rules.d',
      'udevadm test --action=add "$2" 2>&1',
    ].join(' && ')
    const tried = () =>
      spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', rules, `/sys/block/${device.path.slice(5)}`], { encoding: 'utf8' }).stdout
    const write = async (at: string, group: string | null) => {
      await mkdir(rules, { recursive: true })
      await writeFile(join(rules, '61-place.rules'), `SUBSYSTEM=="block", ENV{ID_PATH}="${at}"\n`)
      await writeFile(join(rules, '70-otabench-reader.rules'), udevRule(sampleDrive(port), group))
    }
    await write(port, 'disk')
    const taken = tried()
    expect(taken).toMatch(/70-otabench-reader\.rules:2 (GROUP|MODE)/)
    expect(taken).not.toMatch(/70-otabench-reader\.rules:\d+ (Invalid|Unknown|Failed)/i)
    await write(`${port}-and-more`, 'disk')
    expect(tried()).not.toMatch(/70-otabench-reader\.rules:2 (GROUP|MODE)/)
    await write(port, null)
    expect(tried()).toMatch(/uaccess/)
  })
})
