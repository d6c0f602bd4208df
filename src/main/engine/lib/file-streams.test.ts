import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'
import { nodeHost } from '../host.node.ts'
import { copyFile, readChunks, readWhole, replaceFile, writeAtomic } from './file-streams.ts'

const { files } = nodeHost()
const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => index % 251)
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-files-'))
  await writeFile(join(folder, 'source'), bytes)
  await mkdir(join(folder, 'a-folder'))
})
afterEach(() => rm(folder, { recursive: true }))
const names = async () => (await readdir(folder)).toSorted()

describe('a file', () => {
  it('is read whole, or between two places, and ends where it ends', async () => {
    expect(Buffer.from(await readWhole(files, join(folder, 'source'))).equals(bytes)).toBe(true)
    await using file = await files.open(join(folder, 'source'), 'read')
    for (const [start, end] of [
      [0, bytes.length],
      [1, 2],
      [300_000, 600_001],
      [699_999, 900_000],
      [800_000, 900_000],
    ] as const) {
      const chunks: Uint8Array[] = []
      for await (const chunk of readChunks(file, start, end)) chunks.push(chunk)
      expect(Buffer.concat(chunks).equals(bytes.subarray(start, end))).toBe(true)
    }
  })

  it('is replaced in one step, with its mode, and a failure leaves what was there and nothing beside it', async () => {
    const path = join(folder, 'target')
    for (const text of ['first', 'second, which is longer', 'third']) {
      await writeAtomic(files, path, new TextEncoder().encode(text), 0o600)
      expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual([text, 0o600])
    }
    expect(await writeAtomic(files, join(folder, 'a-folder'), bytes).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT' })
    expect(await writeAtomic(files, join(folder, 'none', 'target'), bytes).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await names()).toEqual(['a-folder', 'source', 'target'])
  })

  it("with a secret in it is nobody else's from the moment it is made", async () => {
    const made: number[] = []
    const open: typeof files.open = async (path, mode, permissions) => {
      const file = await files.open(path, mode, permissions)
      made.push((await stat(path)).mode & 0o777)
      return file
    }
    await writeAtomic({ ...files, open }, join(folder, 'key.pem'), bytes, 0o600)
    expect(made).toEqual([0o600])
  })

  it('never takes the place of a device or a pipe, not even of one that a link leads to', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await symlink('pipe', join(folder, 'link'))
    let isAsked = false
    for (const target of [pipe, join(folder, 'link')]) {
      const work = async () => {
        isAsked = true
      }
      expect(await replaceFile(files, target, work).catch(toAppError)).toMatchObject({
        code: 'BAD_INPUT',
        message: `${target} is a device`,
      })
    }
    expect([(await stat(pipe)).isFIFO(), isAsked]).toEqual([true, false])
  })

  it('is copied whole or not at all', async () => {
    await copyFile(files, join(folder, 'source'), join(folder, 'copy'))
    expect((await readFile(join(folder, 'copy'))).equals(bytes)).toBe(true)
    const abort = new AbortController()
    abort.abort()
    const cancelled = await copyFile(files, join(folder, 'source'), join(folder, 'other'), abort.signal).catch(toAppError)
    expect(cancelled).toMatchObject({ code: 'CANCELLED' })
    expect(await names()).toEqual(['a-folder', 'copy', 'source'])
  })
})
