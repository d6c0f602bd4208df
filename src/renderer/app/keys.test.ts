import { expect, test } from 'vitest'
import { accelerator, ariaChord, chordOf, isSingleCharacter, type KeyPress, shownChord, worksWhileTyping } from './keys.ts'

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...held,
})

test('a chord is named by its key and what is held, Ctrl and ⌘ alike', () => {
  expect(chordOf(press('f', { ctrlKey: true, shiftKey: true }))).toBe('Mod+Shift+F')
  expect(chordOf(press('k', { metaKey: true }))).toBe('Mod+K')
  expect(chordOf(press(' '))).toBe('Space')
  expect(chordOf(press('F6', { shiftKey: true }))).toBe('Shift+F6')
})

test('a symbol is the same whatever has to be held to write it', () => {
  expect(chordOf(press('?', { shiftKey: true }))).toBe('?')
  expect(chordOf(press('?'))).toBe('?')
})

test('digits beside Ctrl are found where they stand, on keyboards that write something else there', () => {
  expect(chordOf(press('&', { ctrlKey: true, code: 'Digit1' }))).toBe('Mod+1')
})

test('a modifier alone is no chord', () => {
  for (const key of ['Shift', 'Control', 'AltGraph', 'Dead']) expect(chordOf(press(key))).toBeNull()
})

test('single characters can be told from chords, and what types from what does not', () => {
  expect(['D', '?', 'Space', 'Mod+D'].map(isSingleCharacter)).toEqual([true, true, false, false])
  expect(['D', 'Escape', 'Mod+K', 'F6', 'Shift+F6'].map(worksWhileTyping)).toEqual([false, false, true, true, true])
  expect(['Mod+A', 'Mod+C', 'Mod+Shift+Z', 'Mod+ArrowLeft'].filter(worksWhileTyping)).toEqual([])
})

test('the plus sign survives being shown, said and put into a menu', () => {
  expect(shownChord('Mod++')).toBe('Ctrl++')
  expect(accelerator('Mod++')).toBe('CmdOrCtrl+Plus')
  expect(accelerator('Shift+ArrowUp')).toBe('Shift+Up')
  expect(ariaChord('Mod+Shift+F')).toBe('Control+Shift+F')
})
