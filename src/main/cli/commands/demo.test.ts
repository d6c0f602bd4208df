import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { KEPT_PACKAGES } from '../../engine/boards/boards.cases.ts'
import { until } from '../../engine/device/test-device.cases.ts'
import { nodeHost } from '../../engine/host.node.ts'
import type { CliContext } from '../context.ts'
import { Printer } from '../print.ts'
import { runCommand } from '../run-command.ts'
import { demoCommand } from './demo.ts'

const line = z.object({ title: z.string().optional(), isGood: z.boolean().optional(), text: z.string().optional() })

function run(args: string[], data = '/nowhere') {
  const abort = new AbortController()
  const stdout: string[] = []
  const stderr: string[] = []
  const streams = { stdout: { write: (text: string) => stdout.push(text) }, stderr: { write: (text: string) => stderr.push(text) } }
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer(streams, { isJson: true, isQuiet: false, isVerbose: true, isTerminal: false }),
    signal: abort.signal,
    cwd: '/',
    environment: {},
    rendererFolder: '',
    globals: () => ({ data }),
    openEngine: () => Promise.reject(new Error('the demo has an engine of its own')),
  }
  const lines = () => stdout.map((text) => line.parse(JSON.parse(text)))
  return { ended: runCommand(demoCommand(context), args, context), abort, lines, stderr }
}

const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('otabench-demo-'))

describe('otabench demo', () => {
  it('tells the whole story, and every step does what it should', async () => {
    const { ended, lines, stderr } = run(['--count', '2'])
    expect([await ended, stderr.join('')]).toEqual([0, ''])
    const titles = lines().flatMap(({ title, isGood }) => (title === undefined ? [] : [`${title}: ${isGood}`]))
    expect(titles).toEqual([
      'Make a signing key: true',
      'Build three root file systems (mke2fs -d): true',
      'Write and sign the artifacts: true',
      'Compose an A/B card image from a root file system: true',
      'Flash it to a virtual drive, and verify it: true',
      'Seed identity into its data partition: true',
      'Start the server: true',
      'Bring up virtual devices and accept them: true',
      'Deploy demo-os-2 to group demo: true',
      'Deploy demo-os-3-broken, which fails to boot: true',
      'Look at one device: true',
    ])
    expect(lines().some(({ text }) => text?.includes('No working init'))).toBe(true)
    expect(await leftovers()).toEqual([])
  })

  it('tells it with a board, in which the real client runs', { timeout: 900_000 }, async () => {
    const data = await mkdtemp(join(tmpdir(), 'otabench-board-demo-'))
    await mkdir(KEPT_PACKAGES, { recursive: true })
    await mkdir(join(data, 'boards'))
    await symlink(KEPT_PACKAGES, join(data, 'boards/.packages'))
    const { ended, lines, stderr } = run(['--board'], data)
    expect([await ended, stderr.join('')]).toEqual([0, expect.any(String)])
    expect(lines().filter(({ title }) => title !== undefined)).toHaveLength(6)
    expect(lines().filter(({ isGood }) => isGood === false)).toEqual([])
    expect(lines().some(({ text }) => text?.includes('Attempted to kill init'))).toBe(true)
    await rm(data, { recursive: true })
  })

  it('stops at once when it is told to, and leaves nothing behind', async () => {
    const { ended, abort, lines } = run([])
    await until(() => lines().some(({ title }) => title?.startsWith('Bring up') === true))
    abort.abort()
    expect(await ended).toBe(130)
    expect(await leftovers()).toEqual([])
  })

  it('refuses a number of devices that makes no sense', async () => {
    for (const count of ['0', 'x', '51']) expect(await run(['--count', count]).ended).toBe(2)
  })
})
