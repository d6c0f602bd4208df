import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { nodeHost } from '../engine/host.node.ts'
import { paragraphsOf } from '../../texts/paragraphs.ts'
import { COMMANDS, usage } from './commands.ts'
import { shown } from './commands/board-run.ts'
import type { CliContext } from './context.ts'
import { speak } from './language.ts'
import { Printer } from './print.ts'
import { runCommand } from './run-command.ts'
import { facts, fact, table } from './text.ts'

const root = join(import.meta.dirname, '../../..')

/** In the pseudo language every letter that comes from the catalogue has a mark on it. */
const PLAIN = /[A-Za-z]{3}/
const MARKED = /[\u00C0-\u024F\u1E00-\u1EFF]/

/** A context in which nothing is done, and what is printed in it, piece by piece; on a terminal of so many columns, or on none. */
function silent(columns = 0): { context: CliContext; printed: string[] } {
  const printed: string[] = []
  const stream = { write: (text: string) => void printed.push(text), columns }
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer({ stdout: stream, stderr: stream }, { isJson: false, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal: AbortSignal.abort(),
    ...{ cwd: '/nowhere', rendererFolder: '', environment: {} },
    globals: () => ({ data: '/nowhere' }),
    openEngine: () => Promise.reject(new Error('no command is to do its work here')),
  }
  return { context, printed }
}

async function load(name: string, context: CliContext): Promise<Command> {
  const command = await COMMANDS[name]?.load(context)
  if (!command) throw new Error(`there is no command ${name}`)
  return command
}

/** Every way to a command below this one. */
function pathsBelow({ commands }: Command): string[][] {
  return [[], ...commands.flatMap((child) => pathsBelow(child).map((path) => [child.name(), ...path]))]
}

/** The texts of a command's help: its description, what stands beside each term, and the notes without their examples. */
async function textsOf(name: string, path: readonly string[]): Promise<string[]> {
  const { context, printed } = silent()
  await runCommand(await load(name, context), [...path, '--help'], context)
  const [body = '', ...notes] = printed
  const lines = body.replaceAll(/\n {3,}/g, '  ').split('\n')
  return [...lines.map((line) => line.replace(/^ {2}\S.*?(?: {2,}|$)/, '')), ...notes.flatMap(paragraphsOf)]
}

/** What has no letter of the catalogue, but for what is typed as it stands. */
const unmarked = (texts: readonly string[]): string[] =>
  texts.filter((text) => PLAIN.test(text.replaceAll(/"[^"]*"/g, '')) && !MARKED.test(text))

afterEach(() => speak([]))

describe('the help of a command', () => {
  it('is English where no other language is wanted', async () => {
    expect(await textsOf('keys', ['import'])).toContain('add a private or public key from a PEM file')
    await speak(['xx-YY'])
    expect(await textsOf('keys', ['import'])).toContain('add a private or public key from a PEM file')
  })

  it('is in the language that is spoken, whole and for every command', async () => {
    await speak(['en-XA'])
    const found: string[] = []
    let count = 0
    for (const name of Object.keys(COMMANDS))
      for (const path of pathsBelow(await load(name, silent().context))) {
        const texts = await textsOf(name, path)
        count += texts.filter((text) => MARKED.test(text)).length
        found.push(...unmarked(texts).map((text) => `${[name, ...path].join(' ')}: ${text}`))
      }
    expect(found).toEqual([])
    expect(count).toBeGreaterThan(1000)
  })

  it('shows a description that nobody has translated', async () => {
    await speak(['en-XA'])
    expect(unmarked(['ţĥē ƥũƀĺĩć ķēŷ', 'what no catalogue has', '"choice"', ''])).toEqual(['what no catalogue has'])
  })

  it('lists the commands in it too', async () => {
    await speak(['en-XA'])
    const lines = usage(80).split('\n')
    expect(unmarked(lines)).toEqual([])
    expect(lines.filter((line) => /^ {2}artifacts {2,}\S*[À-ž]/.test(line))).toHaveLength(1)
  })
})

/** The whole help of every command, as it is printed on a terminal of so many columns. */
async function allHelp(columns?: number): Promise<string> {
  const { context, printed } = silent(columns)
  for (const name of Object.keys(COMMANDS))
    for (const path of pathsBelow(await load(name, context))) await runCommand(await load(name, context), [...path, '--help'], context)
  return [usage(context.out.helpWidth), ...printed].join('\n')
}

describe('the lines of help', () => {
  const tooWide = (help: string, width: number): string[] =>
    help
      .replaceAll(root, '')
      .split('\n')
      .filter((line) => line.length > width)

  it('are 80 wide where there is no terminal, in any language', async () => {
    expect(tooWide(await allHelp(), 80)).toEqual([])
    await speak(['en-XA'])
    expect(tooWide(await allHelp(), 80)).toEqual([])
  })

  it('are as wide as the terminal, and at most 100', async () => {
    expect(tooWide(await allHelp(90), 90)).toEqual([])
    expect(tooWide(await allHelp(90), 80)).not.toEqual([])
    expect(tooWide(await allHelp(300), 100)).toEqual([])
    // Lines that are typed as they stand are not broken.
    const narrow = (await allHelp(60)).split('\n').filter((line) => line.length > 60 && !line.startsWith(' '))
    expect(narrow.filter((line) => !line.startsWith('Usage:'))).toEqual([])
  })
})

describe('what is printed in another language', () => {
  beforeEach(() => speak(['en-XA']))

  it('is an error with its hint, whose code stays', () => {
    const { context, printed } = silent()
    context.out.failure(new AppError('NOT_FOUND', 'There is no device "abc"', 'See otabench devices list.'))
    expect(printed).toEqual(['error NOT_FOUND: Ţĥēŕē ĩś ńō ďēvĩćē "abc"\n', 'ĥĩńţ: Śēē ōţàƀēńćĥ ďēvĩćēś ĺĩśţ.\n'])
  })

  it('is what commander refuses', async () => {
    const { context, printed } = silent()
    await runCommand(await load('keys', context), ['import', '--foo'], context)
    expect(printed[0]).toBe("error BAD_INPUT: ũńķńōŵń ōƥţĩōń '--foo'\n")
    const missing = silent()
    await runCommand(await load('keys', missing.context), ['show'], missing.context)
    expect(missing.printed[0]).toBe("error BAD_INPUT: ḿĩśśĩńĝ ŕēƣũĩŕēď àŕĝũḿēńţ 'name'\n".replace('ƣ', 'ǫ'))
  })

  it('is each line of a result, with the values in it, and a note', () => {
    const { context, printed } = silent()
    context.out.result({}, 'removed: a-name\n  virtual drive x: 1.0 kB')
    context.out.note('The shell on virt-01 has ended.')
    expect(printed).toEqual(['ŕēḿōvēď: a-name\n  vĩŕţũàĺ ďŕĩvē x: 1.0 kB\n', 'Ţĥē śĥēĺĺ ōń virt-01 ĥàś ēńďēď.\n'])
  })

  it('is the head of a table and no state or name in it, but its sentences; columns stay below each other', () => {
    expect(
      table(
        ['id', 'state', 'explanation'],
        [
          ['id', 'silent', 'no reason given'],
          ['22', 'x', 'success'],
        ],
      ),
    ).toBe(['ĨĎ  ŚŢÀŢĒ   ĒXƤĹÀŃÀŢĨŌŃ', 'id  silent  ńō ŕēàśōń ĝĩvēń', '22  x       success'].join('\n'))
    expect(facts([fact('id', '1'), fact('new key', '2')])).toEqual(['ĩď       1', 'ńēŵ ķēŷ  2'])
  })

  it('is a suffix of a line, and what stands in a column of a table', () => {
    const { context, printed } = silent()
    const said = ['boots partition 3, on trial: not committed', 'U-Boot environment: 131 kB at byte 0, 3 variables, the older copy']
    context.out.result({}, said.join('\n'))
    expect(printed).toEqual([
      'ƀōōţś ƥàŕţĩţĩōń 3, ōń ţŕĩàĺ: ńōţ ćōḿḿĩţţēď\nŨ-ßōōţ ēńvĩŕōńḿēńţ: 131 kB àţ ƀŷţē 0, 3 vàŕĩàƀĺēś, ţĥē ōĺďēŕ ćōƥŷ\n',
    ])
    const board: Parameters<typeof shown>[0][number] = {
      ...{ name: 'b1', state: 'up', isOn: true, failure: null, mac: '', memoryBytes: 1, diskBytes: 1, terminalPath: null, tail: [] },
      ...{ takes: { memoryBytes: 1, memoryLimitBytes: 2, diskBytes: 1 }, ssh: { port: 1, keyPath: null, hostKey: null } },
      ...{ seen: null, claimed: null, mismatch: null, slots: null, deployment: null, silenceSeconds: 1, startCount: 1, createdAt: 0 },
      boot: { bootSlot: 'B', isUpgradeAvailable: true, bootCount: 1, bootLimit: 1 },
    }
    expect(shown([board])).toMatch(/ śĺōţ B, ţŕĩàĺ, ƀōōţ ćōũńţ 1 /)
  })

  it('is nothing that programs read, or that is said by somebody else', () => {
    const { context, printed } = silent()
    context.out.verbatim({}, 'removed: a-name')
    context.out.raw('removed: a-name\n')
    const json = new Printer(
      { stdout: { write: (text: string) => printed.push(text) }, stderr: { write: () => undefined } },
      { ...context.out.style, isJson: true },
    )
    json.result({ text: 'removed: a-name' }, 'removed: a-name')
    expect(printed).toEqual(['removed: a-name\n', 'removed: a-name\n', '{"text":"removed: a-name"}\n'])
  })
})

describe('the program', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-language-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** What it prints where this language is wanted. */
  const otabench = (locale: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: folder, LANG: locale }
      execFile(process.execPath, [join(root, 'out/main/cli.js'), ...args], { cwd: folder, env }, (_error, stdout, stderr) =>
        resolve({ stdout, stderr }),
      )
    })

  it('speaks the language of the environment', async () => {
    expect((await otabench('en_XA.UTF-8', 'artifact', 'read', 'none.mender')).stderr).toMatch(/^error NOT_FOUND: Ćàńńōţ ōƥēń /)
    expect((await otabench('xx_YY.UTF-8', 'artifact', 'read', 'none.mender')).stderr).toMatch(/^error NOT_FOUND: Cannot open /)
    await otabench('C', 'keys', 'generate', 'one')
    expect((await otabench('en_XA.UTF-8', 'keys', 'list')).stdout).toMatch(/^ŃÀḾĒ +ÀĹĜŌŔĨŢĤḾ +.*\none +p256 +yes +/)
  })

  it('prints JSON and the text of mender-artifact as in English', async () => {
    await writeFile(join(folder, 'file'), 'x')
    const write = ['artifact', 'write', 'module-image', '-T', 'single-file', '-n', 'r1', '-t', 'd', '-f', 'file', '-o', 'a.mender']
    expect((await otabench('en_XA.UTF-8', ...write)).stdout).toMatch(MARKED)
    for (const line of [
      ['artifact', 'read', 'a.mender'],
      ['--json', 'artifact', 'validate', 'a.mender'],
      ['--json', 'drives', 'list'],
      ['--json', '--help'],
    ]) {
      const { stdout } = await otabench('C', ...line)
      expect(stdout).not.toBe('')
      expect((await otabench('en_XA.UTF-8', ...line)).stdout).toBe(stdout)
    }
  })
})
