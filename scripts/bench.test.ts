import { expect, it } from 'vitest'
import { table } from './bench.ts'

it('the table of figures is markdown, empty where there is no peer', () => {
  const rows = [
    { what: 'write', ours: 1.23456, peer: 2.5, ratio: 2.025, unit: 's', command: 'npm run bench artifact' },
    { what: 'polls', ours: 3456.7, unit: '/s', command: 'npm run bench polls' },
  ]
  expect(table(rows).split('\n').slice(2)).toEqual([
    '| write | 1.23 | 2.5 | 2.03 × | s | `npm run bench artifact` |',
    '| polls | 3,456.7 |  |  | /s | `npm run bench polls` |',
  ])
})
