import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineClient } from '../../../cli/context.ts'
import { now } from '../../../cli/live.ts'
import { NO_DRIVE_FAULTS } from '../../../contract/drives.ts'
import type { ChainVerdict, UnitRecord } from '../../../contract/station.ts'
import { type VirtualDrives, createVirtualDrives } from '../../drives/virtual-drives.ts'
import { createEngine } from '../../engine.ts'
import { nodeHost } from '../../host.node.ts'
import { Random } from '../../lib/fuzz.cases.ts'
import { CARD_BYTES, lookAtCard, makeRecipe, makeSmallCard, recordsOf, slotNamed } from './station.cases.ts'

const CLI = join(import.meta.dirname, '../../../cli.ts')
const UNITS = 100
const READERS = ['r1', 'r2', 'r3', 'r4']
const SEED = 20_261_127

const laneEvent = z.object({ event: z.literal('lane'), slot: z.string(), word: z.string() })
const endEvent = z.object({ event: z.literal('end'), order: z.object({ good: z.number(), left: z.number() }) })
const line = z.union([laneEvent, endEvent, z.looseObject({ event: z.string() })])

/** A bench on which a person puts cards in and takes them out, and the power fails now and then. */
class Shift {
  readonly random = new Random(SEED)
  readonly words = new Map<string, string>()
  readonly drives: VirtualDrives
  readonly folder: string
  kills = 0
  pulls = 0
  isDone = false
  #cards = 0

  constructor(folder: string) {
    this.folder = folder
    this.drives = createVirtualDrives({ files: nodeHost().files, folder: join(folder, 'data/virtual-drives') })
    mkdirSync(join(folder, 'done'))
  }

  cardIn(reader: string): string {
    return join(this.folder, 'data/virtual-drives', `${reader}.img`)
  }

  start(): ChildProcess {
    const args = ['--json', '--data', join(this.folder, 'data'), 'station', 'run', '--order', 'WO', '--operator', 'Ada', '--preauthorize']
    const slots = READERS.flatMap((name) => ['--slot', slotNamed(name)])
    const files = ['--recipe', join(this.folder, 'recipe.give-again.yaml'), '--image', join(this.folder, 'card.img')]
    const child = spawn(process.execPath, [CLI, ...args, ...slots, ...files, '--until-done'], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.words.clear()
    if (child.stdout) createInterface(child.stdout).on('line', (text) => this.#hear(text))
    return child
  }

  #hear(text: string): void {
    const heard = line.parse(JSON.parse(text))
    const lane = laneEvent.safeParse(heard).data
    if (lane) this.words.set(lane.slot, lane.word)
    if (endEvent.safeParse(heard).data?.order.left === 0) this.isDone = true
  }

  /** What the person does with one reader. */
  async tend(reader: string): Promise<void> {
    const word = this.words.get(slotNamed(reader))
    const isThere = existsSync(this.cardIn(reader))
    if (isThere && (word === 'REMOVE CARD' || word === 'FAILED' || existsSync(`${this.cardIn(reader)}.pulled`))) await this.#takeOut(reader)
    else if (!isThere && word === 'INSERT CARD') await this.#putIn(reader)
  }

  async #putIn(reader: string): Promise<void> {
    const at = this.random.below(30 << 20)
    const kind = this.random.below(10)
    const faults = { ...NO_DRIVE_FAULTS, ...(kind === 0 ? { failsAtByte: at } : kind <= 2 ? { pulledAtByte: at } : {}) }
    if (kind <= 2) this.pulls += 1
    await this.drives.create({ name: reader, sizeBytes: CARD_BYTES, faults })
    this.words.delete(slotNamed(reader))
  }

  /** The card is kept: an audit looks at all of them. */
  async #takeOut(reader: string): Promise<void> {
    renameSync(this.cardIn(reader), join(this.folder, 'done', `${(this.#cards += 1)}.img`))
    for (const rest of [`${this.cardIn(reader)}.pulled`, this.cardIn(reader).replace(/img$/, 'json')]) rmSync(rest, { force: true })
    this.words.delete(slotNamed(reader))
  }

  async takeOutAll(): Promise<void> {
    for (const reader of READERS) if (existsSync(this.cardIn(reader))) await this.#takeOut(reader)
  }
}

/** One life of the station: until its work is done, or the power fails. */
async function live(shift: Shift): Promise<void> {
  const child = shift.start()
  const exit = once(child, 'exit')
  const lifeMs = 6000 + shift.random.below(12_000)
  // From its first word on: how long it takes to start is the machine's.
  let endsAt = Number.POSITIVE_INFINITY
  while (child.exitCode === null && performance.now() < endsAt) {
    if (shift.words.size > 0) endsAt = Math.min(endsAt, performance.now() + lifeMs)
    for (const reader of READERS) await shift.tend(reader)
    await sleep(50)
  }
  if (child.exitCode === null) {
    child.kill('SIGKILL')
    shift.kills += 1
  }
  await exit
}

describe('a shift of 100 units with four readers, cards that are pulled, and power that fails', () => {
  let folder: string
  let shift: Shift
  let records: UnitRecord[]
  let verdict: ChainVerdict
  let known: Record<string, string>[]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-shift-'))
    makeSmallCard(folder)
    makeRecipe(folder, 'give-again')
    shift = new Shift(folder)
    const opened = async <T>(work: (client: EngineClient) => Promise<T>): Promise<T> => {
      const engine = await createEngine(nodeHost(), { dataFolder: join(folder, 'data'), http: null, https: null })
      try {
        return await work(createRouterClient(engine.router))
      } finally {
        await engine.close()
      }
    }
    await opened((client) => client.station.makeOrder({ name: 'WO', count: UNITS }))
    while (!shift.isDone) await live(shift)
    await shift.takeOutAll()
    await opened(async (client) => {
      verdict = await client.station.verify({})
      records = await recordsOf(client)
      known = (await now(client.devices.list({ limit: 1000 }))).map(({ identity }) =>
        Object.fromEntries(Object.entries(identity).map(([name, value]) => [name, String(value)])),
      )
    })
  }, 1_200_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('gives no number twice, records no unit as good that is not, and leaves no device on the server that has no card', () => {
    const good = records.filter(({ result }) => result === 'good')
    const failed = records.length - good.length
    console.log(`${good.length} good, ${failed} failed; the power failed ${shift.kills} times, ${shift.pulls} cards were bad or pulled`)
    expect(verdict).toMatchObject({ count: records.length, faults: [] })
    expect(good).toHaveLength(UNITS)
    expect(new Set(good.map(({ serial }) => serial)).size).toBe(UNITS)
    expect(new Set(good.map(({ keyFingerprint }) => keyFingerprint)).size).toBe(UNITS)
    // The power has failed in the middle of work, and cards too.
    expect(shift.kills).toBeGreaterThan(0)
    expect(records.some(({ why }) => why.startsWith('OTA Bench stopped'))).toBe(true)
    expect(records.some(({ why }) => why.includes('pulled out'))).toBe(true)
    const names = (all: readonly Record<string, string>[]) => all.map(({ serial }) => serial).toSorted()
    expect(names(known)).toEqual(names(good.map(({ identity }) => identity)))
  })

  it('has cards that say what their records say, with sound file systems, and no two alike', () => {
    const cards = readdirSync(join(folder, 'done')).filter((name) => name.endsWith('.img'))
    const bySerial = new Map<string, string>()
    const doubtful = new Set(records.flatMap(({ serial, notUndone }) => (notUndone.length > 0 ? [serial] : [])))
    for (const name of cards) {
      const found = lookAtCard(join(folder, 'done', name))
      if (!found.isWhole) continue
      const serial = found.identity['serial'] ?? ''
      expect(bySerial.has(serial)).toBe(false)
      bySerial.set(serial, found.keyFingerprint)
      expect(found.complaints).toEqual(['', '', '', ''])
      const record = records.find((each) => each.serial === serial && each.keyFingerprint === found.keyFingerprint)
      // A card that became whole in the moment in which the power failed is named by its record.
      expect(record?.result === 'good' || doubtful.has(serial)).toBe(true)
    }
    for (const { serial, keyFingerprint } of records.filter(({ result }) => result === 'good'))
      expect(bySerial.get(serial)).toBe(keyFingerprint)
  })
})
