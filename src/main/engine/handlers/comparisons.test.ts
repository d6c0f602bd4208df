import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import type { Comparing } from '../../contract/comparisons.ts'
import { toAppError } from '../../contract/errors.ts'
import { newArtifact } from '../../contract/new-artifact.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { MKE2FS_ENV } from '../image/test-images.cases.ts'

let bench: TestEngine
let ids: { a: string; b: string }
const path = (name: string): string => join(bench.folder, name)
const tmp = (): Promise<string[]> => readdir(join(bench.folder, 'data', 'artifacts', 'tmp'))

async function image(name: string): Promise<void> {
  await rm(path(name), { force: true })
  execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', path('tree'), path(name), '16M'], { env: MKE2FS_ENV, stdio: 'ignore' })
}

/** Writes an image into the library; answers its id. */
async function written(name: string, file: string, compression: 'none' | 'gzip'): Promise<string> {
  const input = { kind: 'rootfs-image', paths: [path(file)], name, deviceTypes: ['board'], compression, keyId: null }
  const { id, jobId } = await bench.client.artifacts.write(newArtifact.parse(input))
  await until(bench.client.jobs.list(), (jobs) => jobs.some((job) => job.id === jobId && job.state === 'done'))
  return id
}

const ended = (values: Promise<AsyncIterable<Comparing>>) => until(values, ({ state }) => state === 'done')

beforeAll(async () => {
  bench = await openTestEngine()
  await mkdir(path('tree/etc'), { recursive: true })
  await writeFile(path('tree/etc/version'), 'one\n')
  await writeFile(path('tree/etc/same'), 'same\n')
  await writeFile(path('tree/etc/tool'), 'tool\n')
  await image('v1.ext4')
  await writeFile(path('tree/etc/version'), 'two\n')
  await writeFile(path('tree/etc/new'), 'new\n')
  await chmod(path('tree/etc/tool'), 0o755)
  execFileSync('touch', ['-d', '@1000000000', path('tree/etc/same')])
  await image('v2.ext4')
  ids = { a: await written('os-v1', 'v1.ext4', 'gzip'), b: await written('os-v2', 'v2.ext4', 'none') }
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('comparing two artifacts of the library', () => {
  it('says how it goes, then what differs down to the lines of files, and leaves nothing behind', async () => {
    const seen: Comparing[] = []
    await until(
      bench.client.comparisons.ofLibrary(ids),
      ({ state }) => state === 'done',
      (value) => seen.push(value),
    )
    expect(seen.at(0)).toMatchObject({ state: 'running' })
    expect(seen.at(-1)).toMatchObject({ state: 'done', timeOnlyCount: expect.any(Number), unlistedCount: 0 })
    expect(seen.at(-1)).toMatchObject({
      comparison: {
        isSame: false,
        a: { name: 'os-v1', compression: 'gzip' },
        b: { name: 'os-v2', compression: 'none' },
        header: [{ field: 'name' }, { field: 'compression', a: 'gzip', b: 'none' }],
        payload: [
          {
            contents: {
              changes: [
                expect.objectContaining({ path: '/etc/new', change: 'added', lines: ['+new'] }),
                expect.objectContaining({ path: '/etc/tool', change: 'changed', a: expect.objectContaining({ mode: '0644' }) }),
                expect.objectContaining({ path: '/etc/version', lines: ['@@ -1 +1 @@', '-one', '+two', ' '] }),
              ],
            },
          },
        ],
      },
    })
    expect(await tmp()).toEqual([])
  })

  it('says that one has the same content as itself', async () => {
    expect(await ended(bench.client.comparisons.ofLibrary({ a: ids.a, b: ids.a }))).toMatchObject({
      comparison: { isSame: true, payload: [] },
    })
  })

  it('takes files that are not in the library, also against one that is, and keeps nothing of them', async () => {
    const file = await bench.artifactFile('elsewhere')
    const before = await now(bench.client.artifacts.list())
    const found = await ended(bench.client.comparisons.ofFiles({ a: { id: ids.a }, b: { path: file } }))
    expect(found).toMatchObject({ comparison: { a: { name: 'os-v1' }, b: { name: 'elsewhere' }, isSame: false } })
    expect(await now(bench.client.artifacts.list())).toEqual(before)
  })

  it('fails with what is wrong with either, with a hint', async () => {
    await writeFile(path('junk.mender'), 'junk')
    const { comparisons } = bench.client
    const failures = [
      [comparisons.ofLibrary({ a: ids.a, b: 'none' }), 'NOT_FOUND'],
      [comparisons.ofFiles({ a: { path: path('missing.mender') }, b: { id: ids.a } }), 'NOT_FOUND'],
      [comparisons.ofFiles({ a: { id: ids.a }, b: { path: path('junk.mender') } }), 'ARTIFACT_INVALID'],
    ] as const
    for (const [asked, code] of failures)
      expect(await ended(asked).catch(toAppError)).toMatchObject({ code, hint: expect.stringMatching(/\S/) })
    expect(await tmp()).toEqual([])
  })

  it('expands what lies outside of the library far only when it is told to', async () => {
    await image('empty.ext4')
    await truncate(path('empty.ext4'), 2 ** 26)
    const file = { path: join(bench.folder, 'data', 'artifacts', `${await written('os-empty', 'empty.ext4', 'gzip')}.mender`) }
    const { comparisons } = bench.client
    expect(await ended(comparisons.ofFiles({ a: { id: ids.a }, b: file })).catch(toAppError)).toMatchObject({ code: 'EXPANSION_LIMIT' })
    expect(await ended(comparisons.ofFiles({ a: { id: ids.a }, b: { ...file, allowExpansion: true } }))).toMatchObject({ state: 'done' })
  })

  it('stops when nobody follows it any more, and removes what it had unpacked', async () => {
    await truncate(path('v2.ext4'), 2 ** 27)
    const big = await written('os-big', 'v2.ext4', 'gzip')
    const abort = new AbortController()
    for await (const value of await bench.client.comparisons.ofLibrary({ a: big, b: ids.a }, { signal: abort.signal })) {
      if (value.state === 'done' || value.done > 0) break
    }
    abort.abort()
    await expect.poll(tmp).toEqual([])
  })
})
