import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { fakeHost } from '../host.fake.ts'
import { type ArtifactFiles, openArtifactFiles } from './artifact-files.ts'
import { openStore, type Store } from './open.ts'
import { type SetAside, openSetAside } from './set-aside.ts'

const content: ArtifactContent = {
  ...{ formatVersion: 3, name: 'v1', group: null, deviceTypes: ['board'], payloadType: 'script', compression: 'none' },
  ...{ dependsNames: [], dependsGroups: [], provides: {}, depends: {}, clearsProvides: null, scripts: [], metaData: null },
  ...{ files: [], signature: { present: false, verifiedBy: null }, warnings: [] },
}

async function* once(): AsyncGenerator<Uint8Array, void, void> {
  yield await Promise.resolve(Uint8Array.of(1, 2, 3))
}

describe('an artifact that is set aside', () => {
  const host = fakeHost()
  let store: Store
  let library: ArtifactFiles
  let aside: SetAside
  let endOfTime: (() => void)[]

  const open = async (): Promise<void> => {
    library = await openArtifactFiles({
      ...{ files: host.files, store, folder: '/artifacts' },
      check: async (chunks) => {
        for await (const _ of chunks);
        return { ...content, sizeBytes: 3, sha256: 'sum' }
      },
    })
    const clock = {
      now: () => 0,
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          endOfTime.push(resolve)
          signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    }
    aside = openSetAside({ files: host.files, store, clock, artifactFiles: library, folder: '/artifacts/tmp' })
  }
  const add = async (id: string) => (await library.stage(once())).keep({ id, description: 'first light', addedAt: 7 })
  const files = async () => [...(await host.files.list('/artifacts')), ...(await host.files.list('/artifacts/tmp'))].toSorted()

  beforeEach(async () => {
    endOfTime = []
    store = openStore(':memory:')
    await host.files.remove('/artifacts')
    await open()
  })
  afterEach(() => store.close())

  it('is in no list, and comes back as it was', async () => {
    await add('a')
    const [before] = store.artifacts.list()
    if (before) await aside.remove(before)
    expect(store.artifacts.list()).toEqual([])
    await aside.putBack('a')
    expect(store.artifacts.list()).toEqual([before])
    expect((await Array.fromAsync(library.read('a'))).map((chunk) => [...chunk])).toEqual([[1, 2, 3]])
    await expect(aside.putBack('a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is gone with its file when its time is over', async () => {
    await aside.remove(await add('a'))
    endOfTime[0]?.()
    await expect.poll(files).toEqual(['tmp'])
    await expect(aside.putBack('a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('stays removed when the bench is stopped or killed, and leaves nothing on the disk', async () => {
    await aside.remove(await add('a'))
    await aside[Symbol.asyncDispose]()
    expect(await files()).toEqual(['tmp'])
    await aside.remove(await add('b'))
    await open()
    expect(store.artifacts.list()).toEqual([])
    expect(await files()).toEqual(['tmp'])
  })

  it('does not push out one that took its place, and can be put back when that is gone', async () => {
    await aside.remove(await add('a'))
    await add('b')
    await expect(aside.putBack('a')).rejects.toMatchObject({ code: 'CONFLICT' })
    await library.remove('b')
    await aside.putBack('a')
    expect(store.artifacts.list()).toMatchObject([{ id: 'a' }])
  })

  it('does not push out one that comes while it is put back, and is put back once', async () => {
    const artifact = await add('a')
    await aside.remove(artifact)
    const putting = aside.putBack('a')
    store.artifacts.add({ ...artifact, id: 'b' })
    await expect(putting).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(store.artifacts.list()).toMatchObject([{ id: 'b' }])
    store.artifacts.remove('b')
    const [first, second] = await Promise.allSettled([aside.putBack('a'), aside.putBack('a')])
    expect([first, second]).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'NOT_FOUND' } }])
    expect(store.artifacts.list()).toMatchObject([{ id: 'a' }])
  })
})
