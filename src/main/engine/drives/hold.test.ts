import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Drive } from '../../contract/drives.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import type { Clock } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { type Drives, createDrives } from './drives.ts'
import { card, forgetRead, isMounted, loopDevice, mounted, patientHost, program } from './loop.cases.ts'
import { PATIENCE_MS } from './look-into.ts'

let bench: TestEngine
let drives: Drives
beforeAll(async () => {
  bench = await openTestEngine()
  drives = createDrives({ host: nodeHost(), folder: `${bench.folder}/virtual`, ownFolders: [], onDefect: () => undefined })
})
afterAll(() => bench[Symbol.asyncDispose]())

async function driveAt(path: string): Promise<Drive> {
  const found = (await drives.list({ hasLoops: true })).find(({ identity }) => identity.path === path)
  if (!found) throw new Error(`${path} is not listed`)
  return found
}

/** A writer for tests, whose last argument is the device. */
const shell = (script: string) => ['sh', '-c', script]

/** Takes the file out of its loop device and puts it back, which others may do with the device meanwhile. Answers the drive as it was. */
async function pluggedInAgain(device: { path: string; file: string }): Promise<Drive> {
  for (;;) {
    const before = await driveAt(device.path)
    program('losetup', ['--detach', device.path])
    const path = program('losetup', ['--find', '--show', device.file])
    if (path === device.path) return before
    device.path = path
  }
}

/** Runs what hold() says, as the flash does. */
function run(command: readonly string[], device: string): string {
  const [name, ...args] = [...command, device]
  return program(name, args)
}

describe('a drive that is about to be written', () => {
  it('is unmounted, wherever a desktop has mounted it, and can be written then', async () => {
    await using device = await card()
    const { root, data } = device.partitions
    await using first = await mounted(data, '/media')
    await using second = await mounted(root, '/run/media')
    const { identity } = await driveAt(device.path)
    const held = await drives.hold({ identity }, shell('printf written > "$0" && sync "$0"'))
    expect([isMounted(first.folder), isMounted(second.folder)]).toEqual([false, false])
    run(held.command, device.path)
    await held.release()
    expect((await readFile(device.file)).subarray(0, 7).toString()).toBe('written')
  })

  it('is locked for everybody else as long as the writer runs', async () => {
    await using device = await loopDevice(1 << 20)
    const { identity } = await driveAt(device.path)
    const tryToLock = shell('flock --nonblock --shared "$0" true && echo free || echo locked')
    const { command } = await drives.hold({ identity }, tryToLock)
    expect(run(command, device.path)).toBe('locked')
    expect(run(tryToLock, device.path)).toBe('free')
  })

  it('stays mounted when a program uses it, which is named', async () => {
    await using device = await card()
    const { root } = device.partitions
    await using at = await mounted(root, '/media')
    const { identity } = await driveAt(device.path)
    const user = spawn('sleep', ['1000'], { cwd: at.folder })
    await once(user, 'spawn')
    try {
      await expect(drives.hold({ identity }, shell('true'))).rejects.toMatchObject({
        code: 'DRIVE_BUSY',
        message: expect.stringContaining(`at ${at.folder} by sleep (${user.pid})`),
      })
      expect(isMounted(at.folder)).toBe(true)
    } finally {
      user.kill()
      await once(user, 'exit')
    }
    await drives.hold({ identity }, shell('true'))
    expect(isMounted(at.folder)).toBe(false)
  })

  it('is neither written nor let out while another program has it open, which is named', async () => {
    await using device = await loopDevice(1 << 20)
    const { identity } = await driveAt(device.path)
    const user = spawn('sh', ['-c', 'exec 3<>"$0" && echo open && exec sleep 1000', device.path], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(user.stdout, 'data')
      const busy = { code: 'DRIVE_BUSY', message: expect.stringMatching(new RegExp(`is used by (.*, )?(sleep|sh) \\(${user.pid}\\)`)) }
      await expect(drives.hold({ identity }, shell('true'))).rejects.toMatchObject(busy)
      await expect(drives.eject(identity)).rejects.toMatchObject(busy)
    } finally {
      user.kill()
      await once(user, 'exit')
    }
    await drives.hold({ identity }, shell('true'))
    expect(await drives.eject(identity)).toEqual({ isPoweredOff: false })
  })

  it('is judged by what is on it now, also where a program that still has it open has read what was there before', async () => {
    await using device = await card()
    const { identity } = await driveAt(device.path)
    const script = 'exec 3<"$0" && cat <&3 >/dev/null && echo open && read -r _'
    const user = spawn('sh', ['-c', script, device.path], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(user, 'exit')
    const host = patientHost()
    // It ends once it is waited for.
    const sleep: Clock['sleep'] = async (ms, signal) => {
      if (ms === PATIENCE_MS) return host.clock.sleep(ms, signal)
      user.stdin.end('\n')
      await ended
    }
    const others = createDrives({
      ...{
        host: { ...host, clock: { ...host.clock, sleep } },
        folder: `${bench.folder}/virtual`,
        ownFolders: [],
        onDefect: () => undefined,
      },
    })
    await once(user.stdout, 'data')
    program('pvcreate', ['--yes', device.partitions.root])
    await expect(others.hold({ identity }, shell('true'))).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('a part of an LVM volume group'),
    })
  })

  it('has to be the one that was chosen: another card in the same place is another drive', async () => {
    await using device = await loopDevice(1 << 20)
    const { identity } = await driveAt(device.path)
    for (const change of [{ serial: 'x' }, { sizeBytes: 512 }, { port: 'elsewhere' }, { diskSequence: '0' }])
      await expect(drives.hold({ identity: { ...identity, ...change } }, shell('true'))).rejects.toMatchObject({
        code: 'DRIVE_REMOVED',
        message: expect.stringContaining(`${device.path} is another drive than the one that was chosen`),
      })
    expect((await drives.hold({ identity }, shell('true'))).drive.identity).toEqual(identity)
    const chosen = await pluggedInAgain(device)
    await expect(drives.hold(chosen, shell('true'))).rejects.toMatchObject({
      code: 'DRIVE_REMOVED',
      message: expect.stringMatching(/: it was plugged in anew: count \d+ instead of \d+$/),
    })
    await drives.hold(await driveAt(device.path), shell('true'))
    program('losetup', ['--detach', device.path])
    await expect(drives.hold(chosen, shell('true'))).rejects.toMatchObject({ code: 'DRIVE_REMOVED' })
  })

  it('is refused when it turned out to be one that must not be written, whatever was listed before', async () => {
    await using device = await card()
    const { root } = device.partitions
    const chosen = await driveAt(device.path)
    program('mkswap', [root])
    program('swapon', [root])
    try {
      await expect(drives.hold(chosen, shell('true'))).rejects.toMatchObject({
        code: 'PERMISSION',
        hint: `Stop that with: swapoff ${root}`,
      })
    } finally {
      program('swapoff', [root])
    }
    program('pvcreate', ['--yes', root])
    forgetRead(device)
    await expect(drives.hold(chosen, shell('true'))).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('a part of an LVM volume group'),
    })
    program('mkfs.ext4', ['-qF', root])
    forgetRead(device)
    await using _at = await mounted(root, '/mnt')
    await expect(drives.hold(chosen, shell('true'))).rejects.toMatchObject({ code: 'PERMISSION' })
  })

  it('is never the disk that the system runs from', async () => {
    const system = (await drives.list()).filter(({ mountedAt }) => mountedAt.includes('/'))
    expect(system).not.toEqual([])
    for (const { identity, name } of system)
      await expect(drives.hold({ identity, typedName: name }, shell('true'))).rejects.toMatchObject({
        code: 'PERMISSION',
        message: expect.stringContaining('The system runs from it'),
      })
  })

  it('is let out when it is ejected: unmounted, or left alone when the system needs it', async () => {
    await using device = await card()
    const { data } = device.partitions
    await using at = await mounted(data, '/media')
    expect(await drives.eject((await driveAt(device.path)).identity)).toEqual({ isPoweredOff: false })
    expect(isMounted(at.folder)).toBe(false)
    for (const { identity } of (await drives.list()).filter(({ mountedAt }) => mountedAt.includes('/')))
      await expect(drives.eject(identity)).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
  })

  it('a virtual one is a file like any other, and nobody is asked for a password', async () => {
    await drives.virtual.create({ name: 'v', sizeBytes: 1 << 20 })
    const drive = (await drives.list()).find(({ virtual }) => virtual?.id === 'v')
    if (!drive) throw new Error('no virtual drive')
    expect((await drives.hold(drive, ['writer'])).command).toEqual(['writer'])
  })
})
