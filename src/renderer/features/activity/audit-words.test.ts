import { contract } from '@contract/index.ts'
import type { AuditEntry } from '@contract/audit.ts'
import { expect, test } from 'vitest'
import { aboutOf, actionWords } from './audit-words.ts'

const entry = (action: string, input: unknown): AuditEntry => ({
  ...{ id: 1, at: 1000, actor: 'admin', token: '', address: '', outcome: 'done', action },
  detail: input === undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input),
})
const names = new Map([['d1', 'desk']])

test('every order of the contract has its words', () => {
  const orders = Object.entries(contract).flatMap(([group, operations]) =>
    Object.entries(operations).flatMap(([name, operation]) => {
      const { isRead = false, isPart = false } = operation['~orpc'].meta
      return isRead || isPart ? [] : [`${group}.${name}`]
    }),
  )
  expect(orders.length).toBeGreaterThan(30)
  expect(orders.filter((order) => actionWords(order) === order)).toEqual([])
})

test('an order is about devices by their names, and about what tells it from others', () => {
  expect(aboutOf(entry('devices.rename', { id: 'd1', name: 'bench 3' }), names)).toBe('desk, bench 3')
  expect(aboutOf(entry('deployments.create', { name: 'lab', artifactName: 'v2', target: { kind: 'all' } }), names)).toBe('lab, v2')
  expect(aboutOf(entry('server.setAcceptMode', { acceptMode: 'all' }), names)).toBe('every device is accepted')
  expect(aboutOf(entry('devices.decommission', { id: 'gone' }), names)).toBe('{"id":"gone"}')
  expect(aboutOf(entry('login', undefined), names)).toBe('')
  expect(aboutOf(entry('x', '{"cut…'), names)).toBe('{"cut…')
})
