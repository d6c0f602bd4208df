import { AppError } from '@contract/errors.ts'
import { createORPCClient } from '@orpc/client'
import { expect, test } from 'vitest'
import { Connection, type Engine } from './connection.ts'

const engine: Engine = createORPCClient({ call: () => Promise.resolve(null) })
const failure = new AppError('ENGINE_STOPPED', 'The engine ended', 'Start it again.').toFailure()

test('an action that is asked for while the engine starts is done as soon as it is there', async () => {
  const connection = new Connection()
  const waiting = connection.opened()
  connection.become({ kind: 'open', engine })
  await expect(waiting).resolves.toMatchObject({ kind: 'open' })
})

test('an action that is asked for while the engine is stopped fails with the reason', async () => {
  const connection = new Connection()
  connection.become({ kind: 'stopped', failure })
  await expect(connection.opened()).rejects.toMatchObject(failure)
})

test('a call that was cut off is explained by the engine that is gone, not by its own words', () => {
  const connection = new Connection()
  expect(connection.explain(new AppError('CONFLICT', 'Taken')).code).toBe('CONFLICT')
  connection.become({ kind: 'stopped', failure })
  expect(connection.explain(new Error('queue was closed'))).toEqual(failure)
})

test('a restart that fails is shown like any other stop', async () => {
  const connection = new Connection()
  connection.onRestart(() => Promise.reject(new AppError('PORT_IN_USE', 'Port 8080 is taken')))
  await connection.restart()
  expect(connection.link).toMatchObject({ kind: 'stopped', failure: { code: 'PORT_IN_USE' } })
})
