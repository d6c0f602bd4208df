import { describe, expect, it } from 'vitest'
import { blankImage, complaints, contentOf, listing, newFile, reopened } from './ext4-edit.cases.ts'
import { editExt4 } from './ext4-edit.ts'
import { MemoryFileSystem } from './memory-file-system.cases.ts'
import type { EditableFileSystem } from './file-system.ts'
import { editing } from './test-images.cases.ts'

const CHANGED_AT = 1_750_000_000_000
const FORMATS: [string, string[]][] = [
  ['ext4 as Debian makes it', ['-t', 'ext4', '-b', '4096']],
  ['ext4, 1 KiB blocks', ['-t', 'ext4', '-b', '1024']],
  ['ext4, 2 KiB blocks, small groups', ['-t', 'ext4', '-b', '2048', '-g', '2048']],
  ['ext4 without checksums', ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum']],
  ['ext4 with checksums of descriptors', ['-t', 'ext4', '-b', '1024', '-g', '2048', '-O', '^metadata_csum,uninit_bg']],
  ['ext4 with short descriptors', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', '^64bit']],
  ['ext4 with a seed of its own', ['-t', 'ext4', '-O', 'metadata_csum_seed']],
  ['ext4 as newer distributions make it', ['-t', 'ext4', '-O', 'metadata_csum_seed,orphan_file']],
  ['ext4 without an index', ['-t', 'ext4', '-b', '1024', '-O', '^dir_index']],
  ['ext4 with inline data', ['-t', 'ext4', '-b', '1024', '-O', 'inline_data', '-I', '256']],
  ['ext4 with meta block groups', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', 'meta_bg,^resize_inode']],
  ['ext4 with small inodes', ['-t', 'ext4', '-b', '1024', '-I', '128', '-O', '^extra_isize']],
  ['ext4 with two backups', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', 'sparse_super2']],
  ['ext4 with large folders and values in inodes', ['-t', 'ext4', '-O', 'large_dir,ea_inode']],
  ['ext4 with large inodes', ['-t', 'ext4', '-b', '2048', '-I', '1024']],
  ['ext4 with inline data and large inodes', ['-t', 'ext4', '-b', '4096', '-O', 'inline_data', '-I', '1024']],
  ['ext4 with folders that may ignore case', ['-t', 'ext4', '-O', 'casefold', '-E', 'encoding=utf8']],
  ['ext4 with all metadata at its beginning', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-E', 'packed_meta_blocks=1']],
  ['ext4 without flexible groups', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', '^flex_bg']],
  ['ext4 without extents', ['-t', 'ext4', '-b', '1024', '-O', '^extents,^64bit']],
  ['ext4 without a journal', ['-t', 'ext4', '-b', '1024', '-O', '^has_journal']],
  ['ext4 with 64 KiB blocks', ['-t', 'ext4', '-b', '65536']],
  ['ext3', ['-t', 'ext3', '-b', '1024']],
  ['ext2', ['-t', 'ext2', '-b', '1024']],
  ['ext2 of the first kind', ['-t', 'ext2', '-b', '1024', '-r', '0', '-O', 'none']],
  ['ext2 without types in folders', ['-t', 'ext2', '-b', '4096', '-O', '^filetype']],
]

const noise = (length: number) => Uint8Array.from({ length }, (_, at) => ((at + 1) * 2_654_435_761) >>> 13)

/** One of everything. */
async function workOn(files: EditableFileSystem): Promise<void> {
  await files.makeFolder('/etc/mender/scripts', { modifiedAt: 1_600_000_000_000, hasParents: true })
  await files.writeFile('/etc/mender/mender.conf', newFile('{}', { mode: 0o600, uid: 70_000, gid: 5 }))
  await files.writeFile('/etc/big', newFile(noise(1_500_001)))
  await files.writeFile('/etc/empty', newFile(''))
  await files.makeLink('/etc/short', { target: 'mender/mender.conf', modifiedAt: 1_600_000_000_000 })
  await files.makeLink('/etc/long', { target: 'mender/'.repeat(20), modifiedAt: 1_600_000_000_000 })
  await files.writeFile('/etc/mender/mender.conf', newFile('{"ServerURL": "https://bench"}'))
  await files.writeFile('/etc/big', newFile(noise(99_000)))
  await files.rename('/etc/mender', '/mender')
  await files.rename('/etc/empty', '/mender/scripts/ArtifactInstall_Enter_00')
  await files.setFacts('/mender/scripts/ArtifactInstall_Enter_00', { mode: 0o4755, uid: 1, gid: 2, modifiedAt: 1_000_000_000_000 })
  for (let index = 0; index < 150; index++) await files.writeFile(`/mender/scripts/a script with a long name ${index}`, newFile(`${index}`))
  for (let index = 0; index < 150; index += 3) await files.remove(`/mender/scripts/a script with a long name ${index}`)
  await files.remove('/etc/short')
  await files.makeFolder('/gone/with/all', { modifiedAt: 0, hasParents: true })
  await files.writeFile('/gone/with/it', newFile(noise(5000)))
  await files.remove('/gone', { isRecursive: true })
}

describe('changing an ext image', () => {
  it.each(FORMATS)('leaves %s as it was meant to be, and sound', async (_name, options) => {
    const bytes = blankImage('24M', ...options)
    const before = await (await editExt4(editing(bytes), { changedAt: CHANGED_AT })).freeBytes()
    const files = await editExt4(editing(bytes), { changedAt: CHANGED_AT })
    const model = new MemoryFileSystem(24 << 20)
    await workOn(files)
    await workOn(model)
    expect(await listing(files)).toEqual(await listing(model))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect(await listing(await reopened(bytes))).toEqual(await listing(model))
    for (const { name } of await files.list('/')) if (name !== 'lost+found') await files.remove(`/${name}`, { isRecursive: true })
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect(await files.freeBytes()).toBe(before)
    expect(await contentOf(model, '/mender/mender.conf')).toHaveLength(30)
  })
})
