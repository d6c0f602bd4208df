import type { FlashSource } from '@contract/flash.ts'
import { expect, it } from 'vitest'
import { heldWords, sourceRows } from './source-words.ts'

const source: FlashSource = {
  ...{ path: '/a.img', format: 'raw', storedBytes: 1, imageBytes: 1, mappedBytes: 1, map: 'beside', problem: null },
  witnesses: [
    { kind: 'sha256', path: '/SHA256SUMS', isChecked: true, heldAt: null },
    { kind: 'given', path: '', isChecked: true, heldAt: null },
    { kind: 'signature', path: '/a.img.sig', isChecked: true, heldAt: null },
    { kind: 'bmap', path: '/a.bmap', isChecked: true, heldAt: new Date(2026, 1, 3, 9, 41, 7).getTime() },
  ],
}

it('an image was held against its sums for this flash, or is unchanged since it was', () => {
  const startedAt = new Date(2026, 1, 3, 14, 0).getTime()
  const before = 'unchanged since it was held against a.bmap at 09:41'
  expect(heldWords({ source, startedAt }, true)).toEqual(['held against SHA256SUMS, the sum given', before])
  expect(heldWords({ source, startedAt }, false)).toEqual([before])
  expect(heldWords({ source: null, startedAt }, true)).toEqual([])
})

it('what speaks for an image is named, and what would if nothing does', () => {
  const checked = (witnesses: FlashSource['witnesses']) =>
    sourceRows({ ...source, witnesses }).find(([name]) => name === 'checked first')?.[1]
  expect(checked(source.witnesses.slice(0, 1))).toBe('SHA-256 in SHA256SUMS')
  expect(checked([{ kind: 'sha512', path: '/a.img.sha512', isChecked: false, heldAt: null }])).toBe('SHA-512 in a.img.sha512')
  expect(checked([])).toBe('nothing: no block map, sum or signature lies beside it')
})
