import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UnitRecord } from '../../../contract/station.ts'
import { canonical, linked, verifyChain } from './chain.ts'
import { parseRecords, recordsText } from './records-text.ts'

const NO_RECORD: Parameters<typeof linked>[0] = {
  ...{ result: 'good', serial: 'S', why: '', notUndone: [], number: 'given', identity: {}, columns: {}, order: 'WO', slot: 'p' },
  ...{ card: null, imageSha256: 'a'.repeat(64), keyFingerprint: null, server: null, deviceId: null, operator: 'Ada' },
  ...{ startedAt: 1, endedAt: 2 },
}

function chain(serials: readonly string[]): UnitRecord[] {
  const records: UnitRecord[] = []
  for (const serial of serials) records.push(linked({ ...NO_RECORD, serial }, records.at(-1) ?? null))
  return records
}

const serials = fc.array(fc.string({ maxLength: 20 }), { minLength: 3, maxLength: 12 })

describe('the chain of records', () => {
  it('is whole as it was written, also through a file', () => {
    fc.assert(
      fc.property(serials, (given) => {
        const records = chain(given)
        const head = records.at(-1)?.hash ?? ''
        expect(verifyChain(records, head)).toEqual({ count: given.length, head, faults: [] })
        expect(verifyChain(parseRecords(recordsText(records, 'json'), 'file'), head).faults).toEqual([])
        expect(verifyChain(parseRecords(records.map(canonical).join('\n'), 'file'), head).faults).toEqual([])
      }),
    )
  })

  it('names a record that was changed, dropped, doubled or moved, wherever it is', () => {
    const damages: ((records: UnitRecord[], at: number) => unknown[])[] = [
      (records, at) => records.map((record, index) => (index === at ? { ...record, operator: 'Eve' } : record)),
      (records, at) => records.filter((_, index) => index !== at),
      (records, at) => records.flatMap((record, index) => (index === at ? [record, record] : [record])),
      (records, at) => records.map((_, index) => records[index === at ? at + 1 : index === at + 1 ? at : index]),
      // Somebody who knows how hashes are made, and makes this one anew.
      (records, at) =>
        records.map((record, index) => (index === at ? linked({ ...record, operator: 'Eve' }, records[at - 1] ?? null) : record)),
    ]
    fc.assert(
      fc.property(serials, fc.nat(), fc.constantFrom(...damages), (given, place, damage) => {
        const records = chain(given)
        const { faults } = verifyChain(damage(records, place % (records.length - 1)), records.at(-1)?.hash ?? '')
        expect(faults.length).toBeGreaterThan(0)
        expect(faults.every((fault) => /Records? \d+|^The last record/.test(fault))).toBe(true)
      }),
    )
  })

  it('says what a file holds that is none', () => {
    expect(verifyChain([{ sequence: 1 }], null).faults).toEqual([expect.stringContaining('Place 1 holds no record')])
    expect(() => parseRecords('no records', 'x.json')).toThrow('x.json holds no records')
  })
})
