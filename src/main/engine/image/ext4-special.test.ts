import { execFileSync } from 'node:child_process'
import { array, assert, asyncProperty, constantFrom, nat, record, string, uint8Array, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complaints, mounted, newFile, withImage } from './ext4-edit.cases.ts'
import { makeExt4 } from './ext4-make.ts'
import { debugfs, editing } from './test-images.cases.ts'

const OPTIONS = {
  uuid: '3e6be9de-8139-4c9e-9106-a43f08d823a6',
  hashSeed: '8139e6be-9de3-4c9e-9106-a43f08d82aaa',
  madeAt: 1_600_000_000_000,
}
const blank = () => new Uint8Array(8 << 20)
const AT = { modifiedAt: 0 }

describe('what only Linux has', () => {
  it('devices, pipes and sockets have the numbers that debugfs reads', async () => {
    const bytes = blank()
    const files = await makeExt4(editing(bytes), OPTIONS)
    for (const [name, kind, major, minor] of [
      ['/console', 'character device', 5, 1],
      ['/nvme', 'block device', 259, 70_000],
      ['/large', 'character device', 4095, 0xf_ffff],
      ['/pipe', 'fifo', 0, 0],
      ['/socket', 'socket', 0, 0],
    ] as const)
      await files.makeDevice(name, { kind, major, minor, mode: 0o620, uid: 3, gid: 70_000, ...AT })
    await expect(files.makeDevice('/no', { kind: 'block device', major: 4096, minor: 0, ...AT })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    await expect(files.makeDevice('/pipe', { kind: 'fifo', major: 0, minor: 0, ...AT })).rejects.toMatchObject({ code: 'CONFLICT' })
    await files.finish()
    expect(complaints(bytes)).toBe('')
    const seen = mounted(bytes, (at) =>
      execFileSync('stat', ['-c', '%n %F %t:%T %a %u:%g', 'console', 'nvme', 'large', 'pipe', 'socket'], { cwd: at, encoding: 'utf8' }),
    )
    if (seen)
      expect(seen.seen.split('\n')).toEqual([
        'console character special file 5:1 620 3:70000',
        'nvme block special file 103:11170 620 3:70000',
        'large character special file fff:fffff 620 3:70000',
        'pipe fifo 0:0 620 3:70000',
        'socket socket 0:0 620 3:70000',
        '',
      ])
  })

  it('files have several names, and folders only one', async () => {
    const bytes = blank()
    const files = await makeExt4(editing(bytes), OPTIONS)
    await files.writeFile('/file', newFile('content'))
    for (let index = 0; index < 20; index++) await files.makeHardLink(`/name${index}`, '/file')
    await files.remove('/file')
    await expect(files.makeHardLink('/other', '/lost+found')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(files.makeHardLink('/other', '/none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(files.makeHardLink('/name1', '/name2')).rejects.toMatchObject({ code: 'CONFLICT' })
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect(withImage(bytes, (image) => debugfs(image, 'stat /name7'))).toContain('Links: 20')
  })

  it('attributes are what getfattr reads, in the inode or in a block, and a checker finds no fault with them', async () => {
    const attribute = record({
      name: string({ minLength: 1, maxLength: 40, unit: constantFrom('a', 'b', 'c', '.', '_', '-', '0') }).map((name) => `user.${name}`),
      value: uint8Array({ maxLength: 300 }),
    })
    const lists = array(uniqueArray(attribute, { maxLength: 6, selector: ({ name }) => name }), { minLength: 1, maxLength: 20 })
    await assert(
      asyncProperty(lists, nat(5000), async (all, sizeBytes) => {
        const bytes = blank()
        const files = await makeExt4(editing(bytes), OPTIONS)
        for (const [index, attributes] of all.entries()) {
          await files.writeFile(`/f${index}`, newFile(Buffer.alloc(sizeBytes, 1)))
          await files.setFacts(`/f${index}`, { attributes })
        }
        await files.finish()
        expect(complaints(bytes)).toBe('')
        const seen = mounted(bytes, (at) =>
          all.map((_, index) => execFileSync('getfattr', ['-d', '-e', 'hex', '-m', '-', `f${index}`], { cwd: at, encoding: 'utf8' })),
        )
        for (const [index, attributes] of all.entries())
          for (const { name, value } of attributes)
            if (seen) expect(seen.seen[index]).toContain(`${name}=0x${Buffer.from(value).toString('hex')}\n`)
      }),
      { numRuns: 15 },
    )
  })

  it('attributes that are there stay, and what has no place is refused', async () => {
    const files = await makeExt4(editing(blank()), OPTIONS)
    await files.writeFile('/file', newFile('x'))
    const one = [{ name: 'user.a', value: Buffer.from('1') }]
    await files.setFacts('/file', { attributes: one })
    await expect(files.setFacts('/file', { attributes: one })).rejects.toMatchObject({ code: 'CONFLICT' })
    await files.writeFile('/other', newFile('x'))
    for (const wrong of [
      { name: 'strange.a', value: Buffer.alloc(1) },
      { name: 'user.', value: Buffer.alloc(1) },
      { name: 'user.large', value: Buffer.alloc(5000) },
    ])
      await expect(files.setFacts('/other', { attributes: [wrong] })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(files.setFacts('/none', { attributes: one })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
