import { execFileSync } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { boardCommand } from '../../cli/commands/board.ts'
import { now } from '../../cli/live.ts'
import { BOARD_DEVICE_TYPE } from '../../contract/boards.ts'
import { newArtifact } from '../../contract/new-artifact.ts'
import { sha256 } from '../boards/boards.cases.ts'
import { readCard } from '../boards/card-facts.ts'
import { nodeHost } from '../host.node.ts'
import { BoardBench } from './board-bench.cases.ts'

const NAME = 'updated'
let bench: BoardBench

// A busy machine takes its time: no test here may fail because of that.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

beforeAll(async () => {
  bench = await BoardBench.open()
  await bench.start({ name: NAME })
})
afterAll(() => bench[Symbol.asyncDispose]())

/** SHA-256 of a slot as it lies on the card. */
async function sumOfSlot(role: 'rootfs A' | 'rootfs B'): Promise<string> {
  const path = join(bench.bench.folder, 'data/boards', NAME, 'card.img')
  const card = await readCard(nodeHost().files, path)
  const slot = card.table?.partitions.find((partition) => partition.role === role)
  if (!slot) throw new Error(`the card has no ${role}`)
  return sha256(path, { start: slot.startBytes, sizeBytes: slot.sizeBytes })
}

/** An artifact that holds its payload as it is, and another byte in its file than the one that was checked: as a bad disk or line has it. */
async function makeDamaged(name: string, compression: 'none' | 'gzip', at: number): Promise<void> {
  const { client } = bench
  const image = join(bench.bench.folder, 'damaged.ext4')
  await bench.done(await client.boards.writeRootfs({ artifactName: name, kind: 'good', path: image }))
  const what = { kind: 'rootfs-image', paths: [image], deviceTypes: [BOARD_DEVICE_TYPE], keyId: null }
  const made = await client.artifacts.write(newArtifact.parse({ ...what, name, compression }))
  await bench.done(made)
  await using file = await open(join(bench.bench.folder, 'data/artifacts', `${made.id}.mender`), 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
  await file.write(Buffer.from([~(buffer[0] ?? 0) & 0xff]), 0, 1, at)
}

/** Runs a command on the board, over SSH. */
async function onBoard(command: string): Promise<void> {
  const { ssh } = await bench.board(NAME)
  const words = ['-F', 'none', '-i', ssh.keyPath ?? '', '-p', String(ssh.port), '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no']
  execFileSync('ssh', [...words, '-o', 'UserKnownHostsFile=/dev/null', 'root@127.0.0.1', command], { stdio: 'pipe' })
}

describe('a board with the real client', () => {
  it('joins by itself, is seen on its console, and runs from slot A', async () => {
    const device = await bench.device(NAME)
    expect(device).toMatchObject({ name: NAME, status: 'accepted', evidence: { source: 'serial' }, card: { detail: 'runs board-1 on A' } })
    expect(await bench.board(NAME, ({ state }) => state === 'up')).toMatchObject({
      ...{ seen: { slot: 'A', artifactName: 'board-1' }, claimed: { deviceId: device.id, artifactName: 'board-1' }, mismatch: null },
      boot: { bootSlot: 'A', isUpgradeAvailable: false, bootCount: 0, bootLimit: 1 },
    })
    expect(await bench.client.boards.environment({ name: NAME })).toMatchObject({ mender_boot_part: '2', upgrade_available: '0' })
  })

  it("takes a root file system over https, with the bench's authority: it runs from slot B, which holds it byte by byte", async () => {
    await bench.makeUpdate('board-2', 'good')
    const { status, cause, entries } = await bench.ended(NAME, await bench.order(NAME, 'board-2'))
    expect([status, cause]).toEqual(['success', null])
    expect(await now(bench.client.server.status())).toMatchObject({ https: expect.stringMatching(/^https:/) })
    const image = join(bench.bench.folder, 'board-2.ext4')
    await bench.done(await bench.client.boards.writeRootfs({ artifactName: 'board-2', kind: 'good', path: image }))
    expect(await sumOfSlot('rootfs B')).toBe(await sha256(image))
    const isThere = ({ boot, seen }: { boot: { isUpgradeAvailable: boolean } | null; seen: { slot: string | null } | null }) =>
      boot?.isUpgradeAvailable === false && seen?.slot === 'B'
    expect(await bench.board(NAME, isThere)).toMatchObject({ seen: { slot: 'B', artifactName: 'board-2' }, boot: { bootSlot: 'B' } })
    const lanes = new Set(entries.map(({ lane }) => lane))
    expect([...lanes].toSorted()).toEqual(['boot', 'http', 'serial', 'state'])
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted((a, b) => a - b))
  })

  it.each([
    ['in the midst of what is packed', 'gzip', 4 << 20],
    ['in a payload that is not packed', 'none', 8 << 20],
  ] as const)('refuses an artifact that was damaged %s, stays as it is, and the cause is known', async (_, compression, at) => {
    const { startCount } = await bench.board(NAME)
    await makeDamaged(`damaged-${compression}`, compression, at)
    const { status, cause } = await bench.ended(NAME, await bench.order(NAME, `damaged-${compression}`))
    expect([status, cause?.summary]).toEqual(['failure', 'What arrived did not match the checksum in the artifact.'])
    expect(cause?.entryId).not.toBeNull()
    expect(await bench.board(NAME)).toMatchObject({ startCount, seen: { slot: 'B', artifactName: 'board-2' } })
  })

  it.each([
    ['init-panics', /^The new system did not start: Attempted to kill init!/],
    ['init-hangs', /^The new system did not come up: nothing was heard of it for 60 s\.$/],
    ['no-network', /^The new system has no network: eth0 is missing\.$/],
    ['commit-fails', /^The state script ArtifactCommit_Enter_10_refuse ended with exit code 1\.$/],
  ] as const)('goes back to slot B when %s, says so, and the cause is known', async (kind, summary) => {
    await bench.makeUpdate(kind, kind)
    const { status, cause } = await bench.ended(NAME, await bench.order(NAME, kind))
    expect([status, cause?.summary]).toEqual(['failure', expect.stringMatching(summary)])
    expect(cause?.entryId).not.toBeNull()
    expect(await bench.board(NAME, ({ state }) => state === 'up')).toMatchObject({
      ...{ seen: { slot: 'B', artifactName: 'board-2' }, boot: { bootSlot: 'B', isUpgradeAvailable: false }, mismatch: null },
      claimed: { artifactName: 'board-2' },
    })
    expect((await bench.device(NAME)).card).toMatchObject({ state: 'rolled-back' })
  })

  it('is a mismatch when another slot runs than its client tells of', async () => {
    const { slots } = await bench.board(NAME)
    const other = slots?.find(({ name }) => name === 'A')?.artifactName
    await onBoard('fw_setenv mender_boot_part 2 && fw_setenv mender_boot_part_hex 2 && sync')
    await bench.client.boards.power({ name: NAME, action: 'reset' })
    const { card } = await bench.device(NAME, (device) => device.card.state === 'mismatch')
    const mismatch = `the client says that board-2 is installed, but slot A runs ${other}`
    expect(card).toEqual({ state: 'mismatch', detail: mismatch })
    expect(await bench.board(NAME)).toMatchObject({ seen: { slot: 'A' }, claimed: { artifactName: 'board-2' }, mismatch })
    const { cause, entries } = await now(bench.client.boards.timeline({ name: NAME }))
    expect(cause).toMatchObject({ summary: `T${mismatch.slice(1)}.`, remedy: expect.stringContaining('mender_boot_part') })
    expect(entries.find(({ id }) => id === cause?.entryId)?.text).toBe('U-Boot starts the system on partition 2')
  })

  it('is the same on the command line', async () => {
    const line = (...args: string[]) => runLine(args, { command: boardCommand, client: bench.client, cwd: bench.bench.folder })
    expect((await line('list')).stdout).toMatch(
      /^updated +up +A: commit-fails +board-2 +MISMATCH: the client .* runs commit-fails +slot A +\d+/m,
    )
    expect((await line('env', NAME)).stdout).toContain('mender_boot_part=2')
    expect((await line('why', NAME)).stdout).toMatch(
      /boot +It is an update that is tried.*^commit-fails: failure$.*^The client says that board-2 is installed, but slot A runs/ms,
    )
    expect([(await line('start', 'none')).exitCode, (await line('create', 'No!')).exitCode]).toEqual([3, 2])
    expect((await line('remove', NAME)).exitCode).toBe(0)
    expect((await line('list')).stdout).toBe('No boards yet: otabench board create NAME\n')
    expect(await now(bench.client.devices.list())).toEqual([])
  })
})
