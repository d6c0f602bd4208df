import { expect, it } from 'vitest'
import { NO_PASSWORD, hashPassword, isPassword } from './password.ts'

const costOf = (hash: string): string[] => hash.split('$').slice(0, 4)

it('a password matches its own hash alone, however its letters are composed', async () => {
  const hash = await hashPassword('caf\u00e9')
  expect(await isPassword('cafe\u0301', hash)).toBe(true)
  expect(await isPassword('cafe', hash)).toBe(false)
  expect(hash).not.toBe(await hashPassword('caf\u00e9'))
})

it('nothing matches the hash of nobody, which costs what others cost', async () => {
  for (const password of ['', 'a', NO_PASSWORD]) expect(await isPassword(password, NO_PASSWORD)).toBe(false)
  expect(costOf(NO_PASSWORD)).toEqual(costOf(await hashPassword('a')))
})
