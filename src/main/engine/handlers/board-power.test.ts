import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { now } from '../../cli/live.ts'
import { BoardBench } from './board-bench.cases.ts'

const NAME = 'cut-off'
let bench: BoardBench

// A busy machine takes its time: no test here may fail because of that.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

beforeAll(async () => {
  bench = await BoardBench.open()
  await bench.start({ name: NAME })
})
afterAll(() => bench[Symbol.asyncDispose]())

async function running(): Promise<string> {
  const { seen } = await bench.board(NAME, (board) => board.state === 'up' && board.seen !== null)
  return seen?.artifactName ?? ''
}

/** It is up, the boot loader tries nothing, and what it says is what runs. */
async function isSound(artifactName: string): Promise<void> {
  const isCommitted = await bench.board(NAME, ({ state, boot, claimed }) => {
    return state === 'up' && boot?.isUpgradeAvailable === false && claimed?.artifactName === artifactName
  })
  expect(isCommitted).toMatchObject({ seen: { artifactName }, mismatch: null })
}

describe('a board whose power is cut', () => {
  it('right after its first start is the device that it was', async () => {
    const { id, lastSeenAt } = await bench.device(NAME)
    await bench.client.boards.power({ name: NAME, action: 'reset' })
    expect(await bench.device(NAME, (device) => (device.lastSeenAt ?? 0) > (lastSeenAt ?? 0) + 1)).toMatchObject({ id })
    await isSound('board-1')
  })

  // Its client begins the download anew where it had not noted the update yet, and gives it up where it had.
  it.each([
    ['as the download begins', 'early', 0],
    ['while the other slot is written', 'late', 0.6],
  ])('%s comes up on a good slot, and reports', async (_, update, share) => {
    const before = await running()
    await bench.makeUpdate(update, 'good')
    const id = await bench.order(NAME, update)
    await bench.board(NAME, ({ deployment }) => {
      const { doneBytes = 0, totalBytes = 1 } = deployment?.progress ?? {}
      return doneBytes > share * totalBytes
    })
    await bench.client.boards.power({ name: NAME, action: 'reset' })
    const { status } = await bench.ended(NAME, id)
    expect(['success', 'failure']).toContain(status)
    await isSound(status === 'success' ? update : before)
  })

  it('between reboot and commit is taken back by U-Boot, and reports', async () => {
    const before = await running()
    const { seen: old } = await bench.board(NAME)
    await bench.makeUpdate('tried', 'good')
    const id = await bench.order(NAME, 'tried')
    await bench.board(NAME, ({ seen, boot, state }) => {
      const isOther = seen !== null && seen.slot !== null && seen.slot !== old?.slot
      return isOther && boot?.isUpgradeAvailable === true && (state === 'kernel' || state === 'init')
    })
    await bench.client.boards.power({ name: NAME, action: 'reset' })
    const { status, cause } = await bench.ended(NAME, id)
    expect([status, cause?.summary]).toEqual([
      'failure',
      'The new system did not come up within the allowed boots, so the bootloader went back.',
    ])
    await isSound(before)
  })

  it('by its own switch writes its file systems before, and starts again', async () => {
    await bench.client.boards.power({ name: NAME, action: 'off' })
    expect(await bench.board(NAME)).toMatchObject({ isOn: false, state: 'off' })
    expect((await now(bench.client.boards.serial({ name: NAME }))).some(({ text }) => text.includes('reboot: Power down'))).toBe(true)
    expect((await bench.device(NAME)).card.state).toBe('off')
    await bench.client.boards.power({ name: NAME, action: 'on' })
    await bench.board(NAME, ({ state }) => state === 'up')
  })
})

it('a board whose update has no kernel goes back within the same start', async () => {
  const before = await running()
  await bench.makeUpdate('no-kernel', 'no-kernel')
  const { status, cause } = await bench.ended(NAME, await bench.order(NAME, 'no-kernel'))
  expect([status, cause?.summary]).toEqual(['failure', 'The new system has no kernel where the bootloader looks for it: /boot/vmlinuz.'])
  await isSound(before)
})

it('a board that wants signatures takes nothing that is unsigned, or signed with another key', async () => {
  const { client } = bench
  const ours = await client.keys.generate({ name: 'ours', algorithm: 'p256' })
  const other = await client.keys.generate({ name: 'other', algorithm: 'p256' })
  await client.boards.power({ name: NAME, action: 'cut' })
  await bench.start({ name: 'strict', verifyKeyId: ours.id })
  // It may have begun twice, where another program was quicker to take its TCP port.
  const { startCount } = await bench.board('strict')
  await bench.makeUpdate('unsigned', 'good')
  await bench.makeUpdate('foreign', 'good', other.id)
  await bench.makeUpdate('trusted', 'good', ours.id)
  for (const artifactName of ['unsigned', 'foreign']) {
    const { status, cause } = await bench.ended('strict', await bench.order('strict', artifactName))
    expect([artifactName, status, cause?.summary]).toEqual([artifactName, 'failure', 'The device refused the signature of the artifact.'])
  }
  expect(await bench.board('strict')).toMatchObject({ seen: { slot: 'A', artifactName: 'board-1' }, startCount })
  expect(await bench.ended('strict', await bench.order('strict', 'trusted'))).toMatchObject({ status: 'success' })
})
