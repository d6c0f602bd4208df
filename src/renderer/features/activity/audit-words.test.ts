import { contract } from '@contract/index.ts'
import type { AuditEntry } from '@contract/audit.ts'
import { expect, test } from 'vitest'
import { WORDS, aboutOf, actionWords } from './audit-words.ts'

const entry = (action: string, input: unknown): AuditEntry => ({
  ...{ id: 1, at: 1000, actor: 'admin', token: '', address: '', outcome: 'done', action },
  detail: input === undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input),
})
const names = new Map([['d1', 'desk']])

test('the words are those of orders that there are', () => {
  const orders = Object.entries(contract).flatMap(([group, operations]) => Object.keys(operations).map((name) => `${group}.${name}`))
  expect(Object.keys(WORDS).filter((order) => !['login', 'terminal.record', ...orders].includes(order))).toEqual([])
  expect(actionWords('devices.rename')).toBe('Rename a device')
  expect(actionWords('POST /v1/useradm/users')).toBe('POST /v1/useradm/users')
})

test('an order is about devices by their names, and about what tells it from others', () => {
  expect(aboutOf(entry('devices.rename', { id: 'd1', name: 'bench 3' }), names)).toBe('desk, bench 3')
  expect(aboutOf(entry('deployments.create', { name: 'lab', artifactName: 'v2', target: { kind: 'all' } }), names)).toBe('lab, v2')
  expect(aboutOf(entry('server.setAcceptMode', { acceptMode: 'all' }), names)).toBe('every device is accepted')
  expect(aboutOf(entry('devices.decommission', { id: 'gone' }), names)).toBe('{"id":"gone"}')
  expect(aboutOf(entry('login', undefined), names)).toBe('')
  expect(aboutOf(entry('x', '{"cut…'), names)).toBe('{"cut…')
})
