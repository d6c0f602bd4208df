import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, toAppError } from '../../contract/errors.ts'
import { nodeHost } from '../host.node.ts'
import { type Store, openStore } from '../store/open.ts'
import { UBOOT, processesIn } from './bare-board.cases.ts'
import { Boards, cardPathIn, ubootPathIn } from './boards.ts'

let folder: string
let store: Store
let defects: AppError[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-boards-'))
  store = openStore(':memory:')
  defects = []
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

/** Boards of the folder, ended at the end of the test. */
function boardsHere(host = nodeHost()): Boards & AsyncDisposable {
  const boards = new Boards({
    ...{ host, folder, table: store.boards, onNote: () => undefined },
    server: () => ({ host: '127.0.0.1', port: 1 }),
    onDefect: (error) => defects.push(error),
  })
  return Object.assign(boards, { [Symbol.asyncDispose]: () => boards.close() })
}

/** A board without a system: U-Boot starts, and waits at its prompt. */
function bareBoard(name: string) {
  mkdirSync(join(folder, name))
  copyFileSync(UBOOT, ubootPathIn(join(folder, name)))
  writeFileSync(cardPathIn(join(folder, name)), '')
  truncateSync(cardPathIn(join(folder, name)), 64 << 20)
  return { name, mac: '52:54:00:00:00:01', memoryMiB: 128, silenceMs: 60_000, serverUrl: null, hostKey: null, createdAt: 0 }
}

/** A partition table whose logical partitions lead nowhere. */
function damagedTable(): Uint8Array {
  const sector = Buffer.alloc(512)
  sector.set([0x05], 446 + 4)
  sector.writeUInt32LE(2048, 446 + 8)
  sector.writeUInt32LE(2048, 446 + 12)
  sector.set([0x55, 0xaa], 510)
  return sector
}

describe('the virtual boards of a bench', () => {
  it('open with one whose card is damaged: nothing is known of that card', async () => {
    const made = bareBoard('hurt')
    writeFileSync(cardPathIn(join(folder, 'hurt')), damagedTable(), { flag: 'r+' })
    await using first = boardsHere()
    await first.add(made)
    expect(first.get('hurt').card).toBeNull()
    await using next = boardsHere()
    await next.open()
    expect(next.list().map(({ record, card }) => [record.name, card])).toEqual([['hurt', null]])
    writeFileSync(cardPathIn(join(folder, 'hurt')), Buffer.alloc(512), { flag: 'r+' })
    await next.power('hurt', 'cut')
    expect(next.get('hurt').card).toMatchObject({ sizeBytes: 64 << 20 })
  })

  it('have one terminal each, also when they are switched off and on again at once, and nothing is left of it', async () => {
    await using boards = boardsHere()
    await boards.add(bareBoard('lab'))
    const terminals = () => processesIn(join(folder, 'lab')).filter((words) => words.startsWith('socat')).length
    await Promise.all([boards.power('lab', 'on'), boards.power('lab', 'on')])
    await expect.poll(terminals).toBeGreaterThan(0)
    await boards.power('lab', 'cut')
    await boards.power('lab', 'on')
    await expect.poll(terminals).toBeGreaterThan(0)
    expect(terminals()).toBe(1)
    expect(store.boards.get('lab')).toMatchObject({ isOn: true })
    await boards.power('lab', 'cut')
    await expect.poll(() => processesIn(join(folder, 'lab'))).toEqual([])
    expect(store.boards.get('lab')).toMatchObject({ isOn: false })
    await boards.power('lab', 'on')
    await boards.close()
    expect(processesIn(join(folder, 'lab'))).toEqual([])
    expect(store.boards.get('lab')).toMatchObject({ isOn: true })
    expect(defects).toEqual([])
  })

  it('keep the name of one that is being removed until its machine has ended, and switch it on no more', async () => {
    await using boards = boardsHere()
    await boards.add(bareBoard('lab'))
    await boards.power('lab', 'on')
    const removed = boards.remove('lab')
    expect(() => boards.requireFree('lab')).toThrow('There is a virtual board lab already')
    await expect(boards.power('lab', 'on')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await removed
    boards.requireFree('lab')
    expect([readdirSync(folder), processesIn(join(folder, 'lab'))]).toEqual([[], []])
  })

  it('run without a terminal where none can be made, and that is told', async () => {
    const host = nodeHost()
    const refused = new AppError('PERMISSION', 'Not here', 'Elsewhere.')
    const remove: typeof host.files.remove = async (path) => {
      if (path.endsWith('.sock')) throw refused
      await host.files.remove(path)
    }
    await using boards = boardsHere({ ...host, files: { ...host.files, remove } })
    await boards.add(bareBoard('lab'))
    await boards.power('lab', 'on')
    await expect.poll(() => defects).toEqual([refused])
    expect(boards.get('lab')).toMatchObject({ hasTerminal: false, machine: { isOn: true } })
  })

  it('say what they take of this machine, and stay off where they might take more than there is', async () => {
    const host = nodeHost()
    const free = { memory: 1 << 30, disk: 1 << 30 }
    const machine = { ...host.machine, freeMemoryBytes: () => free.memory, freeBytes: async () => free.disk }
    await using boards = boardsHere({ ...host, machine })
    await boards.add(bareBoard('lab'))
    const refusal = () => boards.power('lab', 'on').then(() => null, toAppError)
    free.memory = 400 << 20
    const small = await refusal()
    expect(small).toMatchObject({ code: 'MEMORY_FULL', message: 'lab may take 480 MiB of memory with its emulator, and 400 MiB are free' })
    expect(boards.get('lab').machine.failure).toBe(small)
    Object.assign(free, { memory: 480 << 20, disk: 63 << 20 })
    expect(await refusal()).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('may still take 64 MiB, and 63 MiB are free'),
    })
    expect(boards.get('lab')).toMatchObject({ machine: { isOn: false }, takes: { memoryBytes: null, diskBytes: 1 << 20 } })
    free.disk = 64 << 20
    expect(await refusal()).toBeNull()
    await expect.poll(() => boards.get('lab').takes.memoryBytes).toBeGreaterThan(16 << 20)
  })

  it('find nothing again of what an engine that was killed had begun, and the packages that it had', async () => {
    await using first = boardsHere()
    await first.add(bareBoard('lab'))
    bareBoard('half-made')
    const left = ['.updates/an-update', '.packages/apt-a-fetch', '.ssh']
    for (const each of left) mkdirSync(join(folder, each), { recursive: true })
    for (const each of ['rootfs.ext4', 'rootfs.ext4.a-copy.new']) writeFileSync(join(folder, '.packages', each), '')
    await using next = boardsHere()
    await next.open()
    expect(readdirSync(folder).toSorted()).toEqual(['.packages', '.ssh', 'lab'])
    expect(readdirSync(join(folder, '.packages'))).toEqual(['rootfs.ext4'])
    expect(next.list().map(({ record }) => record.name)).toEqual(['lab'])
  })
})
