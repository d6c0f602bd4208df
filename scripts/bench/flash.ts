import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, readFileSync, writeSync, openSync, closeSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBmap } from '../../src/main/engine/image/bmap-read.ts'
import { alignedBuffers } from '../../src/main/writer/units.ts'
import type { Row } from '../bench.ts'
import { median } from '../quantiles.ts'
import { linkCards } from './load/card.ts'
import { etcherCommand } from './load/etcher.ts'
import { CARD_BYTES, IN_MEMORY, canThrottle, loop, loops, throttle } from './load/loops.ts'
import { type TreeSample, sampleTree } from './load/tree.ts'

const LOOP_DELAY = join(import.meta.dirname, 'load/loop-delay.mjs')
/** As ./run starts it. */
const FLAGS = ['--max-semi-space-size=2']
const MEMORY = { MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' }
const OTABENCH = join(import.meta.dirname, '../../out/main/cli.js')
const COMMAND = 'npm run bench flash'
/** Half a minute each, and bound by the card alone. */
const SLOW_ROUNDS = 3
const SOURCES = [
  ['raw', 'card.img', 5],
  ['gz', 'card.img.gz', 5],
  ['zst', 'card.img.zst', 5],
  ['xz', 'card.img.xz', 3],
] as const

/**
 * Whole flashes, from the start of the program to its end: on loop devices on a disk and in memory, and on slow cards. Those on a disk write past
 * the page cache, as cards are written: what stays there is no flash, and only some of the peers wait until it has left it.
 */
export async function benchFlash(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-flash-'))
  try {
    await linkCards(folder)
    const rows = [...(await fast(folder, IN_MEMORY, 'in memory')), ...(await fast(folder, folder, 'on disk'))]
    if (canThrottle) rows.push(...(await slow(folder)))
    else console.error('No slow cards: this kernel has no cgroup v1 with blkio.throttle.')
    return rows
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function fast(folder: string, place: string, where: string): Promise<Row[]> {
  const rows: Row[] = []
  await using card = await loop(place)
  for (const [format, name, rounds] of SOURCES) {
    const [first, again, theirs, etcher]: [number[], number[], number[], number[]] = [[], [], [], []]
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await bmaptool(folder, name, card.path))
      if (format === 'raw') etcher.push(await etcherSeconds(folder, name, card.path))
      await forgetImages(folder)
      first.push((await otabench(folder, name, [card.path])).seconds)
      again.push((await otabench(folder, name, [card.path])).seconds)
    }
    for (const [which, ours] of [['the first time', first] as const, ['again', again] as const]) {
      const what = `flash ${format} ${which} and read it back, loop device ${where}`
      rows.push(timeRow(what, median(ours), median(theirs)))
      if (format === 'raw') rows.push(peerRow(`${what} (peer: etcher-sdk as balenaEtcher uses it)`, median(ours), median(etcher)))
    }
    if (where === 'in memory') rows.push(...(await engineRows(`flash ${format} to one card`, { folder, name, targets: [card.path] })))
  }
  return rows
}

/** The bench knows no image any more: it holds each against its map and sums again. */
async function forgetImages(folder: string): Promise<void> {
  await rm(join(folder, 'bench/flashes/known-images'), { force: true })
}

async function slow(folder: string): Promise<Row[]> {
  const rows: Row[] = []
  await using cards = await loops(IN_MEMORY, 4)
  const [first, second] = cards.paths
  if (!first || !second) return rows
  throttle(first, 20, 90)
  const theirs: number[] = []
  const ours: Flashed[] = []
  for (let round = 0; round < SLOW_ROUNDS; round += 1) {
    theirs.push(await bmaptool(folder, 'card.img', first))
    ours.push(await otabench(folder, 'card.img', [first]))
  }
  const raw = 'flash raw to a card of 20 MiB/s'
  const [whole, ordered] = [ours.map(({ seconds }) => seconds), ours.map((flashed) => flashed.ordered)]
  rows.push(timeRow(raw, median(whole), median(theirs)))
  rows.push(timeRow(`${raw}, from the order to an engine that runs, as in the app`, median(ordered), median(theirs)))
  await change(join(folder, 'card.img'), join(folder, 'changed.img'))
  const changed = await otabench(folder, 'changed.img', [first], ['--differential'])
  rows.push(timeRow('flash to a card of 20 MiB/s on which 3 % differ, in place', changed.seconds, median(theirs)))
  throttle(second, 60, 90)
  const fastAlone = await otabench(folder, 'card.img', [second])
  const both = await otabench(folder, 'card.img', [first, second])
  const [besides = 0, quick = 0] = [fastAlone.lanes[0], both.lanes[1]]
  const what = 'flash to cards of 20 and 60 MiB/s together: until the fast one is free (peer: the fast one alone)'
  rows.push(peerRow(what, quick, besides))
  for (const path of cards.paths) throttle(path, 20, 90)
  const one = await otabench(folder, 'card.img.gz', [first])
  const four = await otabench(folder, 'card.img.gz', cards.paths)
  const peers = 'flash gz to four cards of 20 MiB/s at once (peer: to one)'
  rows.push(peerRow(peers, four.seconds, one.seconds))
  const wanted = { folder, name: 'card.img.gz', targets: cards.paths }
  return [...rows, ...(await engineRows('flash gz to four cards', wanted))]
}

function timeRow(what: string, ours: number, peer: number): Row {
  return peerRow(`${what} (peer: bmaptool copy and reading back)`, ours, peer)
}

function peerRow(what: string, ours: number, peer: number): Row {
  return { what, ours, peer, ratio: peer / ours, unit: 's', command: COMMAND }
}

interface Wanted {
  folder: string
  name: string
  targets: readonly string[]
}

/** Of runs of their own, the first time and again: who looks on takes time. The worse of both. */
async function engineRows(what: string, wanted: Wanted): Promise<Row[]> {
  await forgetImages(wanted.folder)
  const samples = [await watched(wanted), await watched(wanted)]
  const row = (how: string, unit: string, figures: readonly number[]): Row => ({
    ...{ what: `${what}: ${how}`, ours: Math.max(...figures), unit, command: COMMAND },
  })
  return [
    row(
      'peak memory of all processes',
      'MB',
      samples.map(({ peakMb }) => peakMb),
    ),
    row(
      'the same, what they share counted once',
      'MB',
      samples.map(({ peakOwnMb }) => peakOwnMb),
    ),
    row(
      "longest that the engine's event loop stood still, waits for a core left out",
      'ms',
      samples.map(({ stillMs }) => stillMs),
    ),
  ]
}

function line({ folder, name, targets }: Wanted): string[] {
  const to = targets.flatMap((path) => ['--to', path, '--name', path])
  const map = ['--bmap', join(folder, name === 'changed.img' ? 'changed.bmap' : 'card.img.bmap')]
  return [OTABENCH, 'flash', name, ...map, ...to, '--yes', '--json', '--data', join(folder, 'bench')]
}

interface LaneTimes {
  startedAt: number
  endedAt: number
}

/** As `otabench flash --json` tells of it; times in ms. */
interface FlashTimes {
  startedAt: number
  lanes: LaneTimes[]
}

function timesIn(output: string): FlashTimes {
  return JSON.parse(output)
}

interface Flashed {
  /** From the start of the program to its end. */
  seconds: number
  /** From the order to the engine to the end of the last lane, in seconds. */
  ordered: number
  /** How long each lane took, in seconds. */
  lanes: number[]
}

async function otabench(folder: string, name: string, targets: readonly string[], flags: readonly string[] = []): Promise<Flashed> {
  const startedAt = performance.now()
  const args = [...FLAGS, ...line({ folder, name, targets }), ...flags]
  const output = execFileSync(process.execPath, args, { cwd: folder, env: { ...process.env, ...MEMORY }, encoding: 'utf8' })
  const seconds = (performance.now() - startedAt) / 1000
  const { startedAt: orderedAt, lanes } = timesIn(output)
  return {
    ...{ seconds, ordered: (Math.max(...lanes.map(({ endedAt }) => endedAt)) - orderedAt) / 1000 },
    lanes: lanes.map(({ startedAt: from, endedAt }) => (endedAt - from) / 1000),
  }
}

/** One flash with its memory, and the longest that the engine's event loop stood still. */
async function watched(wanted: Wanted): Promise<TreeSample & { stillMs: number }> {
  const { folder } = wanted
  const delays = join(folder, 'loop-delays')
  const command = [process.execPath, ...FLAGS, '--import', LOOP_DELAY, ...line(wanted)]
  const sample = await sampleTree(command, { cwd: folder, env: { ...MEMORY, LOOP_DELAY_FILE: delays } })
  const { lanes } = timesIn(sample.output)
  const late: [endedAt: number, ms: number][] = JSON.parse(readFileSync(delays, 'utf8'))
  const isMeanwhile = (at: number): boolean => lanes.some(({ startedAt, endedAt }) => at >= startedAt && at <= endedAt)
  return { ...sample, stillMs: late.reduce((longest, [at, ms]) => (isMeanwhile(at) ? Math.max(longest, ms) : longest), 0) }
}

/** balenaEtcher's own settings: what the partitions leave free is left out, and what was written is read back. */
async function etcherSeconds(folder: string, name: string, path: string): Promise<number> {
  const [program = '', ...args] = await etcherCommand(join(folder, name), path, CARD_BYTES)
  const startedAt = performance.now()
  execFileSync(program, args, { cwd: folder, stdio: 'ignore' })
  return (performance.now() - startedAt) / 1000
}

/** bmaptool, which does not read back, and a reader that holds what is on the card against the sums of the map. */
async function bmaptool(folder: string, name: string, path: string): Promise<number> {
  const startedAt = performance.now()
  execFileSync('bmaptool', ['copy', '--bmap', join(folder, 'card.img.bmap'), join(folder, name), path], { stdio: 'ignore' })
  const device = await open(path, constants.O_RDONLY | constants.O_DIRECT)
  try {
    await readBack(device, join(folder, 'card.img.bmap'))
  } finally {
    await device.close()
  }
  return (performance.now() - startedAt) / 1000
}

async function readBack(device: FileHandle, map: string): Promise<void> {
  const { ranges, blockBytes, checksumType } = readBmap(readFileSync(map))
  const buffer = alignedBuffers(1)()
  for (const { start, end, checksum } of ranges) {
    const hash = createHash(checksumType)
    for (let at = start * blockBytes; at < end * blockBytes;) {
      const { bytesRead } = await device.read(buffer, 0, Math.min(buffer.length, end * blockBytes - at), at)
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    if (hash.digest('hex') !== checksum) throw new Error(`blocks ${start} to ${end} are not as they were written`)
  }
}

/** The image with 3 % of what is mapped changed in place, in clusters, and its map. */
async function change(from: string, to: string): Promise<void> {
  execFileSync('cp', ['--sparse=always', from, to])
  const { ranges, blockBytes } = readBmap(readFileSync(`${from}.bmap`))
  const blocks = ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index))
  const handle = openSync(to, 'r+')
  const clusters = 167
  const length = Math.round((blocks.length * 0.03) / clusters)
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    const first = Math.floor(((cluster + 0.5) * blocks.length) / clusters)
    for (const block of blocks.slice(first, first + length))
      writeSync(handle, Buffer.alloc(blockBytes, cluster), 0, blockBytes, block * blockBytes)
  }
  closeSync(handle)
  execFileSync('bmaptool', ['create', to, '-o', to.replace('.img', '.bmap')], { stdio: 'ignore' })
}
