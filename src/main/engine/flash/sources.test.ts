import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PLACES, makeCard, tool } from '../../cli/commands/image.cases.ts'
import { UNFINISHED } from '../../writer/card.ts'
import { mappedBlocks } from '../image/mapped-blocks.ts'
import { over } from '../image/test-images.cases.ts'
import { type FlashBench, openFlashBench, withHeldFile, withShellAs, withoutPrograms } from './flash.cases.ts'

const MIB = 1 << 20
const DIRT = 0xa5
/** A machine may be busy. */

/** How each format is made of `card.gpt` by the programs that people use. */
const PACKINGS: Readonly<Record<string, string>> = {
  'card.gz': 'gzip -1 -c card.gpt > card.gz',
  'card.xz': 'xz -0 -T2 --block-size=8MiB -c card.gpt > card.xz',
  'card.zst': 'zstd -q -f card.gpt -o card.zst',
  'frames.zst': 'for at in 0 64 128; do dd if=card.gpt bs=1M skip=$at count=64 status=none | zstd -q; done > frames.zst',
  'card.bz2': 'bzip2 -1 -c card.gpt > card.bz2',
  'deflated.zip': 'cp card.gpt disk.img && zip -q deflated.zip disk.img',
  'stored.zip': 'cp card.gpt disk.img && zip -q -0 stored.zip disk.img',
  'streamed.zip': 'cat card.gpt | zip -q streamed.zip -',
}

describe('images as they are handed out', () => {
  let folder: string
  let bench: FlashBench
  const file = (name: string) => join(folder, name)
  const shell = (line: string) => execFileSync('bash', ['-euc', line], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-sources-'))
    makeCard(folder, 'gpt')
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(async () => {
    bench = await openFlashBench()
    writeFileSync(file('card'), Buffer.alloc(200 * MIB, DIRT))
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const flash = (name: string, more: object = {}) =>
    bench.flash({ source: file(name), targets: [{ path: file('card'), identity: null }], ...more })

  /** What the tools of the file systems find on the card, which held dirt before. */
  const expectWhole = (): void => {
    const card = readFileSync(file('card'))
    for (const place of ['rootfsA', 'rootfsB', 'data', 'boot'] as const) {
      const [start, length] = PLACES[place]
      writeFileSync(file('cut'), card.subarray(start * MIB, (start + length) * MIB))
      if (place === 'boot') tool('/usr/sbin/fsck.vfat', '-n', file('cut'))
      else tool('/usr/sbin/e2fsck', '-fn', file('cut'))
      if (place === 'data') continue
      for (const name of ['a', 'c', 'd']) {
        if (place === 'boot') tool('mcopy', '-n', '-o', '-i', file('cut'), `::${name}`, file('dumped'))
        else tool('/usr/sbin/debugfs', '-R', `dump /${name} ${file('dumped')}`, file('cut'))
        expect(readFileSync(file('dumped')).equals(readFileSync(file(`root/${name}`)))).toBe(true)
      }
    }
    expect(tool('/usr/sbin/sfdisk', '--verify', file('card'))).not.toMatch(/error/i)
    // The free space of the file systems was left as it was, and so was what lies behind the image.
    const dirt = Buffer.alloc(MIB, DIRT)
    const leftCount = Array.from({ length: 200 }, (_, at) => card.subarray(at * MIB, (at + 1) * MIB)).filter((each) =>
      each.equals(dirt),
    ).length
    expect(leftCount).toBeGreaterThan(80)
  }

  /** Every block that means something. */
  const expectMapped = async (): Promise<void> => {
    const [image, card] = [readFileSync(file('card.gpt')), readFileSync(file('card'))]
    const { ranges } = await mappedBlocks(over(image), image.length)
    for (const { start, end } of ranges)
      expect(card.subarray(start * 4096, end * 4096).equals(image.subarray(start * 4096, end * 4096))).toBe(true)
  }

  /** It says so, or nothing was written yet. */
  const expectUnfinished = (): void => {
    const front = readFileSync(file('card')).subarray(0, UNFINISHED.length).toString('latin1')
    expect([UNFINISHED, '\xa5'.repeat(UNFINISHED.length)]).toContain(front)
  }

  /** Whether the process runs that has written its number. */
  const isRunning = (): boolean => {
    const number = existsSync(file('number')) ? readFileSync(file('number'), 'utf8').trim() : ''
    return number !== '' && existsSync(`/proc/${number}`)
  }

  it.each(['card.gpt', ...Object.keys(PACKINGS)])('%s becomes a whole card, without its free space', async (name) => {
    if (PACKINGS[name]) shell(PACKINGS[name])
    const view = await flash(name)
    expect(view.lanes).toMatchObject([{ state: 'done', failure: null }])
    if (name === 'card.gpt' || name === 'card.gz') expectWhole()
    await expectMapped()
    const { sha256, source } = await bench.reached(view.id, (each) => each.sha256 !== null)
    expect(sha256).toBe(tool('sha256sum', file(name)).slice(0, 64))
    expect(source).toMatchObject({ map: 'file-systems', path: file(name) })
    expect(view.lanes[0]?.writtenBytes).toBeLessThan(100 * MIB)
  })

  it.each(['card.xz', 'frames.zst'])('%s is unpacked without its program as well', async (name) => {
    if (PACKINGS[name]) shell(PACKINGS[name])
    await using other = await openFlashBench(file(`without-${name}`), withoutPrograms('xz', 'zstd'))
    const view = await other.flash({ source: file(name), targets: [{ path: file('card'), identity: null }] })
    expect(view.lanes).toMatchObject([{ state: 'done', failure: null }])
    await expectMapped()
  })

  it.each(['card.xz', 'card.bz2'])('%s is on the card before all that is stored was read for its sum', async (name) => {
    if (PACKINGS[name]) shell(PACKINGS[name])
    const { host, letGo } = withHeldFile(file(name))
    await using other = await openFlashBench(file(`held-${name}`), host)
    const view = await other.flash({ source: file(name), targets: [{ path: file('card'), identity: null }] })
    expect(view).toMatchObject({ lanes: [{ state: 'done' }], sha256: null })
    letGo()
    const { sha256 } = await other.reached(view.id, (each) => each.sha256 !== null)
    expect(sha256).toBe(tool('sha256sum', file(name)).slice(0, 64))
  })

  it.each(['card.gpt', 'card.gz', 'card.zst', 'mapped.zip'])(
    '%s is written by a map of bmaptool, and held against its sums',
    async (name) => {
      shell(`bmaptool create card.gpt -o map.bmap 2>/dev/null; ${PACKINGS[name] ?? ':'}`)
      const map = name === 'mapped.zip' ? null : file('map.bmap')
      if (map === null) shell('cp card.gpt disk.img; cp map.bmap disk.img.bmap; zip -q mapped.zip disk.img disk.img.bmap')
      // Of what their maps leave out they say that it is zeros already.
      writeFileSync(file('card'), Buffer.alloc(192 * MIB))
      const view = await flash(name, { bmap: map })
      expect(view).toMatchObject({ lanes: [{ state: 'done' }], source: { map: map === null ? 'inside' : 'beside' } })
      const { sha256, source } = await bench.reached(view.id, ({ isSummed }) => isSummed)
      expect(source?.witnesses).toMatchObject([{ kind: 'bmap', isChecked: true }])
      // Of a raw image, what the map vouches for is all that was read.
      expect(sha256).toBe(name === 'card.gpt' ? null : tool('sha256sum', file(name)).slice(0, 64))
      expect(readFileSync(file('card')).equals(readFileSync(file('card.gpt')))).toBe(true)
    },
  )

  it.each(['changed', 'changed.zst'])('%s is refused where a map beside it is of another image', async (name) => {
    shell('bmaptool create card.gpt -o map.bmap 2>/dev/null')
    copyFileSync(file('card.gpt'), file('changed'))
    execFileSync('dd', ['if=/dev/urandom', `of=${file('changed')}`, 'bs=4096', 'count=1', 'seek=6200', 'conv=notrunc', 'status=none'])
    shell('zstd -q -f changed -o changed.zst')
    const other = await flash(name, { bmap: file('map.bmap') })
    expect(other.lanes).toMatchObject([
      { state: 'failed', failure: { code: 'VERIFY_FAILED', message: expect.stringMatching(/blocks \d+ to \d+/) } },
    ])
    expect(other.source?.witnesses).toMatchObject([{ kind: 'bmap', isChecked: false }])
    expectUnfinished()
  })

  it.each([
    ['cut.gz', 'gzip -1 -c card.gpt | head -c -1000 > cut.gz'],
    ['cut.xz', 'xz -0 -c card.gpt | head -c -1000 > cut.xz'],
    ['cut.zst', 'zstd -q -c card.gpt | head -c -1000 > cut.zst'],
    ['cut.bz2', 'bzip2 -1 -c card.gpt | head -c -1000 > cut.bz2'],
    [
      'bad.zip',
      'cp card.gpt disk.img; rm -f bad.zip; zip -q bad.zip disk.img; dd if=/dev/urandom of=bad.zip bs=1k seek=2000 count=9 conv=notrunc status=none',
    ],
  ])('%s fails, and leaves a card that says so', async (name, line) => {
    shell(line)
    const view = await flash(name)
    expect(view.lanes).toMatchObject([{ state: 'failed', failure: { code: 'ARTIFACT_INVALID', message: expect.stringMatching(/^.*$/) } }])
    expect(view.sha256).toBeNull()
    expectUnfinished()
  })

  it.each([
    ['its disk is full', 'xz -dc > /dev/full', { code: 'DISK_FULL', hint: expect.stringContaining('Free some space') }],
    ['it takes too much memory', 'xz -dc --memlimit-decompress=1MiB --no-adjust', { code: 'MEMORY_FULL' }],
    ['the system ends it', 'head -c 3M /dev/urandom; kill -KILL $$', { code: 'INTERRUPTED', message: expect.stringContaining('signal 9') }],
  ])('says why a program cannot unpack it: %s', async (_, script, failure) => {
    shell('xz -6 -c card.gpt > failing.xz')
    await using other = await openFlashBench(file('failing'), withShellAs('xz', script))
    const { lanes } = await other.flash({ source: file('failing.xz'), targets: [{ path: file('card'), identity: null }] })
    expect(lanes).toMatchObject([{ state: 'failed', failure }])
    expectUnfinished()
    const spools = () => readdirSync(join(other.dataFolder, 'flashes')).filter((name) => name.endsWith('.image'))
    await expect.poll(spools).toEqual([])
  })

  it('is unpacked no further when it is cancelled', async () => {
    shell('xz -0 -c card.gpt > endless.xz')
    await using other = await openFlashBench(file('endless'), withShellAs('xz', `echo $$ > ${file('number')}; exec sleep 600`))
    const { id } = await other.client.flash.start({ source: file('endless.xz'), targets: [{ path: file('card'), identity: null }] })
    await expect.poll(isRunning).toBe(true)
    await other.client.flash.cancel({ id })
    expect((await other.ended(id)).lanes).toMatchObject([{ state: 'cancelled' }])
    await expect.poll(isRunning).toBe(false)
  })

  it('is checked by what lies beside it before anything is written', async () => {
    mkdirSync(file('beside'))
    renameSync(file('card'), file('untouched'))
    writeFileSync(file('card'), 'as it was')
    copyFileSync(file('card.gpt'), file('beside/disk.img'))
    shell('cd beside && sha256sum disk.img > SHA256SUMS')
    expect((await flash('beside/disk.img')).source?.witnesses).toEqual([
      { kind: 'sha256', path: file('beside/SHA256SUMS'), isChecked: true, heldAt: null },
    ])
    writeFileSync(file('card'), 'as it was')
    truncateSync(file('beside/disk.img'), 190 * MIB)
    expect((await flash('beside/disk.img')).lanes).toMatchObject([{ state: 'failed', failure: { code: 'VERIFY_FAILED' } }])
    rmSync(file('beside/SHA256SUMS'))
    expect((await flash('card.gpt', { sha256: '0'.repeat(64) })).lanes).toMatchObject([
      { state: 'failed', failure: { code: 'VERIFY_FAILED' } },
    ])
    expect(readFileSync(file('card'), 'utf8')).toBe('as it was')
  })

  it('is held to its signature with the keys that gpg has', async () => {
    const home = file('gnupg')
    mkdirSync(home, { mode: 0o700 })
    const before = process.env['GNUPGHOME']
    process.env['GNUPGHOME'] = home
    try {
      const gpg = (...args: string[]) =>
        tool('env', `GNUPGHOME=${home}`, 'gpg', '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args)
      gpg('--quick-generate-key', 'release@example.com', 'ed25519', 'sign')
      copyFileSync(file('card.gpt'), file('signed.img'))
      gpg('--detach-sign', '--output', file('signed.img.sig'), file('signed.img'))
      const good = await flash('signed.img')
      expect(good).toMatchObject({ lanes: [{ state: 'done' }], source: { witnesses: [{ kind: 'signature', isChecked: true }] } })
      truncateSync(file('signed.img'), 190 * MIB)
      expect((await flash('signed.img')).lanes).toMatchObject([{ state: 'failed', failure: { code: 'SIGNATURE_INVALID' } }])
      process.env['GNUPGHOME'] = file('nobody')
      mkdirSync(file('nobody'), { mode: 0o700 })
      expect((await flash('signed.img')).source?.witnesses).toMatchObject([{ kind: 'signature', isChecked: false }])
    } finally {
      if (before === undefined) delete process.env['GNUPGHOME']
      else process.env['GNUPGHOME'] = before
    }
  })
})
