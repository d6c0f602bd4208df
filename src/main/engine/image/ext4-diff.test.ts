import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileChange } from '../../contract/comparisons.ts'
import { diffExt4 } from './ext4-diff.ts'
import { Ext4 } from './ext4-read.ts'
import { change, makeImage, over } from './test-images.cases.ts'

async function differences(a: Uint8Array, b: Uint8Array, signal?: AbortSignal): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for await (const each of diffExt4(await Ext4.open(over(a)), await Ext4.open(over(b)), { signal })) changes.push(each)
  return changes
}

describe('comparing two images', () => {
  let folder: string
  let image: string
  let good: Uint8Array

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-ext4-diff-'))
    image = join(folder, 'image')
    const tree = join(folder, 'tree')
    mkdirSync(join(tree, 'a/b/c'), { recursive: true })
    writeFileSync(join(tree, 'a/b/c/deep'), 'deep')
    writeFileSync(join(tree, 'empty'), '')
    writeFileSync(join(tree, 'file'), 'content'.repeat(1000))
    for (const name of ['a/b/c/deep', 'empty', 'file', 'a/b/c', 'a/b', 'a', '']) utimesSync(join(tree, name), 1000, 1000)
    good = makeImage(image, tree, '-t', 'ext4', '-b', '1024')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('finds no difference between an image and itself, nor between layouts of one tree', async () => {
    expect(await differences(good, good)).toEqual([])
    const other = makeImage(join(folder, 'other'), join(folder, 'tree'), '-t', 'ext2', '-b', '4096')
    expect((await differences(good, other)).filter(({ path }) => path !== '/lost+found')).toEqual([])
  })

  it('names each kind of difference by its field', async () => {
    const requests = ['sif /file uid 70000', 'sif /empty gid 5', 'sif /a mode 040700', 'sif /a/b mtime 1001', 'sif /a/b/c/deep size 3']
    const changes = await differences(good, change(image, ...requests))
    expect(changes.map(({ path, differs }) => [path, differs])).toEqual([
      ['/a', ['mode']],
      ['/empty', ['gid']],
      ['/file', ['uid']],
      ['/a/b', ['modifiedAt']],
      ['/a/b/c/deep', ['sizeBytes', 'sha256']],
    ])
  })

  it('refuses folders that lead back into themselves', async () => {
    const loop = Uint8Array.from(change(image, 'ln /a /a/b/c/again'))
    await expect(differences(loop, loop)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining('in two places'),
    })
  })

  it('stops when it is told to', async () => {
    await expect(differences(good, good, AbortSignal.abort())).rejects.toThrow(/abort/)
  })

  it('ends with differences or a typed error, whatever one of them says', async () => {
    const damage = array(tuple(nat(200_000), nat(255)), { minLength: 1, maxLength: 200 })
    await assert(
      asyncProperty(damage, async (spots) => {
        const bytes = Uint8Array.from(good)
        for (const [at, value] of spots) bytes[1024 + at] = value
        await differences(good, bytes).catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'ARTIFACT_INVALID' }))
      }),
      { numRuns: 60 },
    )
  })
})
