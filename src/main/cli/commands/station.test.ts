import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { Readers, makeRecipe, makeSmallCard, slotNamed } from '../../engine/provision/station/station.cases.ts'
import { runLine } from '../command.cases.ts'
import type { Keyboard } from '../keyboard.ts'
import { now } from '../live.ts'
import { stationCommand } from './station.ts'

/** What a scanner types, when it does. */
function scanner(lines: AsyncIterable<string>): Keyboard {
  return {
    ...{ isTerminal: false, isInFront: () => false, size: () => ({ columns: 80, rows: 24 }), onResize: () => () => undefined },
    ...{ setRaw: () => undefined, write: () => undefined },
    async *input() {
      for await (const line of lines) yield Buffer.from(`${line}\r\n`)
    },
  }
}

const event = z.looseObject({ event: z.string(), word: z.string().optional(), text: z.string().optional() })

describe('otabench station', () => {
  let bench: TestEngine
  let readers: Readers
  const at = (name: string) => join(bench.folder, name)
  async function* nothing(): AsyncGenerator<string> {}
  const run = (line: readonly string[], lines: AsyncIterable<string> = nothing(), onOutput?: (text: string) => void) =>
    runLine(['--json', ...line], {
      ...{ client: bench.client, cwd: bench.folder, command: (context) => stationCommand(context, scanner(lines)) },
      ...(onOutput ? { onOutput } : {}),
    })
  let shared: string
  beforeAll(async () => {
    shared = mkdtempSync(join(tmpdir(), 'otabench-station-cli-'))
    makeSmallCard(shared)
    bench = await openTestEngine()
    readers = new Readers(bench.client, at('data'))
    makeRecipe(bench.folder)
    writeFileSync(at('wo.csv'), 'serial,batch\nU-1,a\nU-2,b\n')
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    rmSync(shared, { recursive: true })
  })

  const station = (...more: string[]) => [
    ...['run', '--recipe', 'recipe.void.yaml', '--image', join(shared, 'card.img'), '--slot', slotNamed('one'), '--operator', 'Ada'],
    ...more,
  ]

  it('works through a list without a screen, hears the scanner, and leaves records that an audit can verify', async () => {
    expect(await run(['orders', 'import', 'WO-1', 'wo.csv'])).toMatchObject({ exitCode: 0, json: [{ total: 2, next: 'U-1' }] })
    async function* typed(): AsyncGenerator<string> {
      yield 'nonsense'
      yield 'WO-1'
      yield 'U-2'
    }
    const work = run(station('--preauthorize', '--until-done', '--label', 'pdf', '--label-folder', 'labels'), typed())
    expect(await readers.run('one')).toMatchObject({ serial: 'U-2', isGood: true })
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ serial: 'U-1', isGood: true })
    const { exitCode, json } = await work
    const events = z.array(event).parse(json)
    expect(exitCode).toBe(0)
    expect(events.map(({ word }) => word)).toEqual(expect.arrayContaining(['INSERT CARD', 'REMOVE CARD']))
    expect(events.filter((each) => each.event === 'said').map(({ text }) => text)).toContain('U-2 is next')
    expect(events.at(-1)).toMatchObject({ event: 'end', good: 2, failed: 0, records: 2 })
    expect(readFileSync(at('labels/U-1.pdf'), 'latin1')).toContain('%PDF-1.4')
    expect(await now(bench.client.devices.list())).toHaveLength(2)
  })

  it('names a record that was changed, dropped or moved', async () => {
    const { json } = await run(['export', '-o', 'records.json'])
    const { head } = z.object({ head: z.string() }).parse(json[0])
    expect(await run(['verify', 'records.json', '--head', head])).toMatchObject({ exitCode: 0, json: [{ count: 2, faults: [] }] })
    const lines = readFileSync(at('records.json'), 'utf8').split('\n').slice(1, 3)
    const [first = '', second = ''] = lines.map((line) => line.replace(/,$/, ''))
    const faults = async (name: string, records: readonly string[]) => {
      writeFileSync(at(name), records.join('\n'))
      const done = await run(['verify', name, '--head', head])
      return { exitCode: done.exitCode, faults: z.object({ faults: z.array(z.string()) }).parse(done.json[0]).faults }
    }
    expect(await faults('changed', [first.replace('Ada', 'Eve'), second])).toEqual({
      ...{ exitCode: 5, faults: ['Record 1 (U-2) was changed: its hash is another one'] },
    })
    expect(await faults('dropped', [second])).toEqual({ exitCode: 5, faults: ['Record 1 is missing before Record 2 (U-1)'] })
    expect(await faults('end', [first])).toMatchObject({ exitCode: 5, faults: [expect.stringContaining('not the one that was noted')] })
    expect((await faults('moved', [second, first])).exitCode).toBe(5)
    expect(await run(['verify'])).toMatchObject({ exitCode: 0 })
    expect(await run(['export', '-o', 'records.csv', '--format', 'csv'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(at('records.csv'), 'utf8')).toMatch(/^sequence,result,serial[^]*1,good,U-2/)
  })

  it('stops when it is told to, voids numbers, and refuses what makes no sense', async () => {
    async function* typed(): AsyncGenerator<string> {
      yield 'stop'
    }
    // Whoever has started it needs no PIN.
    await bench.client.station.setPin({ pin: '2468' })
    expect((await run(station(), typed())).json.at(-1)).toMatchObject({ event: 'end', good: 0 })
    expect(await now(bench.client.station.view())).toMatchObject({ state: 'off', hasPin: true })
    expect(await run(['void', 'U-1', 'scratched'])).toMatchObject({ exitCode: 0, json: [{ result: 'void', why: 'scratched' }] })
    expect(await now(bench.client.devices.list())).toHaveLength(1)
    expect(await run(['void', 'U-1', 'again'])).toMatchObject({ exitCode: 1 })
    expect(await run(['label', 'U-2', '--label', 'zpl', '--label-folder', 'again'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(at('again/U-2.zpl'), 'utf8')).toContain('U-2')
    for (const more of [
      ['--preauthorize', '--to', 'http://x'],
      ['--to', 'http://x'],
      ['--min-size', 'huge'],
      ['--label', 'zpl'],
    ])
      expect((await run(station(...more))).exitCode).toBeGreaterThan(0)
    expect(await run(['slots'])).toMatchObject({ exitCode: 0, json: [expect.arrayContaining([])] })
    expect(await run(['orders', 'make', 'WO-2', 'many'])).toMatchObject({ exitCode: 2 })
  })
})
