import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Ledger } from '../ledger.ts'
import type { Unit } from '../unit/units.ts'
import { orderView } from './work-orders.ts'

const rows = ['S1', 'S2', 'S3'].map((serial) => ({ serial, columns: {} }))

describe('a work order with a list', () => {
  let folder: string
  let ledger: Ledger
  const open = () => Ledger.open(join(folder, 'provision.db'), () => 1000)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-orders-'))
    ledger = open()
    for (const name of ['A', 'B']) ledger.orders.add(name, { rows, total: rows.length })
  })
  afterEach(() => {
    ledger[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  const begin = (serial: string, order: string, { units } = ledger): Unit =>
    units.begin(`${order} ${serial}`, {
      ...{ serial, order, seriesNumber: null, rule: 'void', identity: {}, columns: {}, slot: 'slot', card: null },
      ...{ imageSha256: 'a'.repeat(64), server: null, hasLabel: false, operator: 'Ada', startedAt: 1 },
    })
  const left = (name: string) => {
    const { left: count, next } = orderView(ledger, ledger.orders.get(name))
    return { count, next }
  }

  it('is done when its numbers are used up, whichever order they were used for', () => {
    expect(left('B')).toEqual({ count: 3, next: 'S1' })
    const first = begin('S1', 'A')
    expect(left('B')).toEqual({ count: 2, next: 'S2' })
    ledger.units.fail(first, { why: 'no', notUndone: [], number: 'free', isOwed: false })
    expect(left('B')).toEqual({ count: 3, next: 'S1' })
    for (const { serial } of rows) ledger.units.finish(begin(serial, `A${serial}`))
    ledger.units.void('S2', 'scratched', { operator: 'Ada' })
    for (const name of ['A', 'B']) expect(left(name)).toEqual({ count: 0, next: null })
  })

  it('knows what another program has used, and nothing of one that was removed', () => {
    expect(left('A')).toEqual({ count: 3, next: 'S1' })
    using other = open()
    begin('S1', 'B', other)
    expect(left('A')).toEqual({ count: 2, next: 'S2' })
    ledger.orders.remove('A')
    ledger.orders.add('A', { rows: rows.slice(2), total: 1 })
    expect(left('A')).toEqual({ count: 1, next: 'S3' })
  })
})
