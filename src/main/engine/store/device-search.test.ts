import { existsSync, readdirSync, readlinkSync, renameSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deviceSearch } from './device-search.ts'
import { type Store, openStore } from './open.ts'

const SIZE = 2500

describe('a search of more devices than are searched at once', () => {
  let folder: string
  let store: Store
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-search-'))
    store = openStore(join(folder, 'bench.db'))
    store.transaction(() => {
      for (let index = 0; index < SIZE; index += 1) add(index)
    })
  })
  afterEach(async () => {
    await store.search.stop()
    store.close()
    await rm(folder, { recursive: true })
  })

  function add(index: number): void {
    const id = `device-${index}`
    store.devices.add({ id, identityHash: id, identity: { mac: `mac-${index}` }, createdAt: index })
    store.inventory.merge(id, [{ scope: 'inventory', name: 'room', value: String(index % 10) }], 1)
  }
  async function inRoom(room: string, offset = 0): Promise<{ page: number[]; total: number }> {
    const filters = [{ scope: 'inventory', attribute: 'room', type: '$eq' as const, value: room }]
    const sort = [{ scope: 'identity', attribute: 'mac', order: 'desc' as const }]
    const { page, total } = await store.search.find({ filters, text: '', alsoHolding: [], sort, offset, limit: 2 })
    return { page, total }
  }

  it('sees what was written before it was asked', async () => {
    expect(await inRoom('3')).toEqual({ page: [2494, 2484], total: 250 })
    store.inventory.merge('device-2493', [{ scope: 'inventory', name: 'room', value: 'cellar' }], 2)
    expect(await inRoom('3')).toEqual({ page: [2484, 2474], total: 249 })
    expect(await inRoom('cellar')).toEqual({ page: [2494], total: 1 })
    store.devices.remove('device-2483')
    add(SIZE + 3)
    expect(await inRoom('3')).toEqual({ page: [2504 - 3, 2474], total: 249 })
    expect(await inRoom('3', 248)).toEqual({ page: [4], total: 249 })
  })

  it('answers several at a time, while devices are written', async () => {
    const asked = Array.from({ length: 50 }, async (_, index) => {
      store.inventory.merge(`device-${index}`, [{ scope: 'inventory', name: 'room', value: 'hall' }], 2)
      return inRoom('hall')
    })
    const totals = (await Promise.all(asked)).map(({ total }) => total)
    expect(totals.filter((total, index) => total <= index)).toEqual([])
    expect(totals.at(-1)).toBe(50)
  })

  it('goes on after its thread was ended', async () => {
    expect((await inRoom('3')).total).toBe(250)
    await store.search.stop()
    store.search.tick()
    store.inventory.merge('device-3', [{ scope: 'inventory', name: 'room', value: '4' }], 2)
    expect((await inRoom('3')).total).toBe(249)
  })

  it('has one thread alone after one has failed', async () => {
    const path = join(folder, 'bench.db')
    // Each that reads the database has its log open.
    const openFiles = () => readdirSync('/proc/self/fd').map((name) => `/proc/self/fd/${name}`)
    const openings = () => openFiles().filter((each) => existsSync(each) && readlinkSync(each) === `${path}-wal`).length
    const without = openings()
    renameSync(path, `${path}.away`)
    const found = inRoom('3').catch(() => {
      renameSync(`${path}.away`, path)
      return inRoom('3')
    })
    expect((await found).total).toBe(250)
    expect(openings()).toBe(without + 1)
    await store.search.stop()
    expect(openings()).toBe(without)
  })

  it('follows a change of more devices than are looked at one by one', async () => {
    const db = new Database(join(folder, 'bench.db'))
    const search = deviceSearch(db, { here: 0, changed: 10 })
    const inHall = async () => {
      const filters = [{ scope: 'system', attribute: 'group', type: '$eq' as const, value: 'hall' }]
      return (await search.find({ filters, text: '', alsoHolding: [], sort: [], offset: 0, limit: 0 })).total
    }
    const move = db.prepare("UPDATE device SET group_name = 'hall' WHERE number <= ?")
    for (const count of [0, 10, 11, SIZE]) {
      move.run(count)
      expect(await inHall()).toBe(count)
    }
    await search.stop()
    db.close()
  })

  it('misses nothing that could not be read at first', async () => {
    const db = new Database(join(folder, 'bench.db'))
    const search = deviceSearch(db, { here: SIZE, changed: 10 })
    const filters = [{ scope: 'inventory', attribute: 'room', type: '$eq' as const, value: '3' }]
    const found = () => search.find({ filters, text: '', alsoHolding: [], sort: [], offset: 0, limit: 0 })
    expect((await found()).total).toBe(250)
    const write = db.prepare<[string, string]>('UPDATE attribute_value SET value = ? WHERE value = ?')
    write.run('damaged', '"4"')
    db.exec(`
      UPDATE attribute SET value = (SELECT id FROM attribute_value WHERE value = 'damaged')
      WHERE device = 4 AND value = (SELECT id FROM attribute_value WHERE value = '"3"')`)
    await expect(found()).rejects.toThrow('JSON')
    write.run('"4"', 'damaged')
    expect((await found()).total).toBe(249)
    db.close()
  })
})
