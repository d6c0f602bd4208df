import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arbitrary, array, assert, asyncProperty, constantFrom, nat, oneof, record, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'
import { editFat } from './fat-edit.ts'
import { FatFiles } from './fat-files.ts'
import { makeFat } from './fat-make.ts'
import type { EditableFileSystem, FileSystem, NewFile } from './file-system.ts'
import { MemoryFileSystem } from './memory-file-system.cases.ts'
import { editing, over } from './test-images.cases.ts'
import { walk } from './walk.ts'

const MIB = 1 << 20
const ENV = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' }
/** FAT counts in steps of two seconds. */
const AT = 1_700_000_000_000
const noise = (length: number) => Uint8Array.from({ length }, (_, at) => ((at + 1) * 2_654_435_761) >>> 13)

function newFile(content: string | Uint8Array, more: Partial<NewFile> = {}): NewFile {
  const bytes = Buffer.from(content)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 7001) yield bytes.subarray(at, at + 7001)
  }
  return { sizeBytes: bytes.length, content: pieces(), modifiedAt: AT, ...more }
}

const readAll = async (files: FileSystem, path: string): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(files.content(path), (piece) => Uint8Array.from(piece)))

/** One line a path, with all that FAT keeps of it. */
async function listing(files: FileSystem): Promise<string[]> {
  const lines = await Array.fromAsync(walk(files, '/', true), async ({ path, kind, modifiedAt }) =>
    kind === 'folder' ? `${path}/` : `${path} ${modifiedAt} ${(await readAll(files, path)).toString('base64')}`,
  )
  return lines.toSorted()
}

describe('changing FAT', () => {
  let folder: string
  const image = () => join(folder, 'fat')
  const blank = (options: readonly string[], kib: number): Uint8Array => {
    rmSync(image(), { force: true })
    execFileSync('/usr/sbin/mkfs.vfat', ['-C', '-n', 'BOOT', '-i', '1234abcd', ...options, image(), String(kib)], { stdio: 'ignore' })
    return Uint8Array.from(readFileSync(image()))
  }
  const mtools = (bytes: Uint8Array, ...[program = '', ...args]: string[]): Buffer => {
    writeFileSync(image(), bytes)
    return execFileSync(program, ['-i', image(), ...args], { env: ENV })
  }
  /** What fsck.vfat has to say: nothing when it is sound. */
  const complaints = (bytes: Uint8Array): string => {
    writeFileSync(image(), bytes)
    const { status, stdout, stderr } = spawnSync('/usr/sbin/fsck.vfat', ['-n', image()], { encoding: 'utf8' })
    const said = stdout
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('fsck.fat ') && !/ files, \d+\/\d+ clusters$/.test(line))
    return status === 0 && said.length === 0 ? '' : `${status}\n${stdout}${stderr}`
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-fat-edit-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const FORMATS: [string, () => Uint8Array][] = [
    ['FAT12', () => blank(['-F', '12'], 2048)],
    ['FAT16', () => blank(['-F', '16'], 16_384)],
    ['FAT16 with one table', () => blank(['-F', '16', '-f', '1'], 16_384)],
    ['FAT16 with sectors of 2 KiB', () => blank(['-F', '16', '-S', '2048'], 32_768)],
    ['FAT32', () => blank(['-F', '32', '-s', '1'], 40_960)],
    ['FAT32 with clusters of 4 KiB', () => blank(['-F', '32', '-s', '8'], 300_000)],
    ['FAT16 of our own', () => made(16 * MIB, 16)],
    ['FAT32 of our own', () => made(40 * MIB, 32)],
  ]
  const made = (sizeBytes: number, width: 16 | 32): Uint8Array => {
    const bytes = new Uint8Array(sizeBytes)
    for (const write of makeFat({ sizeBytes, width, label: 'BOOT', volumeId: '1234ABCD', modifiedAt: AT }))
      bytes.set(write.bytes, write.position)
    return bytes
  }

  it.each(FORMATS)('leaves %s as it was meant to be, and sound', async (_name, make) => {
    const bytes = make()
    const files = await editFat(editing(bytes))
    const before = await files.freeBytes()
    for (const each of [files, new MemoryFileSystem(bytes.length)]) {
      await each.makeFolder('/overlays/deep down', { modifiedAt: AT, hasParents: true })
      await each.writeFile('/config.txt', newFile('a=b\n'))
      await each.writeFile('/kernel8.img', newFile(noise(300_001)))
      await each.writeFile('/Ünïcode 名前 𝒳.txt', newFile('text'))
      await each.writeFile('/config.txt', newFile('something much longer than it was before\n'.repeat(100)))
      await each.writeFile('/kernel8.img', newFile(noise(20_000)))
      await each.writeFile('/EMPTY', newFile(''))
      for (let index = 0; index < 80; index++) await each.writeFile(`/overlays/an-overlay-with-number-${index}.dtbo`, newFile(`${index}`))
      for (let index = 0; index < 80; index += 3) await each.remove(`/overlays/an-overlay-with-number-${index}.dtbo`)
      await each.rename('/overlays', '/OVERLAYS.OLD')
      await each.rename('/OVERLAYS.OLD/deep down', '/deeper')
      await each.rename('/config.txt', '/deeper/CONFIG.TXT')
      await each.setFacts('/EMPTY', { modifiedAt: AT - 86_400_000 })
      await each.makeFolder('/gone/with/all', { modifiedAt: AT, hasParents: true })
      await each.writeFile('/gone/with/it', newFile(noise(50_000)))
      await each.remove('/gone', { isRecursive: true })
      expect(await listing(each)).toHaveLength(59)
      if (each !== files) expect(await listing(files)).toEqual(await listing(each))
    }
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect(await listing(await FatFiles.open(over(bytes)))).toEqual(await listing(files))
    expect(mtools(bytes, 'mtype', '::deeper/CONFIG.TXT').toString()).toMatch(/^something much longer/)
    expect(mtools(bytes, 'mdir', '-b', '::').toString()).toContain('::/Ünïcode 名前 ')
    expect(mtools(bytes, 'mlabel', '-s', '::').toString()).toContain('BOOT')
    for (const { name } of await files.list('/')) await files.remove(`/${name}`, { isRecursive: true })
    await files.finish()
    expect(complaints(bytes)).toBe('')
    // A root folder that is a chain keeps the clusters that it has grown by.
    expect(before - (await files.freeBytes())).toBeLessThanOrEqual(16_384)
  })

  it('gives names of 8 and 3 letters no number, for boot ROMs that know of no long ones', async () => {
    const bytes = made(16 * MIB, 16)
    const files = await editFat(editing(bytes))
    const names = ['bootcode.bin', 'Start.elf', 'MLO', 'README', 'readme.markdown', 'two dots.a.b']
    for (const name of names) await files.writeFile(`/${name}`, newFile('x'))
    await files.writeFile('/README~1.MAR', newFile('x'))
    await files.rename('/Start.elf', '/START.ELF')
    await files.makeFolder('/efi', { modifiedAt: AT, hasParents: true })
    await files.finish()
    const lines = mtools(bytes, 'mdir', '::').toString().split('\n')
    const stored = lines.flatMap((line) => /^(\S{1,8} *(?: \S{1,3})?) +(?:\d+|<DIR>) /.exec(line)?.[1]?.trim().replace(/ +/, '.') ?? [])
    expect(stored.toSorted()).toEqual(['BOOTCODE.BIN', 'EFI', 'MLO', 'README', 'README~1.MAR', 'README~2.MAR', 'START.ELF', 'TWODOT~1.B'])
    expect((await files.list('/')).map(({ name }) => name).toSorted()).toEqual(
      [...names.filter((name) => name !== 'Start.elf'), 'README~1.MAR', 'START.ELF', 'efi'].toSorted(),
    )
    expect(complaints(bytes)).toBe('')
  })

  it('changes the case of a name, and nothing else', async () => {
    const bytes = made(16 * MIB, 16)
    const files = await editFat(editing(bytes))
    await files.writeFile('/Config.Txt', newFile('x'))
    await files.rename('/config.txt', '/CONFIG.TXT')
    await files.writeFile('/config.txt', newFile('yz'))
    await files.finish()
    expect((await files.list('/')).map(({ name }) => name)).toEqual(['CONFIG.TXT'])
    expect(complaints(bytes)).toBe('')
  })

  it('keeps the read-only flag, and takes it from a mode', async () => {
    const files = await editFat(editing(made(16 * MIB, 16)))
    await files.writeFile('/a', newFile('x', { mode: 0o444 }))
    await files.writeFile('/a', newFile('y'))
    expect(await files.stat('/A')).toMatchObject({ mode: 0o444 })
    await files.setFacts('/a', { mode: 0o600 })
    expect(await files.stat('/a')).toMatchObject({ mode: 0o644 })
  })

  it('refuses what FAT cannot hold, and leaves everything as it was', async () => {
    const bytes = blank(['-F', '12', '-r', '112'], 2048)
    const files = await editFat(editing(bytes))
    await files.writeFile('/a', newFile('x'))
    await files.makeFolder('/folder', { modifiedAt: AT })
    await files.writeFile('/folder/inside', newFile('x'))
    const before = await listing(files)
    const refused = async (work: Promise<unknown>, code: string, message: RegExp) => {
      expect(await work.then(() => 'done', toAppError)).toMatchObject({ code, message: expect.stringMatching(message) })
      expect(await listing(files)).toEqual(before)
    }
    await refused(files.writeFile('/what?', newFile('x')), 'BAD_INPUT', /cannot be a name/)
    await refused(files.writeFile('/dot.', newFile('x')), 'BAD_INPUT', /cannot be a name/)
    await refused(files.writeFile(`/${'x'.repeat(256)}`, newFile('x')), 'BAD_INPUT', /cannot be a name/)
    await refused(files.writeFile('/nowhere/a', newFile('x')), 'NOT_FOUND', /no \/nowhere/)
    await refused(files.writeFile('/a/b', newFile('x')), 'BAD_INPUT', /\/a is a file/)
    await refused(files.writeFile('/folder', newFile('x')), 'CONFLICT', /there already/)
    await refused(files.writeFile('/big', newFile('', { sizeBytes: 16 * MIB })), 'DISK_FULL', /needs 16777216 bytes/)
    await refused(files.writeFile('/huge', newFile('', { sizeBytes: 2 ** 32 })), 'BAD_INPUT', /less than 4 GiB/)
    await refused(files.writeFile('/a', newFile('xyz', { sizeBytes: 2 })), 'BAD_INPUT', /came instead of 2/)
    await refused(files.writeFile('/a', newFile('xyz', { sizeBytes: 4 })), 'BAD_INPUT', /3 bytes came instead of 4/)
    await refused(files.makeFolder('/A', { modifiedAt: AT }), 'CONFLICT', /there already/)
    await refused(files.makeLink('/link', { target: 'a', modifiedAt: AT }), 'BAD_INPUT', /FAT has none/)
    await refused(files.remove('/folder'), 'BAD_INPUT', /not empty/)
    await refused(files.remove('/'), 'BAD_INPUT', /cannot be changed/)
    await refused(files.remove('/nothing'), 'NOT_FOUND', /no \/nothing/)
    await refused(files.rename('/folder', '/folder/inside/x'), 'BAD_INPUT', /./)
    await refused(files.rename('/folder', '/folder/x'), 'BAD_INPUT', /lies in/)
    await refused(files.rename('/a', '/folder'), 'CONFLICT', /there already/)
    let full: unknown
    for (let index = 0; !full; index++) full = await files.writeFile(`/F${index}`, newFile('')).catch(toAppError)
    expect(full).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/^The root folder is full: it has room for 1\d\d entries$/),
    })
    await files.finish()
    expect(complaints(bytes)).toBe('')
  })

  it('fills a file system to its last cluster, and writes over a file that it has no room beside', async () => {
    const bytes = blank(['-F', '12'], 1024)
    const files = await editFat(editing(bytes))
    const free = await files.freeBytes()
    await files.writeFile('/ALL', newFile(noise(free)))
    expect(await files.freeBytes()).toBe(0)
    expect(await files.writeFile('/MORE', newFile('x')).catch(toAppError)).toMatchObject({ code: 'DISK_FULL' })
    await files.writeFile('/ALL', newFile(noise(free - 1)))
    await files.finish()
    expect(complaints(bytes)).toBe('')
    expect((await readAll(files, '/ALL')).equals(noise(free - 1))).toBe(true)
  })

  it('refuses tables that differ, and keeps the mark of one that was not unmounted', async () => {
    const bytes = made(16 * MIB, 16)
    const other = Uint8Array.from(bytes)
    other[(4 + 33) * 512] = 1
    const table = new DataView(bytes.buffer).getUint16(22, true)
    other[(4 + table) * 512 + 9] = 1
    await expect(editFat(editing(other))).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: /copies of the table differ/ })
    bytes[0x25] = 1
    const files = await editFat(editing(bytes))
    await files.writeFile('/a', newFile('x'))
    await files.finish()
    expect(bytes[0x25]).toBe(1)
  })

  it('makes a file system that mtools fills, with the sizes that mkfs.vfat chooses, or says why not', () => {
    for (const [sizeBytes, width] of [
      [8 * MIB, 16],
      [100 * MIB, 16],
      [300 * MIB, 16],
      [34 * MIB, 32],
      [512 * MIB, 32],
    ] as const) {
      const bytes = made(sizeBytes, width)
      expect(complaints(bytes)).toBe('')
      writeFileSync(join(folder, 'file'), noise(100_000))
      execFileSync('mcopy', ['-i', image(), join(folder, 'file'), '::file'])
      expect(complaints(Uint8Array.from(readFileSync(image())))).toBe('')
      expect(execFileSync('/usr/sbin/blkid', [image()], { encoding: 'utf8' })).toMatch(/LABEL="BOOT".* UUID="1234-ABCD".* TYPE="vfat"/)
    }
    const spec = { sizeBytes: 16 * MIB, label: '', volumeId: '00000001', modifiedAt: 0 }
    expect(() => makeFat({ ...spec, sizeBytes: MIB })).toThrow(/make \d+ clusters; FAT16 has 4085/)
    expect(() => makeFat({ ...spec, width: 32 })).toThrow(/FAT32 has 65525/)
    expect(() => makeFat({ ...spec, sizeBytes: 3 * 2 ** 30, width: 16 })).toThrow(/cannot be as large/)
    expect(() => makeFat({ ...spec, label: 'small' })).toThrow(/cannot be the label/)
    expect(() => makeFat({ ...spec, volumeId: '12' })).toThrow(/eight hexadecimal/)
    expect(makeFat(spec)).toEqual(makeFat(spec))
  })

  it('refuses a folder that lies in itself, or that begins nowhere', async () => {
    const bytes = made(16 * MIB, 16)
    const files = await editFat(editing(bytes))
    await files.makeFolder('/D/INSIDE', { modifiedAt: AT, hasParents: true })
    await files.finish()
    const clusterAt = (number: number) =>
      4 * 512 + 2 * 512 * new DataView(bytes.buffer).getUint16(22, true) + 512 * 32 + (number - 2) * 1024
    const entryAt = clusterAt(2) + 64 + 26
    const withFirst = async (cluster: number) => {
      const damaged = Uint8Array.from(bytes)
      damaged.set([cluster, 0], entryAt)
      return editFat(editing(damaged))
    }
    await expect((await withFirst(2)).remove('/D', { isRecursive: true })).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: /in two places/,
    })
    await expect((await withFirst(0)).remove('/D', { isRecursive: true })).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: /begins nowhere/,
    })
    await expect((await withFirst(3)).remove('/D', { isRecursive: true })).resolves.toBeUndefined()
  })

  it('changes a damaged one, or says so with a typed error: it writes nothing past its end', async () => {
    const bytes = made(16 * MIB, 16)
    const files = await editFat(editing(bytes))
    for (const name of ['/a', '/b long name', '/c']) await files.writeFile(name, newFile(noise(9000)))
    await files.makeFolder('/D/b', { modifiedAt: AT, hasParents: true })
    await files.finish()
    const tableAt = 4 * 512
    const rootAt = tableAt + 2 * 512 * new DataView(bytes.buffer).getUint16(22, true)
    const damage = array(tuple(constantFrom(0, tableAt, rootAt, rootAt + 32 * 512), nat(200), nat(255)), { minLength: 1, maxLength: 12 })
    await assert(
      asyncProperty(
        damage,
        array(operation(constantFrom('/a', '/b long name', '/D', '/D/b', '/D/new', '/new')), { minLength: 1, maxLength: 6 }),
        async (changes, steps) => {
          const damaged = Uint8Array.from(bytes)
          const tables = [0, new DataView(bytes.buffer).getUint16(22, true) * 512]
          for (const [where, offset, value] of changes)
            for (const also of where === tableAt ? tables : [0]) damaged[where + also + offset] = value
          const image = editing(damaged)
          const write = async (position: number, part: Uint8Array) => {
            if (position < 0 || position + part.length > damaged.length) throw new RangeError(`a write to ${position}`)
            await image.write(position, part)
          }
          const allowed = ['done', 'ARTIFACT_INVALID', 'NOT_FOUND', 'BAD_INPUT', 'CONFLICT', 'DISK_FULL']
          const opened = await editFat({ ...image, write }).catch(toAppError)
          if ('code' in opened) expect(opened.code).toBe('ARTIFACT_INVALID')
          else {
            for (const step of steps) expect(allowed).toContain(await outcome(step, opened))
            await opened.finish()
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('does what a tree in memory does, whatever is asked of it', async () => {
    const path = oneof(constantFrom('/A', '/b long name', '/A/x', '/A/A', '/b long name/Deep', '/b long name/Deep/y', '/c'))
    const operations = array(operation(path), { minLength: 5, maxLength: 40 })
    const seeds = [made(16 * MIB, 16), made(40 * MIB, 32), blank(['-F', '12'], 1024)]
    await assert(
      asyncProperty(nat(seeds.length - 1), operations, async (index, steps) => {
        const bytes = Uint8Array.from(seeds[index] ?? [])
        const files = await editFat(editing(bytes))
        const model = new MemoryFileSystem(bytes.length * 2)
        for (const step of steps) {
          const [ours, wanted] = [await outcome(step, files), await outcome(step, model)]
          if (ours === 'DISK_FULL') return
          expect(ours).toBe(wanted)
        }
        await files.finish()
        expect(await listing(await FatFiles.open(over(bytes)))).toEqual(await listing(model))
        expect(complaints(bytes)).toBe('')
      }),
      { numRuns: 40, seed: 1681752816, path: '2:2:1:1:1:0:0:0:0:0:0:1:1', endOnFailure: true },
    )
  })
})

interface Step {
  /** Shown when it fails. */
  what: string
  run: (files: EditableFileSystem) => Promise<void>
}

/** One thing that may be asked of a file system. */
function operation(path: Arbitrary<string>): Arbitrary<Step> {
  return oneof(
    record({ path, size: oneof(nat(10), nat(60_000)) }).map(({ path, size }) => ({
      what: `write ${size} to ${path}`,
      run: (files: EditableFileSystem) => files.writeFile(path, newFile(noise(size))),
    })),
    path.map((at) => ({ what: `make ${at}`, run: (files: EditableFileSystem) => files.makeFolder(at, { modifiedAt: AT }) })),
    path.map((at) => ({ what: `remove ${at}`, run: (files: EditableFileSystem) => files.remove(at, { isRecursive: true }) })),
    tuple(path, path).map(([from, to]) => ({
      what: `rename ${from} to ${to}`,
      run: (files: EditableFileSystem) => files.rename(from, to),
    })),
    path.map((at) => ({ what: `date ${at}`, run: (files: EditableFileSystem) => files.setFacts(at, { modifiedAt: AT - 60_000 }) })),
  )
}

async function outcome({ run }: Step, files: EditableFileSystem): Promise<string> {
  return run(files).then(
    () => 'done',
    (thrown: unknown) => toAppError(thrown).code,
  )
}
