import { createRouterClient } from '@orpc/server'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { readCast } from '../../contract/asciicast.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { createEngine } from '../engine.ts'
import { nodeHost } from '../host.node.ts'
import { restoreBackup } from './restore-backup.ts'

describe('the recordings of terminals', () => {
  let bench: TestEngine
  let deviceId: string
  beforeEach(async () => {
    bench = await openTestEngine()
    deviceId = (await bench.addDevice('02:00:00:00:00:01', {}, { hasConnect: true })).id
    await until(bench.client.devices.list(), ([each]) => each?.connection.state === 'connected')
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  /** Opens a terminal and types a line; answers once it is shown. */
  async function work(text: string, signal: AbortSignal): Promise<{ ended: Promise<void> }> {
    const isTyped = Promise.withResolvers<void>()
    const ended = (async () => {
      let seen = ''
      for await (const event of await bench.client.remote.terminal({ deviceId, columns: 80, rows: 24 }, { signal })) {
        if (event.kind === 'opened')
          await bench.client.remote.type({ terminalId: event.terminalId, data: Buffer.from(`echo ${text}\n`).toString('base64') })
        if (event.kind === 'output') seen += Buffer.from(event.data, 'base64').toString()
        if (seen.includes(`\n${text}`)) isTyped.resolve()
      }
    })().catch(() => undefined)
    await isTyped.promise
    return { ended }
  }

  const textsOf = (cast: string): string =>
    readCast(cast)
      .events.flatMap(({ kind, text }) => (kind === 'output' ? [text] : []))
      .join('')

  /** Backs the bench up while it runs, restores it beside, and answers what that one has. */
  async function throughBackup(): Promise<{ id: string; shown: string }[]> {
    const source = join(bench.folder, 'copy.tar')
    const { jobId } = await bench.client.backup.create({ path: source })
    const jobs = await until(bench.client.jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state !== 'running'))
    expect(jobs.find(({ id }) => id === jobId)).toMatchObject({ state: 'done' })
    const dataFolder = join(bench.folder, 'other')
    await restoreBackup({ files: nodeHost().files, source, dataFolder, isReplaceAllowed: false, signal: AbortSignal.timeout(60_000) })
    const other = await createEngine(nodeHost(), { dataFolder, http: null, https: null })
    try {
      const client = createRouterClient(other.router)
      const recordings = await now(client.recordings.list())
      return await Promise.all(
        recordings.map(async ({ id }) => ({
          id,
          shown: await client.recordings.read({ id }).then(
            ({ cast }) => textsOf(cast),
            (thrown: unknown) => toAppError(thrown).message,
          ),
        })),
      )
    } finally {
      await other.close()
    }
  }

  it('are in a backup, one that goes on as far as it has come', async () => {
    const first = new AbortController()
    const { ended } = await work('a-first-terminal', first.signal)
    first.abort()
    await ended
    const second = new AbortController()
    const { ended: going } = await work('a-second-terminal', second.signal)
    const all = await until(bench.client.recordings.list(), (list) => list.filter(({ isRunning }) => isRunning).length === 1)
    expect(all.map(({ isRunning }) => isRunning)).toEqual([true, false])
    // What is shown is in the file within a second, or when somebody reads it.
    await bench.client.recordings.read({ id: all[0]?.id ?? '' })
    const restored = await throughBackup()
    expect(restored.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect(restored.map(({ shown }) => shown)).toEqual([
      expect.stringContaining('a-second-terminal'),
      expect.stringContaining('a-first-terminal'),
    ])
    second.abort()
    await going
  })

  it('are left out where their files are gone, and the rest comes back, as from a backup that held none', async () => {
    const stop = new AbortController()
    const { ended } = await work('a-lost-terminal', stop.signal)
    stop.abort()
    await ended
    await until(bench.client.recordings.list(), ([each]) => each !== undefined && !each.isRunning)
    await rm(join(bench.folder, 'data', 'recordings'), { recursive: true })
    expect(await throughBackup()).toEqual([{ id: expect.any(String), shown: 'The file of this recording is not here' }])
  })
})
