import { execFileSync } from 'node:child_process'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCard } from '../../cli/commands/image.cases.ts'
import { until } from '../../cli/live.ts'
import { convertOptions } from '../../contract/convert.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

let bench: TestEngine
const at = (name: string) => join(bench.folder, name)

beforeAll(async () => {
  bench = await openTestEngine()
  makeCard(bench.folder, 'dos')
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('images and drives', () => {
  it('are looked at partition by partition, folder by folder', async () => {
    const { images } = bench.client
    const path = at('card.dos')
    expect(await images.inspect({ path })).toMatchObject({
      format: 'raw',
      facts: {
        table: { kind: 'mbr', partitions: [{ role: 'boot' }, { role: 'rootfs A' }, { role: 'rootfs B' }, { role: 'data' }] },
        boot: { partition: 2, isTrial: false },
      },
    })
    expect((await images.files({ path, partition: 4, inside: '/mender' })).map(({ name }) => name)).toEqual(['device_type'])
    expect(await images.fileText({ path, partition: 3, inside: '/etc/mender/artifact_info' })).toEqual({
      text: 'artifact_name=release-1\n',
    })
  })

  it('give out a folder as a job, and refuse to replace one', async () => {
    const { images, jobs } = bench.client
    const input = { path: at('card.dos'), partition: 4, inside: '/mender', to: at('out') }
    const { jobId } = await images.extract(input)
    await until(jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state === 'done'))
    expect(readFileSync(at('out/device_type'), 'utf8')).toBe('device_type=beaglebone\n')
    const again = await images.extract(input)
    const ended = await until(jobs.list(), (all) => all.some(({ id, state }) => id === again.jobId && state === 'failed'))
    expect(ended.find(({ id }) => id === again.jobId)?.failure).toMatchObject({ code: 'CONFLICT' })
  })

  it('that are packed are looked into after they were unpacked, until they are written anew', async () => {
    const { images, jobs } = bench.client
    execFileSync('zstd', ['-q', '-1', at('card.dos'), '-o', at('card.zst')])
    const path = at('card.zst')
    expect(await images.inspect({ path })).toEqual({ format: 'zstd', facts: null })
    const listing = { path, partition: 4, inside: '/mender' }
    expect(await images.files(listing).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT', message: `${path} is packed with zstd` })
    const converting = { options: convertOptions.parse({ image: path }), folder: bench.folder }
    const refused = () => bench.client.compose.convertPlan(converting).catch(toAppError)
    expect(await refused()).toMatchObject({ code: 'BAD_INPUT', message: `${path} is packed with zstd` })
    const { jobId } = await images.unpack({ path })
    await until(jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state === 'done'))
    expect((await images.inspect({ path })).facts?.table?.partitions).toHaveLength(4)
    expect(await images.files(listing)).toHaveLength(1)
    expect(await refused()).toMatchObject({ message: expect.stringContaining('none of its partitions is the root file system') })
    utimesSync(path, 1, 1)
    expect((await images.inspect({ path })).facts).toBeNull()
  })

  it('are told apart from artifacts and from what is no image', async () => {
    const { images } = bench.client
    writeFileSync(at('text'), 'nothing of the kind\n'.repeat(100))
    const refused = (path: string) => images.inspect({ path }).catch(toAppError)
    expect(await refused(await bench.artifactFile('a-1'))).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('artifact'),
    })
    expect(await refused(at('text'))).toMatchObject({ code: 'BAD_INPUT' })
    expect(await refused(at('none'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await images.files({ path: at('card.dos'), partition: 9, inside: '/' }).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT' })
  })
})
