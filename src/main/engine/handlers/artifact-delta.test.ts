import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import type { Job } from '../../contract/jobs.ts'
import { applyPatch } from '../artifact/delta/apply-patch.ts'
import { checkArtifact } from '../artifact/read.ts'
import { inPieces, moduleSpec, payload, wholeOf, MemorySink, STAMP } from '../artifact/samples.cases.ts'
import { writeArtifact } from '../artifact/write.ts'
import { type Engine, createEngine } from '../engine.ts'
import type { Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'

/** This machine, on which nobody gets at the second MiB of the files whose names `holds` until `letGo`. */
function hostThatHolds() {
  const host = nodeHost()
  const { promise, resolve: letGo } = Promise.withResolvers<void>()
  const holds = new Set<string>()
  const open: Host['files']['open'] = async (path, ...more) => {
    const file = await host.files.open(path, ...more)
    const read = file.read.bind(file)
    if (holds.has(basename(path)))
      vi.spyOn(file, 'read').mockImplementation(async (into, position) => {
        if (position >> 20 === 1) await promise
        return read(into, position)
      })
    return file
  }
  return { host: { ...host, files: { ...host.files, open } }, holds, letGo }
}

describe('a delta of the library', () => {
  let folder = ''
  let engine: Engine
  let client: EngineClient
  let holding: ReturnType<typeof hostThatHolds>
  const old = Uint8Array.from({ length: 700_000 }, (_, at) => Math.imul(at ^ (at >>> 7), 0x9e3779b1) >>> 13)
  const image = old.slice()
  image.fill(7, 300_000, 300_500)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-delta-'))
    holding = hostThatHolds()
    engine = await createEngine(holding.host, { dataFolder: join(folder, 'data'), http: null, https: null })
    client = createRouterClient(engine.router)
  })
  afterEach(async () => {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function ended(jobId: string): Promise<Job | undefined> {
    const isEnded = ({ id, state }: Job) => id === jobId && state !== 'running'
    return (await until(client.jobs.list(), (jobs) => jobs.some(isEnded))).find(isEnded)
  }

  async function added(name: string, content: Uint8Array, change: Parameters<typeof moduleSpec>[0] = {}): Promise<string> {
    const sink = new MemorySink()
    const spec = moduleSpec({
      ...{ name, payloadType: 'rootfs-image', files: [payload('rootfs.ext4', content)], compression: 'gzip' },
      ...{ provides: { 'rootfs-image.version': name }, checksumProvide: 'rootfs-image.checksum', ...change },
    })
    await writeArtifact(spec, sink, { stamp: STAMP })
    await writeFile(join(folder, `${name}.mender`), sink.bytes)
    const { id, jobId } = await client.artifacts.add({ path: join(folder, `${name}.mender`) })
    expect(await ended(jobId)).toMatchObject({ state: 'done' })
    return id
  }

  it('stands beside the full artifact under its name, signed, and makes its image', async () => {
    const key = await client.keys.generate({ name: 'release', algorithm: 'p256' })
    const [fromId, toId] = [await added('v1', old), await added('v2', image)]
    const { id, jobId } = await client.artifacts.delta({ fromId, toId, keyId: key.id })
    expect(await ended(jobId)).toMatchObject({ state: 'done', failure: null })
    const [full, before] = [await now(client.artifacts.show({ id: toId })), await now(client.artifacts.show({ id: fromId }))]
    const delta = await now(client.artifacts.show({ id }))
    expect(delta).toMatchObject({
      ...{ name: 'v2', payloadType: 'otabench-delta', deviceTypes: ['board'], signature: { verifiedBy: 'release' } },
      depends: { 'rootfs-image.checksum': before.files[0]?.sha256 },
      provides: full.provides,
      metaData: { base_size: old.length, image_size: image.length },
      warnings: [],
    })
    expect(delta.sizeBytes).toBeLessThan(full.sizeBytes / 10)
    expect(await client.jobs.log({ id: jobId })).toEqual([expect.stringMatching(/^full artifact \d+ bytes, delta \d+ bytes \(\d\.\d %\)$/)])

    const base = {
      read: (into: Uint8Array, position: number) => {
        into.set(old.subarray(position, position + into.length))
        return Promise.resolve(into.length)
      },
    }
    const made: Uint8Array[] = []
    await checkArtifact(inPieces(await readFile(join(folder, 'data', 'artifacts', `${id}.mender`))), {
      onPayloadFile: async (_, content) => void made.push(await wholeOf(applyPatch(content, base))),
    })
    expect(Buffer.compare(made[0] ?? new Uint8Array(0), image)).toBe(0)

    const again = await client.artifacts.delta({ fromId, toId, keyId: null }).catch(toAppError)
    expect(again).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('name: v2 is already in the library') })
  })

  it('is refused before its job starts where none can be meant', async () => {
    const fromId = await added('v1', old)
    const same = await added('v1-again', old)
    const other = await added('v2', image, { deviceTypes: ['other'] })
    const script = await added('script', image, { payloadType: 'script', checksumProvide: null })
    for (const [toId, message] of [
      [same, /hold the same image/],
      [other, /v1 is for board, the delta for other/],
      [script, /script is an artifact of type script/],
    ] as const) {
      const refused = await client.artifacts.delta({ fromId, toId, keyId: null }).catch(toAppError)
      expect(refused).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(message) })
    }
    expect(await client.artifacts.delta({ fromId, toId: 'none', keyId: null }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('says that it will not pay where nothing is the same, and leaves nothing behind but itself', async () => {
    const noise = Uint8Array.from({ length: 200_000 }, (_, at) => Math.imul(at ^ (at >>> 5), 0x85ebca6b) >>> 11)
    const [fromId, toId] = [await added('v1', old.subarray(0, 5000)), await added('v2', noise)]
    const { id, jobId } = await client.artifacts.delta({ fromId, toId, name: 'v2-delta', keyId: null })
    expect(await ended(jobId)).toMatchObject({ state: 'done' })
    expect((await client.jobs.log({ id: jobId }))[1]).toMatch(/^warning: it has \d+ % of the full artifact/)
    expect(await readdir(join(folder, 'data', 'artifacts', 'tmp'))).toEqual([])
    expect((await now(client.artifacts.show({ id }))).name).toBe('v2-delta')
  })

  it.each(['Read the old image', 'Compare with the new one'])('leaves nothing behind when it is cancelled: %s', async (step) => {
    const large = new Uint8Array(64 << 20).map((_, at) => (at >> 3) ^ (at >> 12))
    const [fromId, toId] = [
      await added('v1', large),
      await added(
        'v2',
        large.map((byte) => byte + 1),
      ),
    ]
    // The step goes no further than that: however late its job is looked at, it is in its midst.
    holding.holds.add(`${step === 'Read the old image' ? fromId : toId}.mender`)
    const { jobId } = await client.artifacts.delta({ fromId, toId, keyId: null })
    await until(client.jobs.list(), (jobs) =>
      jobs.some((job) => job.id === jobId && job.steps[job.step] === step && (job.progress?.done ?? 0) > 0),
    )
    await client.jobs.cancel({ id: jobId })
    holding.letGo()
    expect(await ended(jobId)).toMatchObject({ state: 'cancelled' })
    expect(await readdir(join(folder, 'data', 'artifacts', 'tmp'))).toEqual([])
    expect(await now(client.artifacts.list())).toHaveLength(2)
  })
})
