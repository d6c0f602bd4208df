import { expect, test } from 'vitest'
import { benchDevice } from '../features/bench/bench-device.cases.ts'
import { createNameOrder } from './by-name.ts'

const named = (...names: string[]) => names.map((name) => benchDevice(name, 'up-to-date'))
const namesOf = (devices: readonly { name: string }[]) => devices.map(({ name }) => name)

test('devices stand in the order of their names, numbers as numbers, also when one comes, goes or is renamed', () => {
  const inOrder = createNameOrder()
  expect(namesOf(inOrder(named('b-10', 'b-9', 'a')))).toEqual(['a', 'b-9', 'b-10'])
  expect(namesOf(inOrder(named('b-10', 'b-9', 'c')))).toEqual(['b-9', 'b-10', 'c'])
  expect(namesOf(inOrder(named('b-10', 'b-9')))).toEqual(['b-9', 'b-10'])
  expect(namesOf(inOrder(named('b-10', 'b-9', 'b-1')))).toEqual(['b-1', 'b-9', 'b-10'])
})

test('while the names are the same, each device is there as it is now', () => {
  const inOrder = createNameOrder()
  inOrder(named('b', 'a'))
  const [b, a] = named('b', 'a').map((device, at) => ({ ...device, lastSeenAt: at }))
  expect(inOrder([b, a].flatMap((each) => each ?? []))).toEqual([a, b])
})
