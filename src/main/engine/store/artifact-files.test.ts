import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { fakeHost } from '../host.fake.ts'
import { readWhole } from '../lib/file-streams.ts'
import { type ArtifactCheck, openArtifactFiles } from './artifact-files.ts'
import { openStore } from './open.ts'

const FOLDER = '/data/artifacts'
const named = (id: string) => ({ id, description: '', addedAt: 1 })

/** An artifact is a text of the form `name type type`. */
const check: ArtifactCheck = async (chunks) => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  const [name = '', ...deviceTypes] = Buffer.concat(parts).toString().split(' ')
  if (name === 'bad') throw new AppError('ARTIFACT_INVALID', 'bad')
  const content: ArtifactContent = {
    ...{ name, deviceTypes, formatVersion: 3, group: null, payloadType: null, compression: 'none', clearsProvides: null, metaData: null },
    ...{ dependsNames: [], dependsGroups: [], provides: {}, depends: {}, scripts: [], files: [], warnings: [] },
    signature: { present: false, verifiedBy: null },
  }
  return { ...content, sizeBytes: Buffer.concat(parts).length, sha256: 'c'.repeat(64) }
}

describe('the files of the library', () => {
  let host: ReturnType<typeof fakeHost>
  let store: ReturnType<typeof openStore>
  beforeEach(() => {
    host = fakeHost()
    store = openStore(':memory:')
  })
  afterEach(() => store.close())

  const open = () => openArtifactFiles({ files: host.files, store, folder: FOLDER, check })
  const onDisk = async () => [
    ...(await host.files.list(FOLDER)).filter((name) => name !== 'tmp'),
    ...(await host.files.list(`${FOLDER}/tmp`)),
  ]

  async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array, void, void> {
    for (const text of texts) yield new TextEncoder().encode(text)
  }

  it('show an artifact when its bytes are checked and on disk, not before', async () => {
    const files = await open()
    {
      await using staged = await files.stage(chunksOf('v1 bo', 'ard'))
      expect(staged.content).toMatchObject({ name: 'v1', deviceTypes: ['board'] })
      expect(store.artifacts.list()).toEqual([])
      await staged.keep(named('a'))
    }
    expect(await onDisk()).toEqual(['a.mender'])
    expect(new TextDecoder().decode(await readWhole(host.files, files.path('a')))).toBe('v1 board')
    expect(store.artifacts.get('a')).toMatchObject({ sizeBytes: 8, sha256: 'c'.repeat(64) })
    expect(await Array.fromAsync(files.readPart('a', 3, 5))).toEqual([new TextEncoder().encode('bo')])
  })

  it('keep nothing that nobody kept', async () => {
    const files = await open()
    {
      await using staged = await files.stage(chunksOf('v1 board'))
      expect(staged.content.name).toBe('v1')
    }
    expect(await onDisk()).toEqual([])
  })

  it('keep nothing of a bad artifact, of a stream that breaks and of a full disk', async () => {
    const files = await open()
    await expect(files.stage(chunksOf('bad x'))).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
      yield* chunksOf('v1')
      throw new Error('connection lost')
    }
    await expect(files.stage(breaking())).rejects.toThrow('connection lost')
    host.files.roomBytes = 3
    await expect(files.stage(chunksOf('v1 ', 'board'))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(await onDisk()).toEqual([])
  })

  it('refuse a second artifact of the same name and device type, also when both come at once', async () => {
    const files = await open()
    const staged = await Promise.all(['v1 a b', 'v1 b c', 'v1 c'].map((text) => files.stage(chunksOf(text))))
    const kept = await Promise.allSettled(staged.map((each, index) => each.keep(named(String(index)))))
    await Promise.all(staged.map((each) => each[Symbol.asyncDispose]()))
    expect(kept.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(kept[1]).toMatchObject({ reason: { code: 'CONFLICT', message: expect.stringContaining('for b is already') } })
    expect(await onDisk()).toEqual(['0.mender', '2.mender'])
  })

  it('are cleared at the start of what an interrupted run has left, and of nothing else', async () => {
    const first = await open()
    await using staged = await first.stage(chunksOf('v1 a'))
    await staged.keep(named('a'))
    await first.stage(chunksOf('v2 a'))
    for (const name of ['orphan.mender', 'note.txt']) await host.files.open(`${FOLDER}/${name}`, 'create')
    await open()
    expect(await onDisk()).toEqual(['a.mender', 'note.txt'])
  })

  it('go with the artifact', async () => {
    const files = await open()
    await using staged = await files.stage(chunksOf('v1 a'))
    await staged.keep(named('a'))
    await files.remove('a')
    expect(await onDisk()).toEqual([])
    expect(store.artifacts.list()).toEqual([])
  })
})
