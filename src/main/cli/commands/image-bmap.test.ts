import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError, toAppError } from '../../contract/errors.ts'
import { readBmap } from '../../engine/image/bmap-read.ts'
import { mappedBlocks } from '../../engine/image/mapped-blocks.ts'
import { over } from '../../engine/image/test-images.cases.ts'
import { runLine } from '../command.cases.ts'
import { PLACES, makeCard, tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')
const MIB = 1 << 20
const BLOCK = 4096

describe('otabench image bmap', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  /** Which blocks a map names. */
  const blocksOf = (map: string): Set<number> => {
    const blocks = new Set<number>()
    for (const { start, end } of readBmap(readFileSync(map)).ranges) for (let block = start; block < end; block++) blocks.add(block)
    return blocks
  }
  /** The blocks of a map, on a card that held something else before. */
  const flashOver = (image: string, map: string): Buffer => {
    const bytes = readFileSync(image)
    const card = Buffer.alloc(bytes.length, 0xa5)
    for (const block of blocksOf(map)) bytes.copy(card, block * BLOCK, block * BLOCK, (block + 1) * BLOCK)
    return card
  }
  /** One partition as a file of its own. */
  const cut = (image: Buffer, [start, length]: readonly [number, number], name: string): string => {
    writeFileSync(file(name), image.subarray(start * MIB, (start + length) * MIB))
    return file(name)
  }
  /** The file systems are whole for their own checkers, and give the files that went in. */
  const expectWhole = (image: Buffer): void => {
    for (const place of ['rootfsA', 'rootfsB', 'data'] as const) {
      const path = cut(image, PLACES[place], 'cut')
      expect(spawnSync('/usr/sbin/e2fsck', ['-fn', path], { encoding: 'utf8' })).toMatchObject({ status: 0 })
      if (place === 'data') continue
      for (const name of ['a', 'b', 'c', 'd', 'etc/mender/artifact_info']) {
        tool('/usr/sbin/debugfs', '-R', `dump /${name} ${file('dumped')}`, path)
        expect(readFileSync(file('dumped')).equals(readFileSync(file(`root/${name}`)))).toBe(true)
      }
    }
    const boot = cut(image, PLACES.boot, 'boot.copy')
    expect(spawnSync('/usr/sbin/fsck.vfat', ['-n', boot], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    for (const name of ['a', 'c', 'd']) {
      tool('mcopy', '-n', '-o', '-i', boot, `::${name}`, file('dumped'))
      expect(readFileSync(file('dumped')).equals(readFileSync(file(`root/${name}`)))).toBe(true)
    }
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-bmap-'))
    for (const label of ['dos', 'gpt'] as const) makeCard(folder, label)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(['dos', 'gpt'])('bmaptool accepts the map and copies a whole card with it, table of %s', async (label) => {
    const card = `card.${label}`
    expect(await run('bmap', card)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^card.*\.bmap: .* are mapped \(\d+ %\)/) })
    tool('bmaptool', 'copy', '--bmap', file(`${card}.bmap`), file(card), file('copied'))
    expectWhole(readFileSync(file('copied')))
    expect(tool('/usr/sbin/sfdisk', '--dump', file('copied')).replaceAll(file('copied'), file(card))).toBe(
      tool('/usr/sbin/sfdisk', '--dump', file(card)),
    )
    expectWhole(flashOver(file(card), file(`${card}.bmap`)))
    expect((await run('bmap', card, '--check', `${card}.bmap`)).stdout).toMatch(/is the image of/)
  })

  it('leaves out exactly the blocks that dumpe2fs lists as free, and free clusters', async () => {
    await run('bmap', 'card.gpt')
    const mapped = blocksOf(file('card.gpt.bmap'))
    const image = readFileSync(file('card.gpt'))
    for (const place of ['rootfsA', 'rootfsB', 'data'] as const) {
      const [start, length] = PLACES[place]
      const said = tool('/usr/sbin/dumpe2fs', cut(image, PLACES[place], 'cut'))
      const blockBytes = Number(/^Block size: +(\d+)/m.exec(said)?.[1])
      const free = new Set<number>()
      for (const [, list = ''] of said.matchAll(/^ {2}Free blocks: (.*)$/gm))
        for (const range of list.split(', ').filter((each) => each !== '')) {
          const [first = 0, last = first] = range.split('-').map(Number)
          for (let block = first; block <= last; block++) free.add(block)
        }
      for (let block = 0; block < (length * MIB) / BLOCK; block++) {
        const parts = Array.from({ length: BLOCK / blockBytes }, (_, index) => (block * BLOCK) / blockBytes + index)
        const isFree = parts.every((each) => free.has(each))
        if (mapped.has((start * MIB) / BLOCK + block) === isFree) expect.fail(`block ${block} of ${place}: free ${isFree}`)
      }
      expect(free.size).toBeGreaterThan(0)
    }
    const [start, length] = PLACES.boot
    const inBoot = [...mapped].filter((block) => block * BLOCK >= start * MIB && block * BLOCK < (start + length) * MIB)
    // Three files of 700 001, 2 100 003 and 2 800 004 bytes, and the tables; the removed one is left out.
    expect(inBoot.length * BLOCK).toBeGreaterThan(5_600_008)
    expect(inBoot.length * BLOCK).toBeLessThan(5_600_008 + 200_000)
  })

  it('makes the same map twice, and with --skip-zeros one without the blocks of zeros', async () => {
    const [first, second] = [await run('bmap', 'card.dos', '-o', 'one'), await run('bmap', 'card.dos', '-o', 'two')]
    expect([first.exitCode, second.exitCode]).toEqual([0, 0])
    expect(readFileSync(file('one')).equals(readFileSync(file('two')))).toBe(true)
    expect((await run('--json', 'bmap', 'card.dos', '-o', 'thin', '--skip-zeros')).json).toMatchObject([{ warnings: [] }])
    const image = readFileSync(file('card.dos'))
    const isZero = (block: number): boolean => image.subarray(block * BLOCK, (block + 1) * BLOCK).every((byte) => byte === 0)
    expect([...blocksOf(file('thin'))]).toEqual([...blocksOf(file('one'))].filter((block) => !isZero(block)))
    tool('bmaptool', 'copy', '--bmap', file('thin'), file('card.dos'), file('copied'))
    expectWhole(readFileSync(file('copied')))
  })

  it('reads what bmaptool makes, and finds the same image in it', async () => {
    writeFileSync(file('theirs'), tool('bmaptool', 'create', file('card.gpt')))
    expect(await run('bmap', 'card.gpt', '--check', 'theirs')).toMatchObject({ exitCode: 0 })
    await run('bmap', 'card.gpt', '--skip-zeros', '-o', 'thin')
    const theirs = blocksOf(file('theirs'))
    expect([...blocksOf(file('thin'))].filter((block) => !theirs.has(block))).toEqual([])
    writeFileSync(file('bare'), tool('bmaptool', 'create', '--no-checksum', file('card.gpt')))
    expect(await run('bmap', 'card.gpt', '--check', 'bare')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('no checksum') })
  })

  it('says where an image differs from its map', async () => {
    await run('bmap', 'card.dos')
    writeFileSync(file('other'), readFileSync(file('card.dos')))
    const handle = openSync(file('other'), 'r+')
    writeSync(handle, Uint8Array.of(1), 0, 1, 24 * MIB + 1024 + 0x30)
    closeSync(handle)
    const done = await run('bmap', 'other', '--check', 'card.dos.bmap')
    expect(done).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/error VERIFY_FAILED: The blocks \d+ to \d+/) })
    expect((await run('bmap', 'root/a', '--check', 'card.dos.bmap')).stderr).toMatch(/its map is of one with/)
    // A superblock that does not fit to its checksum is not believed.
    expect((await run('bmap', 'other')).stderr).toMatch(/partition 2 is mapped whole: .*checksum of the superblock/)
    expect([...blocksOf(file('other.bmap'))].filter((block) => block >= 24 * 256 && block < 88 * 256)).toHaveLength(64 * 256)
  })

  it.each([
    [['nothing'], 3, /Cannot open/],
    [['card.dos', '-o', 'card.dos'], 2, /which it is made of/],
    [['card.dos', '--check', 'root/a'], 4, /block map is damaged/],
  ])('bmap %j exits %i and says why', async (args, exitCode, message) => {
    const done = await run('bmap', ...args)
    expect(done).toMatchObject({ exitCode, stdout: '' })
    expect(done.stderr).toMatch(message)
  })

  it('never fails in an unforeseen way on damaged file systems, nor reaches out of the image', async () => {
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-O', '^metadata_csum', '-d', file('data'), file('small.ext4'), '2M')
    tool('/usr/sbin/mkfs.vfat', '-C', file('small.fat'), '1024')
    for (const image of [readFileSync(file('small.ext4')), readFileSync(file('small.fat'))]) {
      const damage = array(tuple(nat(4095), nat(255)), { minLength: 1, maxLength: 20 })
      await assert(
        asyncProperty(damage, async (changes) => {
          const bytes = Uint8Array.from(image)
          for (const [at, value] of changes) bytes[at] = value
          const ranges = await mappedBlocks(over(bytes), bytes.length).then((mapped) => mapped.ranges, toAppError)
          if (ranges instanceof AppError) return expect(ranges.code).toBe('ARTIFACT_INVALID')
          expect(ranges[0]?.start).toBe(0)
          expect(ranges.at(-1)?.end).toBeLessThanOrEqual(bytes.length / BLOCK)
        }),
        { numRuns: 300 },
      )
    }
  })

  it("copies the cards that mender-artifact's own tests use", async () => {
    if (!existsSync(FIXTURES)) return console.log(`Not copied mender-artifact's own images: there is no ${FIXTURES}`)
    for (const name of ['mender_test.sdimg', 'mender_test_fat.sdimg', 'mender_test.sparse.sdimg']) {
      writeFileSync(file(name), readFileSync(join(FIXTURES, name)))
      expect(await run('bmap', name)).toMatchObject({ exitCode: 0 })
      tool('bmaptool', 'copy', '--bmap', file(`${name}.bmap`), file(name), file('copied.sdimg'))
      const theirs = (image: string): string => tool('mender-artifact', 'cat', `${image}:/etc/mender/artifact_info`)
      expect(theirs(file('copied.sdimg'))).toBe(theirs(file(name)))
    }
  })
})
