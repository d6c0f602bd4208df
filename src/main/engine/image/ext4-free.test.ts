import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freeInExt } from './ext4-free.ts'
import type { ReadImage } from './image-bytes.ts'
import type { Range } from './ranges.ts'
import { makeImage, over } from './test-images.cases.ts'

/** Of all groups. */
async function all(read: ReadImage): Promise<Range[]> {
  const free: Range[] = []
  for await (const stretch of freeInExt(read)) free.push(...stretch.free)
  return free
}

describe('free space of ext2, 3 and 4', () => {
  let folder: string
  const image = () => join(folder, 'image')
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-free-'))
    mkdirSync(join(folder, 'tree'))
    for (let index = 0; index < 40; index++) writeFileSync(join(folder, `tree/${index}`), Buffer.alloc(index * 5000, index + 1))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    '-t ext2',
    '-t ext2 -b 1024',
    '-t ext2 -r 0',
    '-t ext3 -b 2048',
    '-t ext4 -b 1024 -g 1024',
    '-t ext4 -b 1024 -O sparse_super2',
    '-t ext4 -b 1024 -O meta_bg,^resize_inode,metadata_csum_seed',
    '-t ext4 -b 1024 -O ^flex_bg,^metadata_csum,uninit_bg',
    '-t ext4 -O ^64bit,quota,project,mmp',
  ])('is what dumpe2fs lists: %s', async (options) => {
    const bytes = makeImage(image(), join(folder, 'tree'), ...options.split(' '))
    const said = execFileSync('/usr/sbin/dumpe2fs', [image()], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const theirs = [...said.matchAll(/^ {2}Free blocks: (.+)$/gm)].flatMap(([, list = '']) =>
      list.split(', ').flatMap((range) => {
        const [first = 0, last = first] = range.split('-').map(Number)
        return Array.from({ length: last - first + 1 }, (_, index) => first + index)
      }),
    )
    const blockBytes = Number(/^Block size: +(\d+)/m.exec(said)?.[1])
    const mine = (await all(over(bytes))).flatMap(({ start, end }) =>
      Array.from({ length: (end - start) / blockBytes }, (_, index) => start / blockBytes + index),
    )
    expect(mine.length).toBeGreaterThan(1000)
    expect(mine).toEqual(theirs)
  })

  it('is not said of a file system with clusters, nor of one that was not unmounted', async () => {
    const clusters = makeImage(image(), join(folder, 'tree'), '-t', 'ext4', '-O', 'bigalloc')
    await expect(all(over(clusters))).rejects.toThrow('the feature bigalloc')
    const mounted = makeImage(image(), join(folder, 'tree'), '-t', 'ext2')
    mounted[1024 + 0x3a] = 0
    await expect(all(over(mounted))).rejects.toThrow('not unmounted cleanly')
  })
})
