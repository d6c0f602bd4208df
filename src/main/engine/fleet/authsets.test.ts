import { describe, expect, it } from 'vitest'
import { type AuthsetDecision, type AuthsetStatus, decideAuthset, deviceStatusOf, newKeyOf, statusOnRequest } from './authsets.ts'

const DEVICES: [AuthsetStatus[], string][] = [
  [[], 'noauth'],
  [['rejected'], 'rejected'],
  [['rejected', 'pending'], 'pending'],
  [['pending', 'preauthorized', 'rejected'], 'preauthorized'],
  [['rejected', 'pending', 'preauthorized', 'accepted'], 'accepted'],
]

describe('the status of a device', () => {
  it.each(DEVICES)('with keys %j is %s', (statuses, expected) => {
    expect(deviceStatusOf(statuses)).toBe(expected)
  })
})

const FROM: AuthsetStatus[] = ['accepted', 'preauthorized', 'pending', 'rejected']
const TO = ['accepted', 'rejected', 'pending'] as const
const KINDS: Record<AuthsetStatus, Record<(typeof TO)[number], AuthsetDecision['kind']>> = {
  accepted: { accepted: 'unchanged', rejected: 'changed', pending: 'changed' },
  preauthorized: { accepted: 'changed', rejected: 'changed', pending: 'refused' },
  pending: { accepted: 'changed', rejected: 'changed', pending: 'unchanged' },
  rejected: { accepted: 'changed', rejected: 'unchanged', pending: 'changed' },
}

describe('ordering a status for a key', () => {
  it.each(FROM.flatMap((from) => TO.map((to) => ({ from, to, kind: KINDS[from][to] }))))('$from to $to is $kind', ({ from, to, kind }) => {
    const decision = decideAuthset([{ id: 'a', status: from }], 'a', to)
    const changed = { kind, statuses: new Map([['a', to]]), deviceStatus: to }
    expect(decision).toMatchObject(kind === 'changed' ? changed : { kind })
  })

  it('accepted rejects the key that was accepted before, and touches no other', () => {
    const authsets = [
      { id: 'old', status: 'accepted' as const },
      { id: 'new', status: 'pending' as const },
      { id: 'third', status: 'pending' as const },
    ]
    const statuses = new Map([
      ['new', 'accepted'],
      ['old', 'rejected'],
    ])
    expect(decideAuthset(authsets, 'new', 'accepted')).toEqual({ kind: 'changed', statuses, deviceStatus: 'accepted' })
  })

  it('rejected leaves the device accepted while another of its keys is', () => {
    const authsets = [
      { id: 'a', status: 'accepted' as const },
      { id: 'b', status: 'pending' as const },
    ]
    expect(decideAuthset(authsets, 'b', 'rejected')).toMatchObject({ deviceStatus: 'accepted' })
  })

  it('is refused for a key that the device does not have', () => {
    expect(decideAuthset([], 'x', 'accepted')).toMatchObject({ kind: 'refused' })
  })
})

describe('a new key', () => {
  const key = (id: string, status: 'accepted' | 'pending' | 'rejected', createdAt: number) => ({ id, status, createdAt })

  it('is the newest that waits while another one is accepted', () => {
    expect(newKeyOf([key('a', 'accepted', 1), key('b', 'pending', 2), key('c', 'pending', 3)])?.id).toBe('c')
    expect(newKeyOf([key('a', 'rejected', 1), key('b', 'pending', 2)])).toBeNull()
    expect(newKeyOf([key('a', 'accepted', 1), key('b', 'rejected', 2)])).toBeNull()
  })
})

describe('a key that asks', () => {
  it.each([
    [null, 'none', 'pending'],
    [null, 'all', 'accepted'],
    ['pending', 'none', 'pending'],
    ['pending', 'all', 'accepted'],
    ['preauthorized', 'none', 'accepted'],
    ['preauthorized', 'all', 'accepted'],
    ['rejected', 'all', 'rejected'],
    ['accepted', 'none', 'accepted'],
  ] as const)('known as %s in accept mode %s becomes %s', (known, mode, expected) => {
    expect(statusOnRequest(known, mode === 'all')).toBe(expected)
  })
})
