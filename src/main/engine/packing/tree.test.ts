import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, inPieces, wholeOf } from '../artifact/samples.cases.ts'
import { type TreeNode, treeTar } from '../artifact/tar-tree.ts'
import { nodeHost } from '../host.node.ts'
import type { Stamping } from './sources.ts'
import { treeOf } from './tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'otabench-tree-'))
const file = (name: string): string => join(folder, name)
const { files } = nodeHost()
const AS_IS: Stamping = { fixedAt: null, users: new Map([[0, 'root']]), groups: new Map([[0, 'root']]) }
const LONG = `${'d'.repeat(90)}/${'n'.repeat(200)}`

beforeAll(() => {
  mkdirSync(file('tree/empty'), { recursive: true })
  mkdirSync(file(`tree/${'d'.repeat(90)}`))
  for (const name of ['b.txt', 'a.sh', 'grüezi ☃', LONG, 'zero'])
    writeFileSync(file(`tree/${name}`), name === 'zero' ? '' : `${name}\n`.repeat(400))
  linkSync(file('tree/a.sh'), file('tree/same.sh'))
  symlinkSync('a.sh', file('tree/link'))
  symlinkSync(`/${'t'.repeat(150)}`, file('tree/far'))
  chmodSync(file('tree/a.sh'), 0o4755)
  chmodSync(file('tree/empty'), 0o700)
  // whole seconds, so that no rounding tells two copies apart; and some that are none
  execFileSync('find', [file('tree'), '-exec', 'touch', '-h', '-d', '@1500000000', '{}', '+'])
  for (const name of ['b.txt', 'a.sh']) utimesSync(file(`tree/${name}`), 1_600_000_000, 1_600_000_000.7)
  lutimesSync(file('tree/link'), 5, 5)
  utimesSync(file('tree/zero'), 0, -86_400)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Names, types, modes, owners, sizes, times and targets of all in a folder, and the sums of its files. */
function described(path: string): string {
  const facts = execFileSync('find', ['.', '-printf', String.raw`%p %y %m %U:%G %s %Ts %l\n`], { cwd: path, encoding: 'utf8' })
  const sums = execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} +'], { cwd: path, encoding: 'utf8' })
  // The size of a folder is the file system's own affair.
  const lines = facts.split('\n').map((line) => line.replace(/ d (\d+ \S+) \d+/, ' d $1'))
  return [...lines, ...sums.split('\n')].toSorted().join('\n')
}

async function packed(stamping: Stamping, prefix = './'): Promise<string> {
  const tar = treeTar(await treeOf(files, file('tree'), stamping), prefix)
  const bytes = await wholeOf(tar.chunks())
  expect(bytes.length).toBe(tar.sizeBytes)
  writeFileSync(file('ours.tar'), bytes)
  return file('ours.tar')
}

function unpacked(tar: string, ...program: string[]): string {
  rmSync(file('out'), { recursive: true, force: true })
  mkdirSync(file('out'))
  execFileSync(program[0] ?? 'tar', [...program.slice(1), '-xpf', tar, '-C', file('out')], { stdio: 'pipe' })
  return described(file('out'))
}

describe('a folder as a tar', () => {
  it('unpacks to the same tree with GNU tar and with busybox: owners, modes, times, links of both kinds, long and foreign names', async () => {
    const tar = await packed(AS_IS)
    expect(unpacked(tar, 'tar')).toBe(described(file('tree')))
    expect(execFileSync('stat', ['-c', '%h', file('out/a.sh')], { encoding: 'utf8' })).toBe('2\n')
    // busybox sets the times of files alone
    const withTimesOfFiles = (text: string) => text.replace(/^(\S+ d \S+ \S+|\S+ l \S+ \S+ \d+) \d+ /gm, '$1 ')
    expect(withTimesOfFiles(unpacked(tar, 'busybox', 'tar'))).toBe(withTimesOfFiles(described(file('tree'))))
  })

  it('lists the same as what GNU tar makes of it, in sorted order', async () => {
    const list = (tar: string) => execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).split('\n')
    execFileSync('tar', ['-cf', file('theirs.tar'), '-C', file('tree'), '.'])
    const ours = list(await packed(AS_IS))
    expect(ours.toSorted()).toEqual(list(file('theirs.tar')).toSorted())
    expect(list(await packed(AS_IS, 'images/')).slice(0, 2)).toEqual(['images/', 'images/a.sh'])
  })

  it('is the same bytes whenever and by whomever it is packed, when the stamp is fixed', async () => {
    const fixed: Stamping = { fixedAt: 1_700_000_000_000, users: new Map(), groups: new Map() }
    const bytes = async () => wholeOf(treeTar(await treeOf(files, file('tree'), fixed), './').chunks())
    const first = await bytes()
    utimesSync(file('tree/b.txt'), 7, 7)
    expect(Buffer.compare(await bytes(), first)).toBe(0)
    utimesSync(file('tree/b.txt'), 1_600_000_000, 1_600_000_000.7)
  })

  it('says sizes from 8 GiB on, large ids and times before 1970 as GNU tar reads them', async () => {
    const node: TreeNode = {
      ...{ path: 'huge', kind: 'file', target: '', mode: 0o644, uid: 3_000_000, gid: 4_000_000, uname: '', gname: '' },
      ...{ sizeBytes: 2 ** 33 + 5, modifiedAt: -86_400_000, chunks: () => inPieces(new Uint8Array(1 << 20)) },
    }
    const chunks = treeTar([node], './').chunks()[Symbol.asyncIterator]()
    writeFileSync(file('head.tar'), ((await chunks.next()).value ?? new Uint8Array(0)).subarray(0, 512))
    const listed = execFileSync('sh', ['-c', 'TZ=UTC tar -tvf head.tar 2>/dev/null; true'], { cwd: folder, encoding: 'utf8' })
    expect(listed).toMatch(/^-rw-r--r-- 3000000\/4000000 8589934597 1969-12-31 00:00 \.\/huge$/m)
  })

  it('fails when a file is not as long as it was', async () => {
    for (const sizeBytes of [10, 12]) {
      const chunks = () => inPieces(bytesOf('not so much'))
      const node: TreeNode = {
        path: 'a',
        kind: 'file',
        target: '',
        mode: 0o644,
        uid: 0,
        gid: 0,
        uname: '',
        gname: '',
        modifiedAt: 0,
        sizeBytes,
        chunks,
      }
      const packing = wholeOf(treeTar([node], './').chunks())
      await expect(packing).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(`11 bytes came of ${sizeBytes}`) })
    }
  })

  it('refuses what no archive should hold, what is no folder, and what is not there', async () => {
    const server = createServer().listen(file('socket.d'))
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      await expect(treeOf(files, folder, AS_IS)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining('socket.d is a device'),
      })
    } finally {
      server.close()
    }
    await expect(treeOf(files, file('tree/b.txt'), AS_IS)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(treeOf(files, file('none'), AS_IS)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
