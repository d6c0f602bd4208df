import { expect, it } from 'vitest'
import { mayBeThere } from './licences.ts'

it.each(['MIT', '(MIT OR GPL-3.0)', 'MIT AND Apache-2.0', 'Apache-2.0*', '(MIT AND BSD-3-Clause)'])('%s is welcome', (expression) => {
  expect(mayBeThere('some@1.0.0', expression)).toBe(true)
})

it.each(['GPL-3.0', 'LGPL-3.0-or-later', 'MIT AND GPL-2.0', 'MPL-2.0', 'UNKNOWN', 'Custom: LICENSE', ''])('%s is not', (expression) => {
  expect(mayBeThere('some@1.0.0', expression)).toBe(false)
})

it('a package with an exception is excused for the licence it has, and no other', () => {
  expect(mayBeThere('@fontsource-variable/inter@5.3.0', 'OFL-1.1')).toBe(true)
  expect(mayBeThere('@fontsource-variable/inter@6.0.0', 'GPL-3.0')).toBe(false)
})
