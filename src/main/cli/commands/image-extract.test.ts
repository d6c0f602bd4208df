import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extract } from '../../engine/contents/extract.ts'
import { fakeHost } from '../../engine/host.fake.ts'
import type { FileSystem } from '../../engine/image/file-system.ts'
import { runLine } from '../command.cases.ts'
import { PLACES, makeCard, tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const MIB = 1 << 20

describe('otabench image extract', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  /** Two trees are the same in names, contents, modes and links. */
  const expectSame = (one: string, other: string): void => {
    execFileSync('diff', ['-r', '--no-dereference', one, other])
    const listed = (tree: string) =>
      execFileSync('find', ['.', '-type', 'f', '-printf', '%m %s %p\\n'], { cwd: tree, encoding: 'utf8' }).split('\n').toSorted()
    expect(listed(one)).toEqual(listed(other))
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-extract-'))
    mkdirSync(file('root/etc/deep/deeper'), { recursive: true })
    writeFileSync(file('root/etc/deep/deeper/secret'), 'x', { mode: 0o600 })
    writeFileSync(file('root/etc/deep/run'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync('/no/such/place', file('root/etc/away'))
    symlinkSync('deep/run', file('root/etc/near'))
    symlinkSync('deep', file('root/etc/folder'))
    makeCard(folder, 'gpt')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('copies a tree out of ext4 as debugfs does, links as links', async () => {
    expect(await run('extract', 'card.gpt:/etc', 'etc')).toMatchObject({ exitCode: 0, stdout: 'etc: 3 files, 4 folders, 3 links\n' })
    expectSame(file('etc'), file('root/etc'))
    const [start, length] = PLACES.rootfsA
    tool('dd', `if=${file('card.gpt')}`, `of=${file('a.ext4')}`, 'bs=1M', `skip=${start}`, `count=${length}`, 'status=none')
    mkdirSync(file('theirs'))
    tool('/usr/sbin/debugfs', '-R', `rdump /etc ${file('theirs')}`, file('a.ext4'))
    expectSame(file('etc'), file('theirs/etc'))
  })

  it('copies a whole FAT partition as mcopy does', async () => {
    expect((await run('extract', '--partition', 'boot', 'card.gpt:/', 'boot.out')).exitCode).toBe(0)
    mkdirSync(file('boot.theirs'))
    const at = `${file('card.gpt')}@@${PLACES.boot[0] * MIB}`
    for (const name of readdirSync(file('boot.out'))) tool('mcopy', '-i', at, `::${name}`, file('boot.theirs'))
    expect(readdirSync(file('boot.out')).length).toBeGreaterThan(0)
    for (const name of readdirSync(file('boot.out')))
      expect(readFileSync(file(`boot.out/${name}`)).equals(readFileSync(file(`boot.theirs/${name}`)))).toBe(true)
  })

  it.each([
    ['gz', ['gzip', '-1', '-k']],
    ['xz', ['xz', '-0', '-k', '-T1']],
    ['zst', ['zstd', '-q', '-1']],
    ['bz2', ['bzip2', '-1', '-k']],
    ['zip', ['zip', '-q', '-1', 'card.gpt.zip']],
  ])('looks into an image that is packed as %s, and leaves no copy behind', async (ending, [name = '', ...args]) => {
    execFileSync(name, [...args, 'card.gpt'], { cwd: folder, stdio: 'pipe' })
    const left = (): string[] => readdirSync(tmpdir()).filter((each) => each.startsWith('otabench-unpacked-'))
    const before = left()
    expect((await run('inspect', `card.gpt.${ending}`)).stdout).toContain('artifact name release-1')
    expect(await run('extract', `card.gpt.${ending}:/etc`, `etc.${ending}`)).toMatchObject({ exitCode: 0 })
    expectSame(file(`etc.${ending}`), file('root/etc'))
    expect(left().filter((each) => !before.includes(each))).toEqual([])
  })

  it('says of a packed image that is damaged what is wrong', async () => {
    writeFileSync(file('cut.gz'), readFileSync(file('card.gpt.gz')).subarray(0, 100_000))
    const done = await run('inspect', 'cut.gz')
    expect(done).toMatchObject({ exitCode: 4, stdout: '' })
    expect(done.stderr).toMatch(/cut\.gz: damaged gzip data/)
  })

  it('copies one file, also through a link, and a folder behind one', async () => {
    expect((await run('extract', 'card.gpt:/etc/near', 'run')).exitCode).toBe(0)
    expect(readFileSync(file('run'), 'utf8')).toBe('#!/bin/sh\n')
    expect((await run('extract', 'card.gpt:/etc/folder', 'deep')).stdout).toMatch(/^deep: 2 files/)
    expect(statSync(file('deep/deeper/secret')).mode & 0o777).toBe(0o600)
  })

  it.each([
    [['card.gpt:/etc', 'root'], 1, /CONFLICT: .*root is there already/],
    [['card.gpt:/nothing', 'new'], 3, /There is no \/nothing/],
    [['card.gpt', 'new'], 2, /names no file inside/],
  ])('extract %j exits %i, says why and makes nothing', async (args, exitCode, message) => {
    const done = await run('extract', ...args)
    expect(done.stderr).toMatch(message)
    expect(done).toMatchObject({ exitCode, stdout: '' })
    expect(existsSync(file('new'))).toBe(false)
  })

  it('leaves nothing behind when it is cancelled, nor when a name would lead out of the folder', async () => {
    const { files } = fakeHost()
    const facts = { sizeBytes: 3, mode: 0o644, uid: 0, gid: 0, modifiedAt: 0 }
    const hostile = (name: string): FileSystem => ({
      kind: 'ext',
      stat: async () => ({ ...facts, kind: 'folder' }),
      list: async () => [
        { ...facts, kind: 'file', name: 'first' },
        { ...facts, kind: 'file', name },
      ],
      async *content() {
        yield new Uint8Array(3)
      },
      linkTarget: async () => '',
    })
    const quiet = { files, to: '/out', signal: new AbortController().signal, onProgress: () => undefined }
    for (const name of ['../../evil', '..', '', String.raw`..\evil`, 'a\0b'])
      await expect(extract(hostile(name), '/', quiet)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    const abort = new AbortController()
    await expect(extract(hostile('second'), '/', { ...quiet, signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow(
      'aborted',
    )
    expect(await files.list('/')).toEqual([])
    expect(await extract(hostile('second'), '/', quiet)).toMatchObject({ fileCount: 2 })
  })
})
