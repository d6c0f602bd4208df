import { Package } from 'lucide-react'
import { expect, test } from 'vitest'
import { type Entry, ranked } from './palette-rank.ts'

const entry = (title: string, more: Partial<Entry> = {}): Entry => ({
  ...{ key: title, kind: 'Command', title, detail: '', icon: Package, why: null, keys: [], run: () => undefined },
  ...more,
})
const titles = (entries: readonly Entry[], query: string, recent: readonly string[] = []) =>
  ranked(entries, query, recent).map(({ title }) => title)

test('every word has to be there, in title, detail or kind', () => {
  const entries = [entry('virt-02', { kind: 'Device', detail: 'rolled back' }), entry('virt-03', { kind: 'Device', detail: 'up to date' })]
  expect(titles(entries, 'virt rolled')).toEqual(['virt-02'])
  expect(titles(entries, 'DEVICE')).toEqual(['virt-02', 'virt-03'])
  expect(titles(entries, 'virt failed')).toEqual([])
})

test('the beginning of a title goes before that of a word, and that before the middle of one', () => {
  expect(titles([entry('Redeploy'), entry('New deployment'), entry('Deploy…')], 'deploy')).toEqual([
    'Deploy…',
    'New deployment',
    'Redeploy',
  ])
})

test('what cannot be chosen now comes after what can, and what was chosen last comes first', () => {
  expect(titles([entry('Deploy A', { why: 'Choose one' }), entry('Deploy B')], 'deploy')).toEqual(['Deploy B', 'Deploy A'])
  expect(titles([entry('Bench'), entry('Jobs'), entry('Flash')], '', ['Flash', 'Jobs'])).toEqual(['Flash', 'Jobs', 'Bench'])
})
