import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openStore } from './open.ts'

it('moves what was written into the file beside the work, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-checkpoints-'))
  const path = join(folder, 'bench.db')
  const store = openStore(path)
  const add = (from: number) =>
    store.transaction(() => {
      for (let index = from; index < from + 3000; index += 1)
        store.devices.add({ id: `d${index}`, identityHash: `h${index}`, identity: { mac: `${index}`.repeat(100) }, createdAt: 1 })
    })
  for (let from = 0; store.checkpoints.waiting() < 4000; from += 3000) add(from)
  const before = statSync(path).size
  store.checkpoints.tick()
  while (store.checkpoints.waiting() > 0) await sleep(10)
  expect(statSync(path).size).toBeGreaterThan(before)
  add(1_000_000)
  await store.checkpoints.stop()
  store.close()
  expect(readdirSync(folder)).toEqual(['bench.db'])
  const again = openStore(path)
  expect(again.devices.get('d1000001')?.identity).toEqual({ mac: '1000001'.repeat(100) })
  again.close()
  rmSync(folder, { recursive: true })
})
