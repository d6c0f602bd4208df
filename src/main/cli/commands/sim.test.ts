import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SmallServer } from '../../engine/device/device-api.cases.ts'
import { makeArtifact, until } from '../../engine/device/test-device.cases.ts'
import { nodeHost } from '../../engine/host.node.ts'
import type { CliContext } from '../context.ts'
import { Printer } from '../print.ts'
import { runCommand } from '../run-command.ts'
import { simCommand } from './sim.ts'

describe('otabench sim', () => {
  let server: SmallServer
  let data: string
  let stdout: string[]
  let stderr: string[]

  beforeEach(async () => {
    server = new SmallServer()
    await server.listen()
    data = await mkdtemp(join(tmpdir(), 'otabench-sim-'))
    stdout = []
    stderr = []
  })
  afterEach(async () => {
    await server.close()
    await rm(data, { recursive: true })
  })

  function run(args: string[], isJson = false): { ended: Promise<number>; abort: AbortController } {
    const abort = new AbortController()
    const streams = { stdout: { write: (text: string) => stdout.push(text) }, stderr: { write: (text: string) => stderr.push(text) } }
    const context: CliContext = {
      host: nodeHost(),
      out: new Printer(streams, { isJson, isQuiet: false, isVerbose: false, isTerminal: false }),
      signal: abort.signal,
      cwd: data,
      environment: {},
      rendererFolder: '',
      globals: () => (args.includes('nowhere') ? { data } : { data, server: server.url }),
      openEngine: () => Promise.reject(new Error('sim opens no engine')),
    }
    const rest = args.filter((word) => word !== 'nowhere')
    return { ended: runCommand(simCommand(context), rest, context), abort }
  }

  it('runs many devices with keys and addresses of their own, and stops when told', async () => {
    const { ended, abort } = run(['--count', '12', '--type', 'gateway', '--poll', '0.1'])
    await until(() => server.seen.filter((line) => line === 'inventory').length >= 12)
    abort.abort()
    expect(await ended).toBe(0)
    expect(await readdir(join(data, 'sim'))).toHaveLength(12)
    expect(stderr.join('')).toContain('12 virtual devices of type gateway poll')
    expect(stderr.join('')).toContain('12 virtual devices stopped')
  })

  it('prints states as NDJSON, fails where it is told to, and resumes a broken download', async () => {
    server.deploy('v2', await makeArtifact({ name: 'v2' }))
    const { ended, abort } = run(
      ['--fail-at', 'commit', '--speed', '500000', '--poll', '0.1', '--break-at', '5000', '--resume', '0.1'],
      true,
    )
    await until(() => !server.hasWork)
    abort.abort()
    expect(await ended).toBe(0)
    expect(server.statuses.at(-1)).toBe('failure')
    expect(server.seen).toEqual(expect.arrayContaining(['download 0', 'download 5000']))
    const events = stdout.map((line): unknown => JSON.parse(line))
    expect(events).toContainEqual(expect.objectContaining({ text: expect.stringContaining(' of virtual-001 starts') }))
    expect(events).toContainEqual(
      expect.objectContaining({ device: 'virtual-001', lane: 'state', text: 'ArtifactRollback', deploymentId: 'd1' }),
    )
  })

  it('refuses a line that makes no sense', async () => {
    for (const args of [['nowhere'], ['--count', '0'], ['--fail-at', 'dinner'], ['--poll', '0']]) expect(await run(args).ended).toBe(2)
    expect(stderr.join('')).toContain('sim needs --server URL')
  })
})
