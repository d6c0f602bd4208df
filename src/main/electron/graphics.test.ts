import { expect, it } from 'vitest'
import { mayHaveGraphicsCard } from './graphics.ts'

it('a graphics card is looked for unless it is known that there is none', () => {
  expect(mayHaveGraphicsCard('linux', () => false)).toBe(false)
  expect(mayHaveGraphicsCard('linux', (path) => path === '/dev/dri')).toBe(true)
  expect(mayHaveGraphicsCard('darwin', () => false)).toBe(true)
  expect(mayHaveGraphicsCard('win32', () => false)).toBe(true)
})
