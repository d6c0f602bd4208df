import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blankImage, complaints, mounted, newFile } from './ext4-edit.cases.ts'
import { editExt4 } from './ext4-edit.ts'
import type { EditImage } from './file-system.ts'
import { debugfs, editing } from './test-images.cases.ts'

const CHANGED_AT = 1_750_000_000_000
const GB = 2 ** 30

/** What the kernel makes of a folder: an index that it split itself, a file with space reserved behind its end, a device, a pipe. */
function workOfTheKernel(folder: string, hasExtents: boolean): void {
  mkdirSync(join(folder, 'many'))
  for (let index = 0; index < 2500; index++) writeFileSync(join(folder, 'many', `a file of the kernel's ${index}`), `${index}`)
  writeFileSync(join(folder, 'reserved'), 'content')
  if (hasExtents) execFileSync('fallocate', ['-n', '-o', '1M', '-l', '2M', join(folder, 'reserved')])
  execFileSync('mknod', [join(folder, 'null'), 'c', '1', '3'])
  execFileSync('mkfifo', [join(folder, 'pipe')])
}

describe('an image that the kernel has written', () => {
  it.each([
    ['ext4', ['-t', 'ext4', '-b', '1024']],
    ['ext4 with inline data', ['-t', 'ext4', '-b', '4096', '-O', 'inline_data', '-I', '256']],
    ['ext3', ['-t', 'ext3', '-b', '1024']],
  ])('in %s is changed in its own indexes and maps, and read by it again', async (name, options) => {
    const start = blankImage('64M', ...options, '-N', '6000')
    const written = mounted(start, (folder) => workOfTheKernel(folder, name !== 'ext3'))
    if (!written) return
    const { bytes } = written
    expect(complaints(bytes)).toBe('')
    const files = await editExt4(editing(bytes), { changedAt: CHANGED_AT })
    for (let index = 0; index < 1500; index++) await files.writeFile(`/many/a file of ours ${index}`, newFile(`${index}`))
    for (let index = 0; index < 2500; index += 2) await files.remove(`/many/a file of the kernel's ${index}`)
    await files.writeFile('/reserved', newFile('not any more'))
    await files.remove('/null')
    await files.rename('/pipe', '/many/pipe')
    await files.finish()
    expect(complaints(bytes)).toBe('')
    mounted(bytes, (folder) => {
      const names = execFileSync('ls', ['-f', join(folder, 'many')], { encoding: 'utf8', maxBuffer: 1 << 26 })
        .trim()
        .split('\n')
      expect(new Set(names).size).toBe(1500 + 1250 + 1 + 2)
      const looked = execFileSync('sh', ['-c', 'for i in $(seq 0 1499); do cat "a file of ours $i"; echo; done'], {
        cwd: join(folder, 'many'),
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      })
      expect(looked.trim().split('\n')).toEqual(Array.from({ length: 1500 }, (_, index) => `${index}`))
    })
  })
})

describe('a file beyond 4 GiB', () => {
  it('has holes where nothing is in it, and says in the superblock that there are such files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'otabench-large-'))
    const path = join(folder, 'image')
    try {
      writeFileSync(path, '')
      truncateSync(path, 6 * GB)
      execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext2', '-b', '4096', '-N', '64', '-O', '^large_file,^resize_inode', path])
      const file = openSync(path, 'r+')
      try {
        const files = await editExt4(imageOn(file, 6 * GB), { changedAt: CHANGED_AT })
        const before = await files.freeBytes()
        await files.writeFile('/large', { sizeBytes: 4.5 * GB, content: sparse(4.5 * GB), modifiedAt: 0 })
        expect(before - (await files.freeBytes())).toBeLessThan(100_000)
        await files.finish()
      } finally {
        closeSync(file)
      }
      expect(execFileSync('/usr/sbin/e2fsck', ['-fn', path], { encoding: 'utf8' })).not.toMatch(/<n>|\? no/)
      expect(debugfs(path, 'show_super_stats -h')).toMatch(/features: .*large_file/)
      expect(debugfs(path, 'stat /large')).toMatch(/Size: 4831838208\n/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function imageOn(file: number, sizeBytes: number): EditImage {
  return {
    sizeBytes,
    read: async (position, length) => {
      const bytes = new Uint8Array(length)
      return new DataView(bytes.buffer, 0, readSync(file, bytes, 0, length, position))
    },
    write: async (position, bytes) => {
      writeSync(file, bytes, 0, bytes.length, position)
    },
  }
}

/** Something at the beginning, something at the end, and zeros between. */
async function* sparse(sizeBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const piece = new Uint8Array(2 ** 20)
  for (let at = 0; at < sizeBytes; at += piece.length) {
    piece[7] = at === 0 || at + piece.length === sizeBytes ? 1 : 0
    yield piece
  }
}
