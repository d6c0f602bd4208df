import { expect, test } from 'vitest'
import { ACTION_IDS, actionOf } from './actions.ts'
import { actionFor, conflictsOf, keysOf } from './key-bindings.ts'

const asTheyCome = { changed: {}, hasSingleKeys: true }

test('no two actions come with the same key where both are heard', () => {
  const doubled = ACTION_IDS.flatMap((id) =>
    actionOf(id).keys.flatMap((chord) => conflictsOf(id, chord, asTheyCome).map((other) => [id, other])),
  )
  expect(doubled).toEqual([])
})

test('the same letter means what the place with the focus says, and nothing elsewhere', () => {
  expect(actionFor('D', 'bench', asTheyCome)).toBe('device.deploy')
  expect(actionFor('D', 'artifacts', asTheyCome)).toBe('artifact.deploy')
  expect(actionFor('D', null, asTheyCome)).toBeNull()
  expect(actionFor('Mod+K', 'bench', asTheyCome)).toBe('window.palette')
})

test('a changed key stands instead of the one it came with, and the other action it meets is named', () => {
  const changed = { changed: { 'device.deploy': ['L'] }, hasSingleKeys: true }
  expect(actionFor('D', 'bench', changed)).toBeNull()
  expect(conflictsOf('device.deploy', 'L', changed)).toEqual(['device.timeline'])
  expect(conflictsOf('artifact.deploy', 'L', changed)).toEqual([])
})

test('single characters can be switched off; chords and named keys stay', () => {
  const off = { changed: {}, hasSingleKeys: false }
  expect(keysOf('device.deploy', off)).toEqual([])
  expect(keysOf('help.shortcuts', off)).toEqual([])
  expect(keysOf('device.inspect', off)).toEqual(['Enter'])
  expect(keysOf('window.palette', off)).toEqual(['Mod+K'])
})
