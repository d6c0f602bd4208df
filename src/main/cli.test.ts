import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const CLI = fileURLToPath(import.meta.resolve('./cli.ts'))
const folder = mkdtempSync(join(tmpdir(), 'otabench-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (line: string) => spawnSync('bash', ['-c', line, CLI, process.execPath, CLI], { cwd: folder, encoding: 'utf8' })

describe('the program', () => {
  it('says its version, for people and for programs', () => {
    expect(run('"$1" "$2" --version').stdout).toMatch(/^otabench \d+\.\d+\.\d+\n$/)
    expect(JSON.parse(run('"$1" "$2" --json --version').stdout)).toEqual({ version: expect.stringMatching(/^\d/) })
  })

  it('calls a wrong command wrong, whatever its name', () => {
    for (const name of ['nosuch', 'toString', 'constructor', '__proto__'])
      expect(run(`"$1" "$2" ${name}`)).toMatchObject({ status: 2, stderr: expect.stringContaining(`no command "${name}"`) })
  })

  it('shows with each command how it is called, and what every command takes', () => {
    const { stdout } = run('"$1" "$2" artifact read --help')
    expect(stdout).toMatch(/^Usage: otabench artifact read \[options\] <file>$/m)
    expect(stdout).toContain('--data DIR')
  })

  it('ends without a word when the reader of its output has gone', () => {
    const { stderr } = run('"$1" "$2" --help | true')
    expect(stderr).toBe('')
    const served = run('"$1" "$2" serve --quiet --http 127.0.0.1:0 --data data 2>said | true; cat said')
    expect(served.stdout).not.toMatch(/^ +at /m)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing half done behind when it is stopped by %s', async (name) => {
    // So large that it is still at it when the signal comes.
    execFileSync('truncate', ['-s', '64G', 'image'], { cwd: folder })
    const line = ['artifact', 'write', 'rootfs-image', '-n', 'x', '-t', 'board', '-f', 'image', '-o', 'out.mender']
    const child = spawn(process.execPath, [CLI, ...line], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    await once(child.stderr, 'data')
    child.kill(name)
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(readdirSync(folder).filter((each) => each.startsWith('out'))).toEqual([])
  })

  it('says when its output cannot be written', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [CLI, '--help'], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' })
    expect(status).toBe(3)
    expect(stderr).toMatch(/^error DISK_FULL: .*\nhint: .*\n$/)
  })
})
