import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BenchProcess } from './bench-process.ts'
import { deploy, outcome } from './one-board.ts'
import { SlotBoard, makeImage, makeTree, partOf } from './slot-board.ts'

const IS_ROOT = process.getuid?.() === 0

if (!IS_ROOT) console.log('Only root attaches loop devices: no delta was installed by the real client')

/** One board goes from test to test, as boards do. */
describe.runIf(IS_ROOT)('a delta on a board with the real Mender client', () => {
  const resources = new AsyncDisposableStack()
  const parts: { bench: BenchProcess; board: SlotBoard }[] = []
  let folder = ''
  const at = (name: string) => join(folder, name)
  const sha256 = (name: string) => execFileSync('sha256sum', [at(name)], { encoding: 'utf8' }).slice(0, 64)
  function parted(): { bench: BenchProcess; board: SlotBoard } {
    const [first] = parts
    if (!first) throw new Error('the board was not set up')
    return first
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-delta-client-'))
    resources.defer(() => rmSync(folder, { recursive: true }))
    makeImages(at)
    const bench = resources.use(await BenchProcess.start('all'))
    await writeArtifacts(bench, at)
    const board = resources.use(await SlotBoard.make(at('rootfs-0.ext4'), { serverUrl: bench.http, deviceType: 'board' }))
    parts.push({ bench, board })
    board.powerOn()
  }, 300_000)
  afterAll(() => resources.disposeAsync())

  it('rebuilds the image, switches slots as the built-in rootfs-image does, and is committed', async () => {
    const { bench, board } = parted()
    const [slotA, slotB] = board.slots
    const switched = (part: string) => ({ mender_boot_part: part, mender_boot_part_hex: part, upgrade_available: '1', bootcount: '0' })
    // The built-in way first: it also makes the device know the checksum of what it runs.
    const full = await deploy(bench, 'v1')
    expect(await board.untilReboot()).toEqual(switched(partOf(slotB)))
    board.powerOn()
    expect(await outcome(bench, full)).toEqual({ status: 'success', log: '' })

    const update = await deploy(bench, 'v2')
    expect(await board.untilReboot()).toEqual(switched(partOf(slotA)))
    board.powerOn()
    expect(await outcome(bench, update)).toEqual({ status: 'success', log: '' })
    expect(board.log).toContain(`otabench-delta: the image in ${slotA} has the checksum ${sha256('rootfs-2.ext4')}`)
    await board.powerOff()
    expect(board.sha256(slotA)).toBe(sha256('rootfs-2.ext4'))
    expect(board.sha256(slotB)).toBe(sha256('rootfs-1.ext4'))
    expect(board.environment()).toMatchObject({ mender_boot_part: partOf(slotA), upgrade_available: '0' })
    board.powerOn()
  })

  it('leaves the active slot alone when the patch is damaged', async () => {
    const { bench, board } = parted()
    const before = board.environment()
    const { status, log } = await outcome(bench, await deploy(bench, 'damaged'))
    expect(status).toBe('failure')
    expect(log).toMatch(/otabench-delta: (a frame of the patch could not be expanded|the patch is damaged)/)
    expect(board.environment()).toEqual(before)
    await board.powerOff()
    expect(board.sha256(board.next)).toBe(sha256('rootfs-2.ext4'))
    board.powerOn()
  })

  it('goes back when the new system fails to commit, and the old one runs as it was', async () => {
    const { bench, board } = parted()
    const old = board.next
    const deploymentId = await deploy(bench, 'v3')
    await board.untilReboot()
    expect(board.next).toBe(board.other(old))
    board.powerOn()
    expect(await board.untilReboot()).toMatchObject({ mender_boot_part: partOf(old), upgrade_available: '0' })
    board.powerOn()
    const { status, log } = await outcome(bench, deploymentId)
    expect(status).toBe('failure')
    expect(log).toContain('the application does not start')
    await board.powerOff()
    expect(board.sha256(old)).toBe(sha256('rootfs-2.ext4'))
    board.powerOn()
  })

  it('is reported as failed when the bootloader went back by itself', async () => {
    const { bench, board } = parted()
    const old = board.next
    const deploymentId = await deploy(bench, 'v3')
    await board.untilReboot()
    board.giveUpTrial()
    board.powerOn()
    await board.untilReboot()
    board.powerOn()
    const { status, log } = await outcome(bench, deploymentId)
    expect(status).toBe('failure')
    expect(log).toContain('otabench-delta: the new system did not come up')
    expect(board.next).toBe(old)
  })

  it('refuses a base that was changed since it was installed, in words', async () => {
    const { bench, board } = parted()
    await board.powerOff()
    board.changeSlot(board.next)
    const before = board.environment()
    board.powerOn()
    const { status, log } = await outcome(bench, await deploy(bench, 'v3'))
    expect(status).toBe('failure')
    expect(log).toContain('the active slot was changed since it was installed (mounted read-write?)')
    expect(board.environment()).toEqual(before)
  })
})

type At = (name: string) => string

/** Root file systems 0, 1 and 2: the first is what the board leaves the factory with, the others are releases. */
function makeImages(at: At): void {
  makeTree(at('tree-1'), { 'etc/mender/artifact_info': 'artifact_name=v1' })
  for (const version of ['0', '2']) cpSync(at('tree-1'), at(`tree-${version}`), { recursive: true, verbatimSymlinks: true })
  writeFileSync(at('tree-0/etc/mender/artifact_info'), 'artifact_name=initial\n')
  writeFileSync(at('tree-2/etc/mender/artifact_info'), 'artifact_name=v2\n')
  writeFileSync(at('tree-2/etc/news'), 'what is new in version 2\n'.repeat(4000))
  const program = at('tree-2/usr/bin/zstd')
  writeFileSync(program, Buffer.concat([readFileSync(program), Buffer.from('what stands behind it moves')]))
  for (const version of ['0', '1', '2']) makeImage(at(`tree-${version}`), at(`rootfs-${version}.ext4`))
}

/** v1, v2 and v3 in full, and deltas from each to the next; v3 does not want to be committed. A delta whose bytes are wrong. */
async function writeArtifacts(bench: BenchProcess, at: At): Promise<void> {
  const otabench = (...args: string[]) => bench.cli('artifact', ...args)
  writeFileSync(at('ArtifactCommit_Enter_00'), '#!/bin/sh\necho "the application does not start" >&2\nexit 1\n')
  const write = (name: string, image: string, ...more: string[]) =>
    otabench('write', 'rootfs-image', '-t', 'board', '-n', name, '-f', at(image), '-o', at(`${name}.mender`), ...more)
  await write('v1', 'rootfs-1.ext4')
  await write('v2', 'rootfs-2.ext4')
  await write('v3', 'rootfs-1.ext4', '-s', at('ArtifactCommit_Enter_00'))
  await otabench('delta', at('v1.mender'), at('v2.mender'), '-o', at('delta-2.mender'))
  await otabench('delta', at('v2.mender'), at('v3.mender'), '-o', at('delta-3.mender'))
  expect(statSync(at('delta-2.mender')).size).toBeLessThan(statSync(at('v2.mender')).size / 10)
  await otabench('dump', at('delta-3.mender'), '--files', at('files'))
  const patch = readFileSync(at('files/rootfs.delta'))
  const frame = patch.indexOf('\ndata ')
  patch.fill(0xaa, patch.indexOf('\n', frame + 1) + 20, patch.indexOf('\n', frame + 1) + 40)
  writeFileSync(at('files/rootfs.delta'), patch)
  const damaged = ['-T', 'otabench-delta', '-t', 'board', '-n', 'damaged', '-f', at('files/rootfs.delta')]
  await otabench('write', 'module-image', ...damaged, '-o', at('damaged.mender'))
  // of v3 only the delta: nobody shall get around it
  await bench.cli('artifacts', 'upload', ...['v1', 'v2', 'delta-2', 'delta-3', 'damaged'].map((name) => at(`${name}.mender`)))
}
