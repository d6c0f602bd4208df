import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loopDevice } from '../engine/drives/loop.cases.ts'
import { tryInput } from '../engine/lib/fuzz.cases.ts'
import { UNFINISHED } from './card.ts'
import { MAX_LINE_BYTES } from './orders.ts'
import { SEAL_BYTES } from './protocol.ts'
import { writerFuzz } from './fuzz.cases.ts'

const MIB = 1 << 20
const WRITER = join(import.meta.dirname, '../writer.ts')
const OPEN = {
  ...{ order: 'open', imageBytes: 8192, startBytes: 0, roomBytes: null, deviceBytes: null, diskSequence: null },
  ...{ verify: true, differential: false, samples: [], label: 'x', overlay: null, faults: null },
}

describe('the writer', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-writer-'))
    writeFileSync(file('device'), Buffer.alloc(MIB, 0x5a))
    writeFileSync(file('image'), Buffer.alloc(8192, 7))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  interface Talk {
    args?: string[]
    env?: NodeJS.ProcessEnv
    /** What starts it. */
    starter?: string[]
    /** Whether nobody waits for its answer. */
    isCutOff?: boolean
  }
  /** What it says last to some lines, and its exit code. */
  const talk = async (
    lines: readonly (object | string)[],
    { args = [file('device')], env = {}, starter = [], isCutOff = false }: Talk = {},
  ) => {
    const [name = '', ...words] = [...starter, process.execPath, WRITER, ...args]
    const child = spawn(name, words, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.on('error', () => undefined)
    for (const line of lines) child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
    if (isCutOff) child.stdin.end()
    const ended = once(child, 'exit')
    const said: Record<string, unknown>[] = []
    let last: Record<string, unknown> = {}
    for await (const line of createInterface(child.stdout)) {
      last = JSON.parse(line)
      said.push(last)
      const isHeldBack = last['phase'] === 'finishing' && !lines.includes(seal)
      if (isHeldBack || last['event'] === 'done' || last['event'] === 'failed') child.stdin.end()
    }
    const [status]: unknown[] = await ended
    return { status, last, said }
  }
  const open = (more: object = {}) => ({ ...OPEN, source: file('image'), ...more })
  const write = { order: 'write', ranges: [[0, 8192]] }
  const end = { order: 'end', imageBytes: 8192 }
  const seal = { order: 'seal' }
  const untouched = () => readFileSync(file('device')).every((byte) => byte === 0x5a)

  it('writes one image to one file, and stops without a word when nobody says more', async () => {
    expect(await talk([open(), write, end, seal])).toMatchObject({ status: 0, last: { event: 'done', writtenBytes: 8192 } })
    expect(
      readFileSync(file('device'))
        .subarray(0, 8192)
        .equals(readFileSync(file('image'))),
    ).toBe(true)
    expect(await talk([open(), write], { isCutOff: true })).toMatchObject({ status: 3, last: { event: 'ready' } })
    expect(await talk([open(), write, end], { isCutOff: true })).toMatchObject({ status: 3 })
    expect(await talk([], { isCutOff: true })).toEqual({ status: 3, last: {}, said: [] })
    expect(readdirSync(folder).toSorted()).toEqual(['device', 'image'])
  })

  it('leaves nothing of partition tables and superblocks on a card as long as it is not whole', async () => {
    writeFileSync(file('image'), Buffer.alloc(MIB, 7))
    const wanted = [open({ imageBytes: MIB }), { order: 'write', ranges: [[0, MIB]] }, { order: 'end', imageBytes: MIB }]
    expect(await talk(wanted)).toMatchObject({ status: 3, last: { phase: 'finishing' } })
    const card = readFileSync(file('device'))
    expect(card.toString('latin1', 0, UNFINISHED.length)).toBe(UNFINISHED)
    // The last superblock by which a file system is known is that of btrfs.
    const [behindLabel, btrfs] = [512, 0x10000]
    expect(card.subarray(behindLabel, btrfs + 4096).every((byte) => byte === 0)).toBe(true)
    expect(card.subarray(SEAL_BYTES).equals(readFileSync(file('image')).subarray(SEAL_BYTES))).toBe(true)
  })

  it('tells the sums of what was written, and takes them of the next one', async () => {
    const image = Buffer.alloc(3 * MIB, 7).fill(9, 2 * MIB)
    writeFileSync(file('image'), image)
    writeFileSync(file('device'), Buffer.alloc(3 * MIB, 0x5a))
    const write = { order: 'write', ranges: [[0, 3 * MIB]] }
    const end = { order: 'end', imageBytes: 3 * MIB }
    const wanted = open({ imageBytes: 3 * MIB })
    const sums = [SEAL_BYTES, MIB, 2 * MIB].map((at) => crc32(image.subarray(at, (Math.floor(at / MIB) + 1) * MIB)))
    const told = { event: 'sums', sums }
    expect(await talk([wanted, write, end, seal])).toMatchObject({ status: 0, said: expect.arrayContaining([told]) })
    expect((await talk([{ ...wanted, verify: false }, write, end, seal])).said).not.toContainEqual(told)
    writeFileSync(file('device'), Buffer.alloc(3 * MIB, 0x5a))
    const known = await talk([wanted, { order: 'sums', sums: sums.slice(0, 1) }, { order: 'sums', sums: sums.slice(1) }, write, end, seal])
    expect(known).toMatchObject({ status: 0, last: { event: 'done', verifiedBytes: 3 * MIB - SEAL_BYTES } })
    expect(known.said).not.toContainEqual(told)
    expect(readFileSync(file('device')).equals(image)).toBe(true)
    const other = await talk([wanted, { order: 'sums', sums: [sums[0], sums[1], sums[1]] }, write, end, seal])
    expect(other).toMatchObject({ status: 1, last: { event: 'failed', why: 'changed' } })
    expect(readFileSync(file('device')).subarray(0, MIB).equals(image.subarray(0, MIB))).toBe(false)
    const late = await talk([wanted, write, { order: 'sums', sums }])
    expect(late).toMatchObject({ status: 1, last: { event: 'failed', why: 'protocol' } })
  })

  it('takes some ranges of the image from a second file', async () => {
    writeFileSync(file('own'), Buffer.alloc(8192, 9))
    const overlay = {
      source: file('own'),
      ranges: [
        [512, 1024],
        [4096, 4608],
      ],
    }
    expect(await talk([open({ overlay }), write, end, seal])).toMatchObject({ status: 0, last: { event: 'done', verifiedBytes: 0 } })
    const wanted = Buffer.alloc(8192, 7).fill(9, 512, 1024).fill(9, 4096, 4608)
    expect(readFileSync(file('device')).subarray(0, 8192).equals(wanted)).toBe(true)
    const absent = { ...overlay, source: file('none') }
    expect(await talk([open({ overlay: absent })])).toMatchObject({ status: 1, last: { event: 'failed', why: 'source' } })
  })

  it.each([
    [
      'an overlay out of order',
      [
        {
          ...{ ...OPEN, source: '/dev/null' },
          overlay: {
            source: '/dev/null',
            ranges: [
              [512, 1024],
              [0, 512],
            ],
          },
        },
      ],
    ],
    [
      'sums that are none',
      [
        { ...OPEN, source: '/dev/null' },
        { order: 'sums', sums: [2 ** 32] },
      ],
    ],
    ['an overlay with more to say', [{ ...OPEN, source: '/dev/null', overlay: { source: '/dev/null', ranges: [], mode: 'w' } }]],
    ['no JSON', ['{']],
    ['no order', ['{}']],
    ['another order first', [{ order: 'end', imageBytes: 1 }]],
    ['an unknown field', [{ ...OPEN, source: '/dev/null', shell: 'rm' }]],
    ['an unknown order', [{ order: 'exec', command: 'id' }]],
    ['a prototype', ['{"order":"open","__proto__":{}}']],
    ['a place inside a sector', [{ ...OPEN, source: '/dev/null', startBytes: 7 }]],
    ['a line without an end', ['x'.repeat(MAX_LINE_BYTES + 10)]],
    ['bytes below zero', [{ ...OPEN, source: '/dev/null', imageBytes: -1 }]],
  ])('refuses %s, and touches nothing', async (_, lines) => {
    expect(await talk(lines)).toMatchObject({ status: 1, last: { event: 'failed', why: 'protocol' } })
    expect(untouched()).toBe(true)
  })

  it.each([
    ['a second open', (first: object) => [first, first]],
    [
      'ranges out of order',
      (first: object) => [
        first,
        {
          order: 'write',
          ranges: [
            [4096, 8192],
            [0, 4096],
          ],
        },
        end,
      ],
    ],
    ['a range inside a block', (first: object) => [first, { order: 'write', ranges: [[1, 4096]] }, end]],
    ['another size in the end', (first: object) => [first, write, { order: 'end', imageBytes: 4096 }]],
    ['the first block before the end', (first: object) => [first, { order: 'seal' }, write]],
    ['orders behind the end', (first: object) => [first, { order: 'end', imageBytes: 8192 }, write]],
  ])('gives up at %s before the card looks whole', async (_, lines) => {
    expect(await talk(lines(open()))).toMatchObject({ status: 1, last: { event: 'failed', why: 'protocol' } })
    expect(
      readFileSync(file('device'))
        .subarray(0, 4096)
        .every((byte) => byte === 7),
    ).toBe(false)
  })

  it('says what is wrong with what it is to write', async () => {
    expect(await talk([open()], { args: [file('absent')] })).toMatchObject({ last: { why: 'not-found' } })
    expect(readdirSync(folder).toSorted()).toEqual(['device', 'image'])
    expect(await talk([open()], { args: [folder] })).toMatchObject({ last: { why: 'not-a-device' } })
    expect(await talk([open()], { args: ['/dev/null'] })).toMatchObject({ last: { why: 'not-a-device' } })
    expect(await talk([open({ deviceBytes: 4096 })])).toMatchObject({ last: { why: 'other-device' } })
    expect(await talk([open({ roomBytes: 4096 })])).toMatchObject({ last: { why: 'too-small' } })
    expect(await talk([open({ source: file('absent') }), write, end, seal])).toMatchObject({ last: { why: 'source' } })
    expect(await talk([open(), write, end], { args: [] })).toMatchObject({ status: 2 })
    expect(untouched()).toBe(true)
  })

  const SECTOR = 512
  it.each([
    ['a file', null, 13 * SECTOR],
    ['a virtual drive', MIB, 13 * SECTOR],
    ['a file, from an image that ends inside a sector', null, 12 * SECTOR + 100],
  ])('writes a partition of an odd number of sectors in %s, and no byte around it', async (_, deviceBytes, imageBytes) => {
    const [startBytes, roomBytes] = [7 * SECTOR, 13 * SECTOR]
    writeFileSync(file('image'), Buffer.alloc(imageBytes, 7))
    const part = { imageBytes, startBytes, roomBytes, deviceBytes }
    for (const differential of [false, true]) {
      const orders = [open({ ...part, differential }), { order: 'write', ranges: [[0, imageBytes]] }, { order: 'end', imageBytes }, seal]
      expect(await talk(orders)).toMatchObject({ status: 0, last: { event: 'done' } })
      const expected = Buffer.alloc(MIB, 0x5a).fill(0, startBytes, startBytes + roomBytes)
      expected.fill(7, startBytes, startBytes + imageBytes)
      expect(readFileSync(file('device')).equals(expected)).toBe(true)
    }
  })

  it('writes no partition that ends inside a block of its drive', async () => {
    await using device = await loopDevice(MIB, ['--sector-size', '4096'])
    for (const place of [
      { startBytes: 4096, roomBytes: 8192 + SECTOR },
      { startBytes: SECTOR, roomBytes: 8192 },
    ])
      expect(await talk([open(place), write, end, seal], { args: [device.path] })).toMatchObject({ last: { why: 'protocol' } })
    expect(readFileSync(device.path).every((byte) => byte === 0)).toBe(true)
    const orders = [open({ startBytes: 4096, roomBytes: 8192 }), write, end, seal]
    expect(await talk(orders, { args: [device.path] })).toMatchObject({ last: { event: 'done' } })
    expect(readFileSync(device.path).indexOf(0, 4096)).toBe(4096 + 8192)
  })

  /** Opens something as file descriptor 3 for a writer that may not. */
  const opening = (path: string) => [
    ...['sh', '-c', 'exec 3<>"$0"; exec "$@"', path],
    ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
  ]

  it('writes what was opened for it, when that is the drive that was chosen and nothing else', async () => {
    await using device = await loopDevice(MIB)
    await using other = await loopDevice(MIB)
    const diskSequence = readFileSync(`/sys/class/block/${basename(device.path)}/diskseq`, 'latin1').trim()
    const say = (more: object, opened: string, args = [device.path, '3']) =>
      talk([open({ source: '/dev/zero', diskSequence, ...more }), write, end, seal], { args, starter: opening(opened) })
    expect(await say({}, other.path)).toMatchObject({ last: { why: 'other-device' } })
    expect(await say({}, file('device'))).toMatchObject({ last: { why: 'not-a-device' } })
    expect(await say({ diskSequence: '1' }, device.path)).toMatchObject({ last: { why: 'other-device' } })
    expect(await say({ deviceBytes: MIB + 512 }, device.path)).toMatchObject({ last: { why: 'other-device' } })
    expect(await say({}, device.path, [device.path])).toMatchObject({ last: { why: 'permission' } })
    for (const args of [
      [device.path, '3', '4'],
      [device.path, '0'],
      [device.path, '-3'],
    ])
      expect(await say({}, device.path, args)).toEqual({ status: 2, last: {}, said: [] })
    writeFileSync(device.path, Buffer.alloc(MIB, 0x5a))
    expect(await say({}, device.path)).toMatchObject({ status: 0, last: { event: 'done', writtenBytes: 8192 } })
    expect(readFileSync(device.path).indexOf(0x5a)).toBe(8192)
    expect(untouched() && readFileSync(other.path).every((byte) => byte === 0)).toBe(true)
  })

  it('takes nothing that is open already when it has more rights than its user', async () => {
    await using device = await loopDevice(MIB)
    const env = { SUDO_UID: '1000', SUDO_GID: '1000' }
    const starter = opening(device.path).slice(0, 4)
    expect(await talk([open(), write, end, seal], { args: [device.path, '3'], env, starter })).toEqual({ status: 2, last: {}, said: [] })
  })

  it('writes no files when somebody has given it the rights of root', async () => {
    expect(process.getuid?.()).toBe(0)
    for (const env of [{ SUDO_UID: '1000', SUDO_GID: '1000' }, { PKEXEC_UID: '1000' }])
      expect(await talk([open(), write, end, seal], { env })).toMatchObject({ last: { why: 'not-a-device' } })
    expect(untouched()).toBe(true)
  })

  it('reads the image with the rights of who asked for it, although root may read all', async () => {
    await using device = await loopDevice(MIB)
    // The folder that tests get is closed to others.
    const place = mkdtempSync('/var/tmp/otabench-writer-')
    try {
      chmodSync(place, 0o755)
      const source = join(place, 'image')
      copyFileSync(file('image'), source)
      for (const [mode, why] of [[0o600, 'source'] as const, [0o644, undefined] as const]) {
        chmodSync(source, mode)
        const env = { SUDO_UID: '65534', SUDO_GID: '65534' }
        expect((await talk([open({ source }), write, end, seal], { args: [device.path], env })).last['why']).toBe(why)
      }
      expect(readFileSync(device.path).subarray(0, 8192).equals(readFileSync(source))).toBe(true)
    } finally {
      rmSync(place, { recursive: true })
    }
  })

  it('reads an image that only a group of who asked for it may read', async () => {
    await using device = await loopDevice(MIB)
    const place = mkdtempSync('/var/tmp/otabench-writer-')
    try {
      chmodSync(place, 0o755)
      const source = join(place, 'image')
      copyFileSync(file('image'), source)
      chmodSync(source, 0o640)
      // Debian's user man has a first group of another number; nobody is put into one more.
      const [man, mansGroup, nobody, readers] = [6, 12, 65_534, 54_321]
      writeFileSync(file('group'), `${readFileSync('/etc/group', 'utf8')}readers:x:${readers}:nobody\n`)
      const starter = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/group && exec "$@"', file('group')]
      for (const [uid, gid, why] of [
        [man, mansGroup, undefined],
        [nobody, readers, undefined],
        [man, readers, 'source'],
      ] as const) {
        chownSync(source, 0, gid)
        for (const env of [{ SUDO_UID: String(uid), SUDO_GID: String(uid) }, { PKEXEC_UID: String(uid) }])
          expect((await talk([open({ source }), write, end, seal], { args: [device.path], env, starter })).last['why']).toBe(why)
      }
    } finally {
      rmSync(place, { recursive: true })
    }
  })

  it('keeps its word whatever is said to it', async () => {
    for (let number = 0; number < 200; number += 1) expect(await tryInput(writerFuzz, 5, number)).toBeNull()
  })
})
