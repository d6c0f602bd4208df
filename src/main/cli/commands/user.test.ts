import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { now } from '../live.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { userCommand } from './user.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const user = (...args: string[]) => runLine(args, { command: userCommand, client: bench.client, cwd: bench.folder })

/** A file descriptor whose first line is the password. */
function descriptor(password: string): string {
  const path = join(bench.folder, 'password')
  writeFileSync(path, `${password}\n`)
  return String(openSync(path, 'r'))
}

async function logsIn(name: string, password: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  return (await fetch(`${bench.url}/api/management/v1/useradm/auth/login`, { method: 'POST', headers: { authorization } })).ok
}

it('makes users who log in, gives them roles and passwords, and removes them', async () => {
  expect(await user('add', 'ann', '--role', 'operator', '--password-fd', descriptor('first secret'))).toMatchObject({
    ...{ exitCode: 0, stdout: 'added: ann, operator\n' },
  })
  expect(await logsIn('ann', 'first secret')).toBe(true)
  expect((await user('list')).stdout).toMatch(/^NAME +ROLE .*\nadmin +engineer .*\nann +operator +20\S+ +1 +20\S+\n$/)
  expect((await user('role', 'ann', 'viewer')).stdout).toBe('ann is viewer now\n')
  expect((await user('password', 'ann', '--password-fd', descriptor('second secret'))).exitCode).toBe(0)
  expect([await logsIn('ann', 'first secret'), await logsIn('ann', 'second secret')]).toEqual([false, true])
  expect((await user('remove', 'ann')).stdout).toBe('removed: ann\n')
  expect(await logsIn('ann', 'second secret')).toBe(false)
  const noted = JSON.stringify(await now(bench.client.audit.list({})))
  expect(noted).toContain('users.setPassword')
  expect(noted).not.toContain('secret')
})

it('refuses what is no role, a short password, a name that is taken, and whoever is not there', async () => {
  expect((await user('add', 'bob', '--role', 'root', '--password-fd', descriptor('long enough'))).exitCode).toBe(2)
  expect((await user('add', 'bob', '--password-fd', descriptor('long enough'))).exitCode).toBe(2)
  expect((await user('add', 'bob', '--role', 'viewer', '--password-fd', descriptor('short'))).stderr).toContain('at least 8 characters')
  expect((await user('add', 'admin', '--role', 'viewer', '--password-fd', descriptor('long enough'))).stderr).toContain('already')
  expect((await user('role', 'nobody', 'viewer')).exitCode).toBe(3)
  expect((await user('role', 'admin', 'viewer')).stderr).toContain('stays an engineer')
  expect((await user('remove', 'admin')).exitCode).toBe(1)
})
