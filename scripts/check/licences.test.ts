import { expect, it } from 'vitest'
import { isPermissive } from './licences.ts'

it.each(['MIT', '(MIT OR GPL-3.0)', 'MIT AND Apache-2.0', 'Apache-2.0*', '(MIT AND BSD-3-Clause)'])('%s may ship', (expression) => {
  expect(isPermissive(expression)).toBe(true)
})

it.each(['GPL-3.0', 'LGPL-3.0-or-later', 'MIT AND GPL-2.0', 'UNKNOWN', 'Custom: LICENSE', ''])('%s may not ship', (expression) => {
  expect(isPermissive(expression)).toBe(false)
})
