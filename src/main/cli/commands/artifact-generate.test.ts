import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type CommandRun, runLine } from '../command.cases.ts'
import { artifactCommand } from './artifact.ts'

const root = mkdtempSync(join(tmpdir(), 'otabench-generate-'))
afterAll(() => rmSync(root, { recursive: true }))
const cwd = join(root, 'work')
beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true })
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'app.conf'), 'port = 80\n')
  chmodSync(join(cwd, 'app.conf'), 0o640)
  writeFileSync(join(cwd, 'run.sh'), '#!/bin/sh\nexit 0\n')
})

const write = (...args: string[]): Promise<CommandRun> =>
  runLine(['write', ...args, '-n', 'app-v1', '-t', 'board', '--compression', 'none', '-o', 'ours.mender'], {
    command: artifactCommand,
    cwd,
  })

/** The same written by mender-artifact, from files made by hand. */
function reference(type: string, files: Record<string, string>): void {
  mkdirSync(join(cwd, 'files'))
  const flags = Object.entries(files).flatMap(([name, text]) => {
    writeFileSync(join(cwd, 'files', name), text)
    return ['-f', join(cwd, 'files', name)]
  })
  const args = [
    'write',
    'module-image',
    '-T',
    type,
    '-n',
    'app-v1',
    '-t',
    'board',
    '--compression',
    'none',
    '-o',
    'theirs.mender',
    ...flags,
  ]
  execFileSync('mender-artifact', args, { cwd, stdio: 'pipe' })
}

/** What the manifest lists: every payload file, the header and the version, by checksum. */
function manifestOf(name: string): string {
  return execFileSync('tar', ['-xOf', join(cwd, name), 'manifest'], { encoding: 'utf8' })
}

describe('artifact write single-file', () => {
  it('packs what the stock update module wants, as mender-artifact packs files made by hand', async () => {
    expect(await write('single-file', '--dest-dir', '/etc/my app', '-f', 'app.conf')).toMatchObject({ exitCode: 0 })
    reference('single-file', { dest_dir: '/etc/my app\n', filename: 'app.conf\n', permissions: '640\n', 'app.conf': 'port = 80\n' })
    expect(manifestOf('ours.mender')).toBe(manifestOf('theirs.mender'))
    execFileSync('mender-artifact', ['validate', 'ours.mender'], { cwd, stdio: 'pipe' })
  })

  it.each([
    ['no destination', ['-f', 'app.conf'], 'is not an absolute path'],
    ['a relative one', ['--dest-dir', 'etc', '-f', 'app.conf'], 'is not an absolute path'],
    ['no file', ['--dest-dir', '/etc'], 'has one file, not 0'],
    ['two files', ['--dest-dir', '/etc', '-f', 'app.conf', '-f', 'run.sh'], 'has one file, not 2'],
  ])('refuses %s and writes nothing', async (_what, args, message) => {
    expect(await write('single-file', ...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
    expect(existsSync(join(cwd, 'ours.mender'))).toBe(false)
  })

  it('refuses a file with a name that the update module uses itself', async () => {
    writeFileSync(join(cwd, 'filename'), '')
    expect(await write('single-file', '--dest-dir', '/etc', '-f', 'filename')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('uses the name "filename" itself'),
    })
  })
})

describe('artifact write script', () => {
  it('packs the scripts as mender-artifact does, and tells what it wrote with --json', async () => {
    const run = await runLine(
      ['--json', 'write', 'script', '-n', 'app-v1', '-t', 'board', '-f', 'run.sh', '--compression', 'none', '-o', 'ours.mender'],
      { command: artifactCommand, cwd },
    )
    expect(run).toMatchObject({ exitCode: 0, json: [{ name: 'app-v1', sizeBytes: readFileSync(join(cwd, 'ours.mender')).length }] })
    reference('script', { 'run.sh': '#!/bin/sh\nexit 0\n' })
    expect(manifestOf('ours.mender')).toBe(manifestOf('theirs.mender'))
  })

  it('refuses to pack none', async () => {
    expect(await write('script')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('There is no script to run') })
  })
})
