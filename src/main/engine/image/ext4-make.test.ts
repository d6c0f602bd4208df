import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blankImage, complaints, contentOf, mounted, newFile, reopened, withImage } from './ext4-edit.cases.ts'
import { makeExt4 } from './ext4-make.ts'
import type { NewExt4 } from './ext4-make-frame.ts'
import { editing } from './test-images.cases.ts'

const OPTIONS: NewExt4 = {
  uuid: '3e6be9de-8139-4c9e-9106-a43f08d823a6',
  hashSeed: '8139e6be-9de3-4c9e-9106-a43f08d82aaa',
  label: 'rootfs-a',
  madeAt: 1_600_000_000_000,
}

const MB = 2 ** 20

/** The lines of dumpe2fs that say what a file system is like. */
function described(bytes: Uint8Array): Record<string, string> {
  const said = withImage(bytes, (image) =>
    execFileSync('/usr/sbin/dumpe2fs', ['-h', image], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  return Object.fromEntries([...said.matchAll(/^(.+?): +(.*)$/gm)].map(([, key = '', value = '']) => [key, value]))
}

describe('a new ext4 file system', () => {
  it.each<[string, number, Partial<NewExt4>]>([
    ['4 MiB', 4 * MB, { blockSize: 1024 }],
    ['8 MiB without a journal', 8 * MB, { hasJournal: false }],
    ['64 MiB', 64 * MB, {}],
    ['64 MiB in blocks of 1 KiB', 64 * MB, { blockSize: 1024 }],
    ['100 MiB and a bit in blocks of 2 KiB', 100 * MB + 777_777, { blockSize: 2048 }],
    ['a last group that is too small', 128 * MB + 40_960, {}],
    ['700 MiB', 700 * MB, {}],
    ['300 MiB in blocks of 1 KiB, in more groups than lie together', 300 * MB, { blockSize: 1024, bytesPerInode: 2048 }],
  ])('of %s is sound, empty and with files', async (_name, size, more) => {
    const bytes = new Uint8Array(size)
    const files = await makeExt4(editing(bytes), { ...OPTIONS, ...more })
    expect(complaints(bytes)).toBe('')
    expect((await files.list('/')).map(({ name }) => name)).toEqual(['lost+found'])
    await files.makeFolder('/etc/mender', { modifiedAt: 0, hasParents: true })
    await files.writeFile('/etc/mender/mender.conf', newFile('{}'))
    await files.writeFile('/rest', newFile(Buffer.alloc(Math.min(128 * MB, (await files.freeBytes()) - 100_000), 'r')))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect((await contentOf(await reopened(bytes), '/etc/mender/mender.conf')).toString()).toBe('{}')
  })

  it('is to dumpe2fs what mke2fs would have made of the same values', async () => {
    const bytes = new Uint8Array(600 * MB)
    await makeExt4(editing(bytes), OPTIONS)
    const ours = described(bytes)
    const theirs = described(
      blankImage('600M', '-t', 'ext4', '-b', '4096', '-U', OPTIONS.uuid, '-L', 'rootfs-a', '-E', `hash_seed=${OPTIONS.hashSeed}`),
    )
    const own = ['Free blocks', 'Overhead clusters', 'Checksum', 'Filesystem created', 'Last write time', 'Last checked', 'Lifetime writes']
    for (const key of own) delete ours[key]
    for (const key of own) delete theirs[key]
    expect(ours).toEqual(theirs)
  })

  it('has the same bytes for the same values, and others for others', async () => {
    const [one, two, three] = [new Uint8Array(16 * MB), new Uint8Array(16 * MB), new Uint8Array(16 * MB)]
    await makeExt4(editing(one), OPTIONS)
    await makeExt4(editing(two), OPTIONS)
    await makeExt4(editing(three), { ...OPTIONS, madeAt: OPTIONS.madeAt + 1000 })
    expect(Buffer.compare(one, two)).toBe(0)
    expect(Buffer.compare(one, three)).not.toBe(0)
  })

  it('is mounted by the kernel, which writes into it, and can be made larger', async () => {
    const bytes = new Uint8Array(64 * MB)
    const files = await makeExt4(editing(bytes), OPTIONS)
    await files.writeFile('/from us', newFile('hello'))
    await files.finish()
    const written = mounted(bytes, (folder) => {
      expect(readFileSync(join(folder, 'from us'), 'utf8')).toBe('hello')
      mkdirSync(join(folder, 'folder'))
      writeFileSync(join(folder, 'folder/from the kernel'), 'hello')
    })
    if (!written) return
    const after = withImage(written.bytes, (image) => {
      truncateSync(image, 400 * MB)
      execFileSync('/usr/sbin/resize2fs', ['-f', image], { stdio: 'ignore' })
      return new Uint8Array(readFileSync(image))
    })
    expect(complaints(after)).toBe('')
    expect((await contentOf(await reopened(after), '/folder/from the kernel')).toString()).toBe('hello')
  })

  it.each<[string, number, Partial<NewExt4>, RegExp]>([
    ['there is no room', 50_000, {}, /does not fit into 50000 bytes/],
    ['the UUID is none', 16 * MB, { uuid: 'rootfs' }, /"rootfs" is not a UUID/],
    ['the label is too long', 16 * MB, { label: 'the root file system' }, /longer than 16 bytes/],
  ])('is refused where %s', async (_name, size, more, message) => {
    await expect(makeExt4(editing(new Uint8Array(size)), { ...OPTIONS, ...more })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(message),
    })
  })
})
