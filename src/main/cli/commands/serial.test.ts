import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { BenchLine } from '../../engine/provision/serial/bench-line.cases.ts'
import { runLine } from '../command.cases.ts'
import type { Keyboard } from '../keyboard.ts'
import { serialConsole } from './serial-console.ts'
import { serialCommand } from './serial.ts'

/** Types one thing after the other, each once what came before was answered. */
function typist(pieces: readonly { typed: string; until: string }[]): Keyboard & { shown: string; isRaw: boolean } {
  const keyboard = {
    ...{ shown: '', isRaw: false, isTerminal: true, isInFront: () => true },
    size: () => ({ columns: 80, rows: 24 }),
    onResize: () => () => undefined,
    setRaw: (isRaw: boolean) => void (keyboard.isRaw = isRaw),
    async *input(signal: AbortSignal) {
      for (const { typed, until } of pieces) {
        yield Buffer.from(typed)
        while (!keyboard.shown.includes(until) && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    write: (bytes: Uint8Array) => void (keyboard.shown += Buffer.from(bytes).toString()),
  }
  return keyboard
}

describe('otabench serial console', () => {
  it('hands the board over, logs every line with its time, tells of a break that cannot be sent, and leaves at Ctrl+]', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'otabench-console-'))
    await using line = await BenchLine.start({ program: 'dash -i' })
    const keyboard = typist([
      { typed: 'echo $((40+2))\r', until: '42\r\n' },
      { typed: '\u001c', until: '' },
      { typed: 'exit 9 # never\u001dnor this', until: '' },
    ])
    const command = (context: Parameters<typeof serialConsole>[2]) =>
      new Command('console').action(() => serialConsole(line.path, { log: 'console.log' }, context, keyboard))
    const { exitCode, stderr } = await runLine([], { command, cwd: folder })
    expect({ exitCode, isRaw: keyboard.isRaw }).toEqual({ exitCode: 0, isRaw: false })
    expect(stderr).toMatch(/Ctrl\+\] leaves/)
    expect(keyboard.shown).toContain('42\r\n')
    expect(line.typed).not.toContain('nor this')
    expect(readFileSync(join(folder, 'console.log'), 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:[#$] )?42$/m)
    rmSync(folder, { recursive: true })
  })

  it('says what is wrong with a port or a rate', async () => {
    const run = (...args: string[]) => runLine(args, { command: serialCommand, cwd: tmpdir() })
    expect((await run('console', '/dev/ttyNONE7', '--baud', 'fast')).stderr).toMatch(/BAD_INPUT: --baud fast is no rate/)
    expect((await run('uboot', '/dev/ttyNONE7', '--set', 'x')).stderr).toMatch(/BAD_INPUT: --set x says no value/)
    expect((await run('uboot', '/dev/ttyNONE7')).stderr).toMatch(/NOT_FOUND: There is no serial port \/dev\/ttyNONE7/)
    expect(await run('list')).toMatchObject({ exitCode: 0 })
  })
})
