import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Cable } from '../../engine/discovery/cable.cases.ts'
import { runLine } from '../command.cases.ts'
import { discoverCommand } from './discover.ts'

const CLI = join(import.meta.dirname, '..', '..', 'cli.ts')

describe('otabench discover', () => {
  it('finds a board that Avahi tells of, once, with its SSH server and its MAC', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes networks: no board was looked for')
    await using cable = await Cable.start()
    const [command, ...words] = [...cable.benchWords, process.execPath, CLI, '--json', '--data', join(cable.folder, 'data')]
    const { stdout } = await promisify(execFile)(command, [...words, 'discover', '--seconds', '12'])
    const found: unknown = JSON.parse(stdout)
    expect(found).toMatchObject({
      boards: expect.arrayContaining([
        expect.objectContaining({
          ...{ name: 'benchpi', ssh: { host: '10.77.0.2', port: 2222 }, macs: ['dc:a6:32:00:00:01'] },
          ids: expect.arrayContaining(['mac:dc:a6:32:00:00:01', 'host:benchpi']),
        }),
      ]),
    })
    expect(stdout.match(/"name": ?"benchpi"/g)).toHaveLength(1)
  })

  it('draws where a board hangs: below the network that it is on', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes networks: no board was looked for')
    await using cable = await Cable.start()
    const [command, ...words] = [...cable.benchWords, process.execPath, CLI, '--data', join(cable.folder, 'data')]
    const { stdout } = await promisify(execFile)(command, [...words, 'discover', '--tree', '--seconds', '12'])
    expect(stdout).toMatch(/^10\.77\.0\.0\/24 {2}\(bench0\)\n {2}benchpi {2}\(10\.77\.0\.2\b/m)
  })

  it('says what is no number', async () => {
    expect((await runLine(['--seconds', 'ten'], { command: discoverCommand, cwd: tmpdir() })).stderr).toContain('BAD_INPUT')
  })
})
