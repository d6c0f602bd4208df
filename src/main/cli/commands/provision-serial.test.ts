import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DebianBoard } from '../../engine/provision/debian-board.cases.ts'
import { BenchLine, kernelNoise } from '../../engine/provision/serial/bench-line.cases.ts'
import { runLine } from '../command.cases.ts'
import { provisionCommand } from './provision.ts'

/** Needs root: a board is this machine's own root file system in namespaces of its own. */
const isRoot = process.getuid?.() === 0
let folder: string
let count = 0
const at = (name: string) => join(folder, name)

function descriptor(text: string): string {
  const path = at(`secret-${count++}`)
  writeFileSync(path, `${text}\n`)
  return String(openSync(path, 'r'))
}

const RECIPE = `
version: 1
deviceType: board
identity: {serial: {series: console, pattern: "C-{00}"}}
key: p256
client: {apt: []}
server: {url: "https://bench.lan"}
files: [{to: /opt/large, from: large}]
commands: [{run: "echo blue", expect: blue}]
`

function provision(line: BenchLine, password: string) {
  const words = ['--json', 'serial', line.path, '--recipe', at('recipe.yaml'), '--password-fd', descriptor(password)]
  return runLine(words, { command: provisionCommand, cwd: folder, globals: { data: at('data') } })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-provision-serial-'))
  writeFileSync(at('recipe.yaml'), RECIPE)
  writeFileSync(at('large'), Array.from({ length: 9000 }, (_, index) => index % 251).join(','))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('otabench provision serial', () => {
  it('logs in at a getty and makes the board a device, while the kernel breaks in; and changes nothing the second time', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: nothing was provisioned')
    await using board = await DebianBoard.start({ prepare: 'echo root:toor | chpasswd' })
    const start = () => BenchLine.start({ program: board.console(), noise: kernelNoise(count + 3) })
    {
      await using line = await start()
      const { exitCode, stderr, json } = await provision(line, 'toor')
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(json).toMatchObject([{ identity: { serial: 'C-01' }, changed: expect.arrayContaining(['wrote /opt/large']) }])
    }
    expect(board.run('cat /opt/large')).toBe(readFileSync(at('large'), 'utf8'))
    expect(JSON.parse(board.run('cat /var/lib/mender/mender.conf'))).toEqual({ ServerURL: 'https://bench.lan' })
    {
      await using line = await start()
      expect(await provision(line, 'toor')).toMatchObject({ exitCode: 0, json: [{ changed: ['ran "echo blue"'] }] })
    }
    {
      await using line = await start()
      expect((await provision(line, 'wrong')).stderr).toMatch(/error LOGIN_REFUSED: The console on .* refuses root/)
    }
  })
})
