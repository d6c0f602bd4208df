import { describe, expect, it } from 'vitest'
import { benchDevice as device } from './bench-device.cases.ts'
import { type BenchRow, between, neighbour, rowsOf, sorted } from './bench-rows.ts'

const names = (rows: readonly BenchRow[]) =>
  rows.map((row) => {
    if (row.kind === 'head') return `# ${row.title} ${row.count}`
    return row.kind === 'devices' ? row.devices.map(({ name }) => name).join(' ') : ''
  })

const five = [
  device('a', 'up-to-date', { deviceType: 'pi' }),
  device('b', 'failed', { deviceType: 'bone' }),
  device('c', 'downloading', { deviceType: 'pi' }),
  device('d', 'pending'),
  device('e', 'up-to-date', { deviceType: 'pi', nextPollAt: 5 }),
]

describe('the bench', () => {
  it('is sorted by who needs a person first, either way round', () => {
    expect(sorted(five, { by: 'state', isDown: false }).map(({ name }) => name)).toEqual(['b', 'd', 'c', 'a', 'e'])
    expect(sorted(five, { by: 'name', isDown: true }).map(({ name }) => name)).toEqual(['e', 'd', 'c', 'b', 'a'])
    expect(sorted(five, { by: 'poll', isDown: false })[0]?.name).toBe('e')
  })

  it('begins each group on a row of its own, below how many there are', () => {
    expect(names(rowsOf(five, 'none', 2))).toEqual(['a b', 'c d', 'e'])
    expect(names(rowsOf(five, 'type', 2))).toEqual(['# bone 1', 'b', '# pi 3', 'a c', 'e', '# Type not said yet 1', 'd'])
    expect(names(rowsOf(five, 'state', 2))[0]).toBe('# FAILED 1')
  })
})

describe('arrows', () => {
  const rows = rowsOf(five, 'type', 2)
  const to = (from: string | null, key: string) => neighbour(rows, from, key)?.id ?? null

  it('go on to the next row at the end of one, and over the heads of groups', () => {
    expect([to('b', 'ArrowRight'), to('c', 'ArrowRight'), to('c', 'ArrowLeft'), to('d', 'ArrowRight')]).toEqual(['a', 'e', 'a', null])
  })

  it('keep their column where there is one, and take the last of a shorter row', () => {
    expect([to('b', 'ArrowDown'), to('c', 'ArrowDown'), to('e', 'ArrowUp'), to('b', 'ArrowUp')]).toEqual(['a', 'e', 'a', null])
  })

  it('begin at the first device when none was current', () => {
    expect([to(null, 'ArrowDown'), to('gone', 'ArrowUp'), to('c', 'Home'), to('c', 'End')]).toEqual(['b', 'b', 'b', 'd'])
  })
})

it('a range has both of its ends, whichever was marked first', () => {
  expect(between(['a', 'b', 'c', 'd'], 'c', 'a')).toEqual(['a', 'b', 'c'])
  expect(between(['a', 'b'], 'gone', 'b')).toEqual(['b'])
})
