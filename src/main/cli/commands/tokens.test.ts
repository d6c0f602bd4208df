import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { auditCommand } from './audit.ts'
import { tokensCommand } from './tokens.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const tokens = (...args: string[]) => runLine(args, { command: tokensCommand, client: bench.client, cwd: bench.folder })
const audit = (...args: string[]) => runLine(args, { command: auditCommand, client: bench.client, cwd: bench.folder })
const api = async (method: string, path: string, token: string) =>
  (await fetch(`${bench.url}/api/management/${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status

describe('otabench tokens', () => {
  it('makes one that may what it says and nothing else, until it is revoked', async () => {
    expect((await tokens('list')).stdout).toBe('No tokens yet.\n')
    const { exitCode, stdout } = await tokens('create', 'ci', '--scope', 'artifacts:write deployments:read', '--expires', '90d')
    expect(exitCode).toBe(0)
    const token = stdout.trim()
    expect(await api('GET', 'v1/deployments/artifacts', token)).toBe(200)
    expect(await api('GET', 'v1/deployments/deployments', token)).toBe(200)
    expect(await api('DELETE', 'v1/deployments/artifacts/x', token)).toBe(404)
    for (const [method, path] of [
      ['POST', 'v1/deployments/deployments'],
      ['GET', 'v2/devauth/devices'],
      ['GET', 'v1/useradm/users'],
      ['POST', 'v1/useradm/settings/tokens'],
    ] as const)
      expect([path, await api(method, path, token)]).toEqual([path, 403])
    expect((await tokens('list')).stdout).toMatch(/^NAME .*\nci +artifacts:write deployments:read +20\S+Z +20\S+Z +\S+\n$/)
    expect((await tokens('revoke', 'ci')).stdout).toBe('revoked: ci\n')
    expect(await api('GET', 'v1/deployments/artifacts', token)).toBe(401)
  })

  it('refuses what is no scope, no span and no token', async () => {
    for (const args of [
      ['create', 'x', '--scope', 'all'],
      ['create', 'x', '--expires', 'soon'],
      ['create', ' '],
    ])
      expect((await tokens(...args)).exitCode).toBe(2)
    expect((await tokens('revoke', 'none')).exitCode).toBe(3)
  })
})

describe('a token of some scopes at the operations', () => {
  it('is refused what it may not with the scope that it lacks', async () => {
    const token = (await tokens('create', 'watch', '--scope', '*:read')).stdout.trim()
    const remote = (...args: string[]) =>
      runLine(args, { command: tokensCommand, cwd: bench.folder, globals: { server: bench.url, token } })
    expect((await remote('list')).exitCode).toBe(0)
    const refused = await remote('create', 'more')
    expect([refused.exitCode, refused.stderr]).toEqual([
      3,
      expect.stringMatching(/^error PERMISSION: The token watch may not change this \(server\)\nhint: Make a token/),
    ])
  })
})

describe('otabench audit', () => {
  it('tells who ordered what, from where, also what was refused, and no secret', async () => {
    const session = await bench.token()
    const headers = { authorization: `Bearer ${session}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ email: 'ann', password: 'top secret word' })
    await fetch(`${bench.url}/api/management/v1/useradm/users`, { method: 'POST', headers, body })
    await fetch(`${bench.url}/api/management/v1/useradm/users`, { method: 'POST', headers, body })
    await fetch(`${bench.url}/api/management/v1/useradm/users`, { headers })
    await fetch(`${bench.url}/api/management/v1/useradm/auth/login`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('eve:guess')}` },
    })
    await bench.client.groups.saveFilter({ name: 'big', filter: [{ scope: 'inventory', attribute: 'a', type: '$eq', value: 'b' }] })
    const { json, stdout } = await audit('--json', 'list', '--limit', '5')
    expect(stdout).not.toContain('top secret')
    expect(json).toMatchObject([
      [
        { actor: 'this machine', action: 'groups.saveFilter', outcome: 'done', detail: expect.stringContaining('"name":"big"') },
        { actor: 'eve', action: 'login', address: '127.0.0.1', outcome: expect.stringContaining('LOGIN_REFUSED') },
        { actor: 'admin', action: 'POST /v1/useradm/users', outcome: expect.stringContaining('There is a user ann already') },
        {
          actor: 'admin',
          action: 'POST /v1/useradm/users',
          outcome: 'done',
          detail: '{"body":{"email":"ann","password":"…"}}',
          address: '127.0.0.1',
        },
        { actor: 'admin', action: 'login', outcome: 'done' },
      ],
    ])
    expect((await audit('list')).stdout).toMatch(/^TIME +WHO +FROM +WHAT +OUTCOME +WITH\n20\S+Z +this machine +- +groups.saveFilter +done /)
    expect((await audit('list', '--limit', '0')).exitCode).toBe(2)
    expect((await audit('--json', 'list', '--text', 'EVE')).json).toMatchObject([[{ actor: 'eve' }]])
    expect((await audit('--json', 'list', '--refused', '--since', '1h')).json).toMatchObject([
      expect.arrayContaining([expect.objectContaining({ outcome: expect.stringContaining('LOGIN_REFUSED') })]),
    ])
    expect((await audit('list', '--text', 'nobody did this')).stdout).toBe('Nothing fits.\n')
    expect((await audit('list', '--since', 'noon')).exitCode).toBe(2)
    const everything = await audit('export')
    expect(everything.stdout).toMatch(
      /^id,time,actor,token,address,action,outcome,detail\r\n\d+,20\S+Z,this machine,,,groups.saveFilter,done,"/,
    )
    expect((await audit('export', '--format', 'json', '-o', 'log.json')).stdout).toMatch(/log\.json: \d+ entries\n$/)
    const written: unknown = JSON.parse(await readFile(join(bench.folder, 'log.json'), 'utf8'))
    expect(written).toMatchObject(expect.arrayContaining([expect.objectContaining({ actor: 'eve', action: 'login' })]))
    const logs = await fetch(`${bench.url}/api/management/v1/auditlogs/logs?per_page=2`, { headers })
    expect(Number(logs.headers.get('x-total-count'))).toBeGreaterThan(4)
    expect(await logs.json()).toMatchObject([{ action: 'groups.saveFilter', actor: { email: 'this machine' } }, { action: 'login' }])
  })
})
