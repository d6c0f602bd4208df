import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { blankImage, complaints, contentOf, mounted, newFile, reopened, withImage } from './ext4-edit.cases.ts'
import { Checksums, seal } from './ext4-checksum.ts'
import { editExt4 } from './ext4-edit.ts'
import { featuresOf } from './ext4-features.ts'
import type { EditImage } from './file-system.ts'
import { change, debugfs, editing } from './test-images.cases.ts'

const CHANGED_AT = 1_750_000_000_000
const open = (bytes: Uint8Array) => editExt4(editing(bytes), { changedAt: CHANGED_AT })
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const MANY = 5000
const fileName = (index: number) => `${'a file of many '.repeat(1 + (index % 4))}${index} ü`

describe('folders of thousands', () => {
  it.each<[string, string[], string[], string | null]>([
    ['with an index', ['-t', 'ext4', '-b', '1024'], [], 'Indirect levels: 1'],
    [
      'with an index by TEA and unsigned bytes',
      ['-t', 'ext4', '-b', '4096'],
      ['set_super_value def_hash_version tea', 'set_super_value flags 2'],
      'Hash Version: 2',
    ],
    [
      'with an index by the old hash, without checksums',
      ['-t', 'ext3', '-b', '4096'],
      ['set_super_value def_hash_version legacy'],
      'Hash Version: 0',
    ],
    ['as a list', ['-t', 'ext2', '-b', '4096', '-O', '^dir_index'], [], null],
  ])('%s are found in by the kernel, name by name, and emptied again', async (_name, options, requests, index) => {
    const blank = blankImage('48M', ...options, '-N', '8000')
    const bytes = withImage(blank, (image) => change(image, ...requests))
    const files = await open(bytes)
    await files.makeFolder('/many', { modifiedAt: 0 })
    for (let each = 0; each < MANY; each++) await files.writeFile(`/many/${fileName(each)}`, newFile(`${each}`))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    if (index !== null) expect(withImage(bytes, (image) => debugfs(image, 'htree_dump /many'))).toContain(index)
    const kernel = mounted(bytes, (folder) => {
      for (let each = 0; each < MANY; each += 2) expect(statSync(join(folder, 'many', fileName(each))).size).toBe(`${each}`.length)
      writeFileSync(join(folder, 'many', 'by the kernel'), 'x')
      return readdirSync(join(folder, 'many')).length
    })
    if (kernel) expect(kernel.seen).toBe(MANY + 1)
    for (let each = 0; each < MANY; each++) await files.remove(`/many/${fileName(each)}`)
    expect(await files.list('/many')).toEqual([])
    await files.remove('/many')
    await files.finish()
    expect(complaints(bytes)).toBe('')
  })
})

describe('files of any size', () => {
  it('of 100 MB are replaced, and taken out by debugfs as they were put in', async () => {
    const bytes = blankImage('300M', '-t', 'ext4')
    const files = await open(bytes)
    const content = Buffer.alloc(100_000_000)
    for (let at = 0; at < content.length; at += 4) content.writeInt32LE((at * 48_271) | 0, at)
    await files.writeFile('/big', newFile('small'))
    await files.writeFile('/big', newFile(content))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    withImage(bytes, (image, folder) => {
      debugfs(image, `dump /big ${join(folder, 'out')}`)
      expect(sha256(readFileSync(join(folder, 'out')))).toBe(sha256(content))
    })
  })

  it('beyond what there is room for, or what the format has numbers for, are refused before', async () => {
    const bytes = blankImage('16M', '-t', 'ext2', '-b', '4096', '-O', '^large_file')
    const files = await open(bytes)
    await expect(files.writeFile('/huge', newFile('', { sizeBytes: 5 * 2 ** 30 }))).rejects.toMatchObject({ code: 'DISK_FULL' })
    await expect(files.writeFile('/huge', newFile('', { sizeBytes: 5 * 2 ** 43 }))).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await files.finish()
    expect(complaints(bytes)).toBe('')
  })

  it('lie in pieces where nothing else is free, with trees of extents and blocks of pointers deep enough', async () => {
    for (const options of [
      ['-t', 'ext4', '-b', '1024', '-O', '^has_journal'],
      ['-t', 'ext2', '-b', '1024'],
    ]) {
      const bytes = blankImage('8M', ...options, '-N', '4000')
      const files = await open(bytes)
      for (let index = 0; index < 3000; index++) await files.writeFile(`/${index}`, newFile('12345'))
      for (let index = 0; index < 3000; index += 2) await files.remove(`/${index}`)
      const size = (await files.freeBytes()) - 100_000
      const content = Buffer.alloc(size, 'comb')
      await files.writeFile('/combed', newFile(content))
      await files.finish()
      expect(complaints(bytes)).toBe('')
      expect(sha256(await contentOf(await reopened(bytes), '/combed'))).toBe(sha256(content))
      await files.remove('/combed')
      await files.finish()
      expect(complaints(bytes)).toBe('')
    }
  })

  it('fill the image to its last block, and no further', async () => {
    for (const options of [
      ['-t', 'ext4'],
      ['-t', 'ext2', '-b', '1024'],
      ['-t', 'ext4', '-b', '1024', '-O', 'inline_data,^64bit'],
    ]) {
      const bytes = blankImage('8M', ...options)
      const files = await open(bytes)
      const before = await files.freeBytes()
      let count = 0
      let failure: unknown = null
      for (; failure === null; count++)
        failure = await files.writeFile(`/${count}`, newFile(Buffer.alloc(300_000, 'x'))).then(
          () => null,
          (thrown: unknown) => thrown,
        )
      expect(failure).toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringMatching(/^\/\d+ needs 3\d{5} bytes; .* has \d+ bytes free$/),
      })
      const left = await files.freeBytes()
      expect(left).toBeLessThan(310_000)
      expect(await files.stat(`/${count - 1}`)).toBe(null)
      // The new content of a file may take the place of the old one.
      await files.writeFile('/0', newFile(Buffer.alloc(299_000 + left - 4096, 'y')))
      await files.finish()
      expect(complaints(bytes)).toBe('')
      expect((await contentOf(await reopened(bytes), '/0')).includes('x')).toBe(false)
      for (let index = 0; index < count - 1; index++) await files.remove(`/${index}`)
      expect(await files.freeBytes()).toBe(before)
      await files.finish()
      expect(complaints(bytes)).toBe('')
    }
  })
})

describe('what was there before', () => {
  it('is there still when the source of new content fails, or no inode is left', async () => {
    const bytes = blankImage('16M', '-t', 'ext4', '-b', '1024', '-N', '16')
    const files = await open(bytes)
    await files.writeFile('/kept', newFile('content that is kept'))
    const failing = async function* () {
      yield Buffer.alloc(3_000_000, 'x')
      throw new Error('the card was pulled')
    }
    for (const path of ['/kept', '/new'])
      await expect(files.writeFile(path, { sizeBytes: 4_000_000, content: failing(), modifiedAt: 0 })).rejects.toThrow(
        'the card was pulled',
      )
    let failure: unknown = null
    for (let count = 0; failure === null; count++)
      failure = await files.makeFolder(`/${count}`, { modifiedAt: 0 }).then(
        () => null,
        (thrown: unknown) => thrown,
      )
    expect(failure).toMatchObject({ code: 'DISK_FULL', message: expect.stringMatching(/no inode left/) })
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect((await contentOf(await reopened(bytes), '/kept')).toString()).toBe('content that is kept')
    expect(await files.stat('/new')).toBe(null)
  })

  it('keeps its names, its times beyond 2038 and its attributes when its content is replaced', async () => {
    const bytes = blankImage('16M', '-t', 'ext4', '-I', '256')
    const first = await open(bytes)
    await first.writeFile('/a', newFile('content'))
    await first.finish()
    const prepared = withImage(bytes, (image) => change(image, 'ea_set /a user.note "a value"', 'ln /a /again', 'sif /a links_count 2'))
    const files = await open(prepared)
    await files.writeFile('/a', newFile('new content', { modifiedAt: 8_000_000_000_000 }))
    await files.finish()
    expect(complaints(prepared)).toBe('')
    const said = withImage(prepared, (image) => [debugfs(image, 'stat /a'), debugfs(image, 'ea_list /again'), debugfs(image, 'cat /again')])
    expect(said[0]).toMatch(/Links: 2 .*mtime: 0xdcd65000:00000002 -- .* 2223/s)
    expect(said[1]).toContain('user.note (7)')
    expect(said[2]).toBe('new content')
    await files.remove('/a')
    await files.finish()
    expect(complaints(prepared)).toBe('')
  })

  it('has attributes in a block that others share: the block goes with the last of them', async () => {
    const bytes = blankImage('16M', '-t', 'ext4', '-I', '256', '-b', '1024')
    const first = await open(bytes)
    for (const name of ['a', 'b']) await first.writeFile(`/${name}`, newFile('content'))
    const before = await first.freeBytes()
    await first.finish()
    const shared = withImage(bytes, (image, folder) => {
      writeFileSync(join(folder, 'value'), 'v'.repeat(600))
      change(image, `ea_set -f ${join(folder, 'value')} /a user.long`)
      const [, block = ''] = /File ACL: (\d+)/.exec(debugfs(image, 'stat /a')) ?? []
      const changed = new Uint8Array(change(image, `sif /b file_acl ${block}`, 'sif /b blocks 4'))
      const view = new DataView(changed.buffer, Number(block) * 1024, 1024)
      view.setUint32(4, 2, true)
      const superblock = new DataView(changed.buffer, 1024, 1024)
      seal(new Checksums(superblock, featuresOf(superblock)).attributes(view, Number(block)))
      return changed
    })
    expect(complaints(shared)).toBe('')
    const files = await open(shared)
    expect(await files.freeBytes()).toBe(before - 1024)
    for (const [name, left] of [
      ['a', before - 1024 + 1024],
      ['b', before + 2048],
    ] as const) {
      await files.remove(`/${name}`)
      await files.finish()
      expect(await files.freeBytes()).toBe(left)
      expect(complaints(shared)).toBe('')
    }
  })

  it('in an image of mender-artifact stays as it is, beside what is new', async () => {
    const path = '../shared/fixtures/mender_test.img'
    if (!existsSync(path)) return console.log(`${path} is not there: nothing was changed in it`)
    const bytes = new Uint8Array(readFileSync(path))
    const files = await open(bytes)
    const before = (await files.list('/')).map(({ name }) => name)
    await files.writeFile('/new', newFile('new'))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect((await (await reopened(bytes)).list('/')).map(({ name }) => name)).toEqual([...before, 'new'].toSorted())
  })
})

describe('damaged images', () => {
  it.each([
    ['ext4', ['-t', 'ext4', '-b', '1024', '-I', '256']],
    ['ext4 without checksums', ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum,inline_data', '-I', '256']],
    ['ext2', ['-t', 'ext2', '-b', '1024']],
  ])('in %s end in a typed error or in nothing, and nothing is written outside', async (_name, options) => {
    const good = blankImage('2M', ...options, '-N', '64')
    const first = await open(good)
    await first.makeFolder('/etc/mender', { modifiedAt: 0, hasParents: true })
    for (let index = 0; index < 20; index++)
      await first.writeFile(`/etc/mender/a file of some length ${index}`, newFile('x'.repeat(index * 300)))
    await first.finish()
    const damage = array(tuple(nat(150_000), nat(255)), { minLength: 1, maxLength: 200 })
    await assert(
      asyncProperty(damage, async (changes) => {
        const bytes = new Uint8Array(good)
        for (const [at, value] of changes) bytes[1024 + at] = value
        await workOver(bytes).catch((thrown: unknown) => {
          expect(thrown).toBeInstanceOf(AppError)
          expect(thrown).toMatchObject({ code: expect.stringMatching(/^(ARTIFACT_INVALID|BAD_INPUT|NOT_FOUND|CONFLICT|DISK_FULL)$/) })
        })
      }),
      { numRuns: 100 },
    )
  })
})

async function workOver(bytes: Uint8Array): Promise<void> {
  const image: EditImage = {
    ...editing(bytes),
    write: async (position, part) => {
      expect(position >= 0 && position + part.length <= bytes.length).toBe(true)
      bytes.set(part, position)
    },
  }
  const files = await editExt4(image, { changedAt: CHANGED_AT })
  await files.writeFile('/etc/mender/a file of some length 3', newFile('y'.repeat(5000)))
  await files.remove('/etc/mender/a file of some length 4')
  await files.rename('/etc/mender', '/mender')
  await files.makeFolder('/mender/below', { modifiedAt: 0 })
  await files.remove('/mender', { isRecursive: true })
  await files.finish()
}
