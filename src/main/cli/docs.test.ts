import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../engine/lib/free-port.cases.ts'
import { nodeHost } from '../engine/host.node.ts'
import { parseGlobals } from './args.ts'
import { COMMANDS } from './commands.ts'
import type { CliContext } from './context.ts'
import { Printer } from './print.ts'
import { runCommand } from './run-command.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)

/** The shell blocks of a page, in its order. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^```sh\n(?<block>.*?)^```$/gms)].map(({ groups }) => groups?.['block'] ?? '')
}

const guide = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-docs-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function writeProgram(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`)
  await chmod(join(folder, name), 0o755)
}

/** The command lines of a block, as a shell splits them; no program but the one that notes them can be reached. */
async function linesOf(block: string): Promise<string[][]> {
  const noted = await mkdtemp(join(folder, 'lines-'))
  // A file for each, because some run beside each other. `./run` alone opens the app.
  await writeProgram('otabench', `[ $# -eq 0 ] || printf '%s\\0' "$@" > "${noted}/$$"`)
  await writeProgram('curl', 'echo T')
  // What a page leaves to its reader: a loop that waits for devices would wait for ever.
  const script = block.replaceAll('./run ', 'otabench ').replace(/^until (?<line>.*?);? ?(?:&&.*)?do .*done$/gm, '$<line>')
  const env = { PATH: folder, TOKEN: 'T', MENDER_TOKEN: 'T' }
  await run('/bin/sh', ['-c', `${script}\nwait`], { cwd: folder, env }).catch(() => undefined)
  const lines = (await readdir(noted)).map((name) => readFile(join(noted, name), 'utf8'))
  return (await Promise.all(lines)).map((line) => line.split('\0').slice(0, -1))
}

/** What the program has against a command line; no command does its work. */
async function refusal(line: readonly string[]): Promise<string> {
  let stderr = ''
  const streams = { stdout: { write: () => undefined }, stderr: { write: (text: string) => void (stderr += text) } }
  const { globals, rest } = parseGlobals(line, {}, folder)
  const [name = '', ...args] = rest
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer(streams, { isJson: false, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal: AbortSignal.abort(),
    ...{ cwd: folder, rendererFolder: '', environment: {} },
    globals: () => globals,
    openEngine: () => Promise.reject(new Error('no command is to do its work here')),
  }
  const command = await COMMANDS[name]?.load(context)
  if (!command) return `there is no command ${name}`
  idle(command)
  await runCommand(command, args, context)
  return stderr
}

function idle(command: Command): void {
  command.action(() => undefined)
  for (const child of command.commands) idle(child)
}

describe.each(['README.md', ...guide])('%s', (page) => {
  it('names only commands and options that there are', async () => {
    const blocks = await blocksOf(page)
    const lines: string[][] = []
    for (const block of blocks) lines.push(...(await linesOf(block)))
    const mentioned = blocks.join('').match(/^[^#\n]*?(?:otabench|\.\/run) \w/gm)?.length ?? 0
    expect(lines.length).toBeGreaterThanOrEqual(mentioned)
    const refused = []
    for (const line of lines) {
      const said = await refusal(line)
      if (said) refused.push(`otabench ${line.join(' ')}: ${said}`)
    }
    expect(refused).toEqual([])
  })

  it('shows only pictures that there are, and links to pages that there are', async () => {
    const text = await readFile(join(root, page), 'utf8')
    const targets = [...text.matchAll(/\]\((?<target>[^)#:]+)\)/g)].map(({ groups }) => groups?.['target'] ?? '')
    const base = join(root, page, '..')
    const there = await Promise.all(
      targets.map((target) =>
        readFile(join(base, target)).then(
          () => true,
          (error: { code?: string }) => error.code === 'EISDIR',
        ),
      ),
    )
    expect(targets.filter((_target, index) => !there[index])).toEqual([])
  })
})

it('every picture of the guide is shown in it', async () => {
  const pages = await Promise.all(['README.md', ...guide].map((page) => readFile(join(root, page), 'utf8')))
  const pictures = await readdir(join(root, 'docs/pictures'))
  expect(pictures.filter((name) => !pages.some((text) => text.includes(`pictures/${name})`)))).toEqual([])
})

it('the script for CI builds, signs and tries an update, and leaves a report of three devices', async () => {
  const [script = ''] = await blocksOf('docs/ci.md')
  await writeProgram('otabench', `exec "${process.execPath}" "${join(root, 'out/main/cli.js')}" "$@"`)
  const port = await freePort()
  const env = { ...process.env, PATH: [folder, process.env['PATH']].join(delimiter), HOME: folder }
  await run('/bin/sh', ['-c', script.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)], { cwd: folder, env })
  const report = await readFile(join(folder, 'report.xml'), 'utf8')
  expect(report).toContain('tests="3" failures="0" errors="0"')
})
