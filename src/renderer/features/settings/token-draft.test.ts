import { expect, test } from 'vitest'
import { FIRST_DRAFT, jobLines, problemOf, scopesOf } from './token-draft.ts'

test('the scopes of a token are those that were chosen, by area', () => {
  expect(scopesOf(FIRST_DRAFT)).toEqual(['artifacts:write', 'deployments:write', 'devices:read'])
  expect(scopesOf({ ...FIRST_DRAFT, kind: 'all' })).toEqual([])
  expect(scopesOf({ ...FIRST_DRAFT, kind: 'read' })).toEqual(['*:read'])
})

test('a token needs a name, and something that it may do', () => {
  expect(problemOf(FIRST_DRAFT)).not.toBe('')
  expect(problemOf({ ...FIRST_DRAFT, name: 'ci' })).toBe('')
  const nothing = { artifacts: 'none', deployments: 'none', devices: 'none' } as const
  expect(problemOf({ ...FIRST_DRAFT, name: 'ci', access: nothing })).not.toBe('')
})

test('the lines for a build job are those that the token can carry out', () => {
  expect(jobLines(['artifacts:write'], 'http://b:8080')).toEqual(['otabench artifacts upload build.mender --server http://b:8080'])
  expect(jobLines([], 'https://b:8443')).toHaveLength(2)
  expect(jobLines([], 'https://b:8443')[0]).toContain('--ca ca.pem')
  expect(jobLines(['deployments:read'], 'http://b')).toEqual(['otabench --json deployments list --server http://b'])
})
