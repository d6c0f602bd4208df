import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import { type Engine, createEngine } from '../engine.ts'
import { nodeHost } from '../host.node.ts'
import { Ledger } from '../provision/ledger.ts'
import { openStore } from '../store/open.ts'

describe('a backup that the app makes', () => {
  let folder = ''
  let engine: Engine
  let client: EngineClient
  const target = () => join(folder, 'bench.tar')
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-backup-job-'))
    engine = await createEngine(nodeHost(), { dataFolder: join(folder, 'bench'), http: null, https: null })
    client = createRouterClient(engine.router)
    await client.keys.generate({ name: 'release', algorithm: 'p256' })
  })
  afterEach(async () => {
    await engine.close()
    await rm(folder, { recursive: true })
  })

  const ended = (id: string) => until(client.jobs.list(), (jobs) => jobs.some((job) => job.id === id && job.state !== 'running'))

  it('holds the bench, is readable for its owner alone, and leaves nothing beside it', async () => {
    const { jobId } = await client.backup.create({ path: target() })
    expect(await ended(jobId)).toContainEqual(expect.objectContaining({ id: jobId, kind: 'backup', state: 'done' }))
    expect((await stat(target())).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).toSorted()).toEqual(['bench', 'bench.tar'])

    const dataFolder = join(folder, 'other')
    const request = { dataFolder, isReplaceAllowed: false, signal: AbortSignal.timeout(60_000) }
    await restoreBackup({ ...request, files: nodeHost().files, source: target() })
    const other = await createEngine(nodeHost(), { dataFolder, http: null, https: null })
    const keys = await now(createRouterClient(other.router).keys.list())
    await other.close()
    expect(keys).toEqual(await now(client.keys.list()))
  })

  it('holds the numbers that were given, so that a restored bench gives none twice', async () => {
    const rule = { series: 'SN', pattern: 'SN-{000}', from: 1, whenFailed: 'void' } as const
    using ledger = Ledger.open(join(folder, 'bench', 'provision.db'), () => 1000)
    ledger.end(ledger.hold(rule, '52:54:00:00:00:01'), 'given')
    const { jobId } = await client.backup.create({ path: target() })
    await ended(jobId)
    expect((await readdir(folder)).toSorted()).toEqual(['bench', 'bench.tar'])

    const dataFolder = join(folder, 'other')
    const request = { dataFolder, isReplaceAllowed: false, signal: AbortSignal.timeout(60_000) }
    await restoreBackup({ ...request, files: nodeHost().files, source: target() })
    using restored = Ledger.open(join(dataFolder, 'provision.db'), () => 2000)
    expect(restored.hold(rule, '52:54:00:00:00:02').value).toBe('SN-002')
  })

  it('can be cancelled, and then there is no file', async () => {
    const { jobId } = await client.backup.create({ path: target() })
    await client.jobs.cancel({ id: jobId })
    expect(await ended(jobId)).toContainEqual(expect.objectContaining({ id: jobId, state: 'cancelled' }))
    expect(await readdir(folder)).toEqual(['bench'])
  })

  it('is asked for on this machine alone', async () => {
    const afar = createRouterClient(engine.router, { context: { isRemote: true } })
    await expect(afar.backup.create({ path: target() })).rejects.toMatchObject({ code: 'PERMISSION' })
  })
})

it('copies a database while its own connection goes on writing, and other turns are taken meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-copy-'))
  const store = openStore(join(folder, 'bench.db'))
  for (let at = 0; at < 40; at += 1) store.settings.set(`filler ${at}`, 'x'.repeat(250_000))
  const copying = store.copyTo(join(folder, 'copy.db'), AbortSignal.timeout(60_000))
  let turns = 0
  const copied = copying.then(() => true)
  while (!(await Promise.race([copied, new Promise<false>((resolve) => setImmediate(resolve, false))]))) {
    turns += 1
    store.settings.set('turns', String(turns))
  }
  store.close()
  expect(turns).toBeGreaterThan(1)
  expect((await readdir(folder)).toSorted()).toEqual(['bench.db', 'copy.db'])
  const copy = openStore(join(folder, 'copy.db'))
  expect(Number(copy.settings.get('turns', z.string()))).toBeGreaterThan(0)
  copy.close()
  await rm(folder, { recursive: true })
})
