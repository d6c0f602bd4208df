import { expect, it } from 'vitest'
import { LineEditor } from './line-editor.ts'

function editor() {
  const shown = { text: '' }
  const keys = new LineEditor((text) => (shown.text += text))
  return { shown, type: (text: string) => [...keys.type(text)] }
}

it('what is typed is shown, taken back, and handed over by Enter', () => {
  const { shown, type } = editor()
  expect(type('ab\u007fc\r')).toEqual([{ kind: 'line', text: 'ac' }])
  expect(shown.text).toContain('c\r\n')
  expect(type('gone\u0015kept\n')).toEqual([{ kind: 'line', text: 'kept' }])
})

it('Ctrl+C forgets the line, Ctrl+D ends only an empty one', () => {
  const { type } = editor()
  expect(type('half\u0003')).toEqual([{ kind: 'interrupt' }])
  expect(type('x\u0004')).toEqual([])
  expect(type('\u0015\u0004')).toEqual([{ kind: 'end' }])
})

it('the arrows bring earlier lines back, and other sequences are swallowed', () => {
  const { type } = editor()
  type('one\rtwo\r')
  expect(type('\u001b[A\u001b[A\r')).toEqual([{ kind: 'line', text: 'one' }])
  expect(type('\u001b[A\u001b[B\u001b[C\u001b[3~x\r')).toEqual([{ kind: 'line', text: 'x' }])
})
