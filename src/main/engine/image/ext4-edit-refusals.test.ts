import { describe, expect, it } from 'vitest'
import { blankImage, complaints, newFile, withImage } from './ext4-edit.cases.ts'
import { editExt4 } from './ext4-edit.ts'
import { change, editing } from './test-images.cases.ts'

const open = (bytes: Uint8Array) => editExt4(editing(bytes), { changedAt: 1_750_000_000_000 })

/** How such an image is made, by mke2fs and then by debugfs, and what is said of it. */
const REFUSED: [string, string[], string[], { message: RegExp; hint: RegExp }][] = [
  ['has quotas', ['-O', 'quota'], [], { message: /feature quota/, hint: /tune2fs -O \^quota/ }],
  ['counts for projects', ['-O', 'quota,project'], [], { message: /feature (quota|project)/, hint: /tune2fs/ }],
  ['has clusters', ['-O', 'bigalloc'], [], { message: /feature bigalloc/, hint: /without clusters/ }],
  ['is guarded against two hosts', ['-O', 'mmp'], [], { message: /feature mmp/, hint: /tune2fs -O \^mmp/ }],
  ['is read-only', [], ['feature read-only'], { message: /feature readonly/, hint: /tune2fs/ }],
  ['shares blocks', [], ['feature shared_blocks'], { message: /feature shared_blocks/, hint: /unshare_blocks/ }],
  ['is encrypted', [], ['feature encrypt'], { message: /encrypted folders/, hint: /without the feature encrypt/ }],
  ['needs its journal replayed', [], ['feature needs_recovery'], { message: /journal holds changes/, hint: /e2fsck -fy/ }],
  ['has a feature of tomorrow', [], ['feature FEATURE_R25'], { message: /not understood: ro_compat 0x2000000$/, hint: /mke2fs -O/ }],
  ['is marked as damaged', [], ['set_super_value state 3'], { message: /marked as damaged/, hint: /e2fsck -fy/ }],
  ['was not unmounted', [], ['set_super_value state 0'], { message: /not unmounted cleanly/, hint: /e2fsck -fy/ }],
  ['has orphans', [], ['set_super_value last_orphan 12'], { message: /deleted while they were open/, hint: /e2fsck -fy/ }],
]

describe('what an ext image is not changed in', () => {
  it.each(REFUSED)('one that %s', async (_name, options, requests, { message, hint }) => {
    const bytes = blankImage('16M', '-t', 'ext4', ...options)
    const changed = withImage(bytes, (image) => change(image, ...requests))
    await expect(open(changed)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  it.each([
    ['the superblock', 1024 + 0x88, /checksum of the superblock/],
    ['a descriptor', 2048 + 12, /checksum of the descriptor of group 0/],
  ])('one in which %s was changed by something that does not know its checksum', async (_name, at, message) => {
    const bytes = blankImage('16M', '-t', 'ext4', '-b', '1024')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await expect(open(bytes)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(message) })
  })

  it('one that says it has more groups than a person waits for', async () => {
    const bytes = blankImage('64M', '-t', 'ext2', '-b', '1024')
    new DataView(bytes.buffer).setUint32(1024 + 0x20, 8, true)
    await expect(open(bytes)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(/: 8 blocks and \d+ inodes a group$/),
    })
  })

  it('names and places that there cannot be', async () => {
    const bytes = blankImage('16M', '-t', 'ext4')
    const files = await open(bytes)
    await files.makeFolder('/folder', { modifiedAt: 0 })
    await files.writeFile('/folder/file', newFile('x'))
    const before = Uint8Array.from(bytes)
    const at = { modifiedAt: 0 }
    for (const [work, code] of [
      [() => files.writeFile('/folder', newFile('')), 'CONFLICT'],
      [() => files.writeFile('relative', newFile('')), 'BAD_INPUT'],
      [() => files.writeFile('/', newFile('')), 'BAD_INPUT'],
      [() => files.writeFile(`/${'n'.repeat(256)}`, newFile('')), 'BAD_INPUT'],
      [() => files.writeFile('/nowhere/file', newFile('')), 'NOT_FOUND'],
      [() => files.writeFile('/folder/file/below', newFile('')), 'BAD_INPUT'],
      [() => files.makeFolder('/folder', at), 'CONFLICT'],
      [() => files.makeFolder('/folder/file', { ...at, hasParents: true }), 'CONFLICT'],
      [() => files.makeLink('/folder/file', { ...at, target: 'x' }), 'CONFLICT'],
      [() => files.makeLink('/link', { ...at, target: '' }), 'BAD_INPUT'],
      [() => files.makeLink('/link', { ...at, target: 'x'.repeat(4096) }), 'BAD_INPUT'],
      [() => files.remove('/folder'), 'BAD_INPUT'],
      [() => files.remove('/nothing'), 'NOT_FOUND'],
      [() => files.remove('/', { isRecursive: true }), 'BAD_INPUT'],
      [() => files.remove('/lost+found'), 'BAD_INPUT'],
      [() => files.rename('/nothing', '/x'), 'NOT_FOUND'],
      [() => files.rename('/folder', '/folder/file'), 'CONFLICT'],
      [() => files.rename('/folder', '/folder/below'), 'BAD_INPUT'],
      [() => files.rename('/folder/file', '/folder'), 'CONFLICT'],
      [() => files.setFacts('/nothing', at), 'NOT_FOUND'],
    ] as const)
      await expect(work()).rejects.toMatchObject({ code })
    expect(Buffer.compare(before, bytes)).toBe(0)
    // The bytes of these are in blocks that belong to nobody.
    await expect(files.writeFile('/short', newFile('abc', { sizeBytes: 4 }))).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(files.writeFile('/long', newFile('abc', { sizeBytes: 2 }))).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect((await files.list('/')).map(({ name }) => name)).toEqual(['folder', 'lost+found'])
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect(complaints(withImage(bytes, (image) => change(image, 'clri /folder/file')))).toMatch(/folder/)
  })
})
