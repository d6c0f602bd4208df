import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, toAppError } from '../../../contract/errors.ts'
import { Ledger } from '../ledger.ts'
import { verifyChain } from './chain.ts'
import { recoverUnits } from './make-unit.ts'
import { type Point, fileServer, makeOne } from './unit-child.cases.ts'
import type { UnitFacts } from './units.ts'

const CHILD = join(import.meta.dirname, 'unit-child.cases.ts')

const LABEL = 'A label L-001 may have been printed: tear it up'
const CARD = 'The card may be whole and say L-001: write it again'

/** What is left of a unit that stops there: its number, and what could not be undone. */
const LEFT: readonly (readonly [Point, 'free' | 'void', string[]])[] = [
  ['key', 'free', []],
  ['seed', 'free', []],
  ['write', 'free', []],
  ['expect-before', 'free', []],
  ['expect-after', 'free', []],
  ['label-before', 'void', [LABEL]],
  ['label-after', 'void', [LABEL]],
  ['seal', 'void', [LABEL, CARD]],
]

const FACTS: Omit<UnitFacts, 'serial'> = {
  ...{ seriesNumber: null, rule: 'void', identity: {}, columns: {}, order: 'WO', slot: 'slot', card: null },
  ...{ imageSha256: 'a'.repeat(64), server: null, hasLabel: false, operator: 'Ada', startedAt: 1 },
}

describe('the transaction', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-unit-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const open = () => Ledger.open(join(folder, 'provision.db'), () => 2000)
  const nothing = () => undefined
  const recover = ({ units }: Ledger) => recoverUnits({ units, server: fileServer(folder) }, new AbortController().signal)
  const failAt = (point: Point) => (reached: Point) => {
    if (reached === point) throw new AppError('DRIVE_FAILED', `it fails at ${point}`)
  }

  it.each(LEFT)(
    'that fails at %s leaves the number %s, nothing on the server, and says what it could not undo',
    async (point, number, notUndone) => {
      const error = await makeOne(folder, failAt(point)).catch(toAppError)
      expect(error).toMatchObject({ code: 'DRIVE_FAILED', message: `it fails at ${point}` })
      using ledger = open()
      expect(ledger.records.all(null)).toMatchObject([
        { result: 'failed', serial: 'L-001', number, notUndone, why: `it fails at ${point}` },
      ])
      expect(existsSync(join(folder, 'server.json'))).toBe(false)
      expect(existsSync(join(folder, 'overlay'))).toBe(false)
      expect(ledger.numbers()).toMatchObject([{ value: 'L-001', state: number }])
      const next = await makeOne(folder, nothing)
      expect(next.record).toMatchObject({ result: 'good', serial: number === 'free' ? 'L-001' : 'L-002', sequence: 2 })
    },
  )

  it.each(LEFT)('that is killed at %s is taken back at the next start: the number is %s', async (point, number, notUndone) => {
    expect(spawnSync(process.execPath, [CHILD, folder, point], { encoding: 'utf8' })).toMatchObject({ signal: 'SIGKILL', stderr: '' })
    const next = await makeOne(folder, nothing)
    expect(next.recovered).toEqual([`L-001 was interrupted: its number is ${number}`])
    expect(next.record).toMatchObject({ result: 'good', serial: number === 'free' ? 'L-001' : 'L-002' })
    using ledger = open()
    const [first] = ledger.records.all(null)
    expect(first).toMatchObject({ result: 'failed', number, notUndone, why: expect.stringContaining('OTA Bench stopped') })
    expect(JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'))).toEqual({ serial: next.record.serial })
    expect(verifyChain(ledger.records.all(null), null).faults).toEqual([])
  })

  it('that is killed right after it is recorded is good', async () => {
    expect(spawnSync(process.execPath, [CHILD, folder, 'finished'], { encoding: 'utf8' })).toMatchObject({ signal: 'SIGKILL' })
    using ledger = open()
    expect(ledger.records.all(null)).toMatchObject([{ result: 'good', serial: 'L-001', number: 'given' }])
    expect(await recover(ledger)).toEqual([])
  })

  it('is recorded and read again whatever a program or a server has said', async () => {
    await makeOne(folder, (reached) => {
      if (reached === 'write') throw new AppError('DRIVE_FAILED', 'x'.repeat(5000))
    }).catch(toAppError)
    using ledger = open()
    const [first] = ledger.records.all(null)
    expect(first?.why).toBe('x'.repeat(1000))
    const unit = ledger.units.begin('other', { ...FACTS, serial: 'S' })
    ledger.units.fail(unit, { why: 'no', notUndone: ['y'.repeat(5000)], number: 'void', isOwed: false })
    expect(ledger.records.all(null).at(-1)?.notUndone).toEqual(['y'.repeat(1000)])
    expect((await makeOne(folder, nothing)).record).toMatchObject({ result: 'good', sequence: 3 })
    expect(verifyChain(ledger.records.all(null), null).faults).toEqual([])
  })

  it('owes it to a server that is down, and pays when that is back', async () => {
    writeFileSync(join(folder, 'server.down'), '')
    await makeOne(folder, failAt('expect-after')).catch(toAppError)
    using ledger = open()
    expect(ledger.records.all(null)).toMatchObject([{ number: 'void', notUndone: ['a file still expects the device: the server is down'] }])
    expect(await recover(ledger)).toEqual([])
    rmSync(join(folder, 'server.down'))
    expect(await recover(ledger)).toEqual(['a file has forgotten L-001'])
    expect(existsSync(join(folder, 'server.json'))).toBe(false)
    expect(ledger.records.all(null)).toMatchObject([{}, { result: 'withdrawn', serial: 'L-001' }])
    expect(ledger.units.owed()).toEqual([])
  })
})
