import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FlashView, type Lane, flashRequest } from '../../contract/flash.ts'
import { noise } from '../../engine/flash/flash.cases.ts'
import { newLane } from '../../engine/flash/lane-view.ts'
import { runLine } from '../command.cases.ts'
import { processKeyboard } from '../keyboard.ts'
import { Printer } from '../print.ts'
import type { SuspendableKeyboard } from '../suspendable-keyboard.ts'
import { OTABENCH, type Typing, onTerminal } from '../terminal.cases.ts'
import { drivesCommand } from './drives.ts'
import { FlashSteering } from './flash-steering.ts'
import { flashCommand } from './flash.ts'

const MIB = 1 << 20
const FLASH = 'flash card.img --to slow --yes --data bench'

/** Somebody at a keyboard, whose orders to the engine are noted as they are given and heard when the test says so. */
class Sitting {
  readonly said: string[] = []
  readonly #keys = new PassThrough()
  readonly #answers: (() => void)[] = []
  readonly #view: FlashView = {
    ...{ id: 'one', source: null, sha256: null, isSummed: true, startedAt: 0 },
    request: flashRequest.parse({ source: '/card.img', targets: [{ path: '/card', identity: null, typedName: null }] }),
    lanes: [{ ...newLane('lane', { path: '/card', identity: null, typedName: null }), state: 'running', phase: 'writing' }],
  }
  readonly steering: FlashSteering

  constructor() {
    const order = (name: string) => (): Promise<void> => {
      this.said.push(name)
      return new Promise((resolve) => this.#answers.push(resolve))
    }
    const keyboard: SuspendableKeyboard = {
      ...{ ...processKeyboard(), isTerminal: true, isInFront: () => true, setRaw: () => undefined },
      input: () => this.#keys,
      suspend: async () => void this.said.push('suspended'),
      listenAgain: async () => undefined,
    }
    const style = { isJson: false, isQuiet: true, isVerbose: false, isTerminal: false }
    const out = new Printer({ stdout: { write: () => true }, stderr: { write: () => true } }, style)
    const client = { flash: { pause: order('pause'), continue: order('continue'), cancel: order('cancel') } }
    this.steering = new FlashSteering('one', { client, keyboard, out })
  }

  async presses(keys: string): Promise<void> {
    this.#keys.write(keys)
    await settled()
  }

  async sees(state: Lane['state']): Promise<void> {
    this.steering.see({ ...this.#view, lanes: this.#view.lanes.map((lane) => ({ ...lane, state })) })
    await settled()
  }

  async isAnswered(): Promise<void> {
    this.#answers.shift()?.()
    await settled()
  }
}

/** What is at hand has been done. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the keys of a flash', () => {
  it('suspend it once nothing is seen to be written, and not by news of before', async () => {
    const sitting = new Sitting()
    using _ = sitting.steering
    await sitting.sees('running')
    await sitting.presses('\u001a')
    await sitting.isAnswered()
    await sitting.sees('running')
    expect(sitting.said).toEqual(['pause'])
    await sitting.sees('paused')
    expect(sitting.said).toEqual(['pause', 'suspended', 'continue'])
  })

  it('suspend it also when it ends meanwhile, and at once where it was paused', async () => {
    for (const state of ['done', 'paused'] as const) {
      const sitting = new Sitting()
      using _ = sitting.steering
      await sitting.sees('running')
      if (state === 'paused') await sitting.sees(state)
      await sitting.presses('\u001a')
      await sitting.isAnswered()
      if (state === 'done') await sitting.sees(state)
      expect(sitting.said.filter((each) => each !== 'continue')).toEqual(state === 'done' ? ['pause', 'suspended'] : ['suspended'])
    }
  })

  it('are heard in the order in which they were pressed, and a cancel at once', async () => {
    const sitting = new Sitting()
    using _ = sitting.steering
    await sitting.sees('running')
    await sitting.presses('pp')
    expect(sitting.said).toEqual(['pause'])
    await sitting.isAnswered()
    expect(sitting.said).toEqual(['pause', 'continue'])
    await sitting.presses('p\u0003')
    expect(sitting.said).toEqual(['pause', 'continue', 'cancel'])
    await sitting.isAnswered()
    expect(sitting.said).toEqual(['pause', 'continue', 'cancel', 'pause'])
  })
})

describe('who watches a flash', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const drives = (...args: readonly string[]) => runLine(args, { command: drivesCommand, cwd: folder, globals: { data: file('bench') } })
  const isWritten = () => readFileSync(file('bench/virtual-drives/slow.img')).equals(noise(24 * MIB))
  /** Answers how the command ended, and whether the terminal is then as it was. */
  const watch = async (line: string, typings: readonly Typing[]) => {
    const { shown } = await onTerminal(`stty -g; ${line}; echo "exit $?"; stty -g`, folder, typings)
    const [before, ...lines] = shown.trimEnd().split('\r\n')
    return { exitCode: Number(/^exit (\d+)\r?$/m.exec(shown)?.[1]), isRestored: lines.at(-1) === before, shown }
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-flash-keys-'))
    writeFileSync(file('card.img'), noise(24 * MIB))
    await drives('create-virtual', 'slow', '--size', '24MiB', '--rate', '4MiB')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('pauses and continues it with the key p, sees so, and has the terminal back', async () => {
    const { shown, ...ended } = await watch(`${OTABENCH} ${FLASH}`, [
      { at: '% written', keys: 'p' },
      { at: '% paused', keys: 'xp' },
      { at: '% written', keys: 'pp' },
    ])
    expect(ended).toEqual({ exitCode: 0, isRestored: true })
    expect(shown).toContain('The key p pauses and continues it, Ctrl+C cancels it.\r\n')
    expect(isWritten()).toBe(true)
  })

  it('cancels it with Ctrl+C while it is paused, and can finish it in the same way', async () => {
    expect(
      await watch(`${OTABENCH} ${FLASH}`, [
        { at: '% written', keys: 'p' },
        { at: '% paused', keys: '\u0003' },
      ]),
    ).toMatchObject({ exitCode: 130, isRestored: true, shown: expect.stringContaining('error CANCELLED') })
    const { stdout } = await runLine(['--json', '--unfinished'], { command: flashCommand, cwd: folder, globals: { data: file('bench') } })
    const id = String(/"id":"([^"]+)"/.exec(stdout)?.[1])
    expect(
      await watch(`${OTABENCH} flash --finish ${id} --yes --data bench`, [
        { at: '% written', keys: 'p' },
        { at: '% paused', keys: 'p' },
      ]),
    ).toMatchObject({ exitCode: 0, isRestored: true, shown: expect.stringContaining('% paused') })
    expect(isWritten()).toBe(true)
  })

  const suspended = [
    { at: '% written', keys: '\u001a' },
    { at: 'stopped 148', keys: '' },
  ]
  const pausing = [
    { at: '% written', keys: 'p' },
    { at: '% paused', keys: 'p' },
  ]
  const suspending = `set -m; ${OTABENCH} ${FLASH}; echo "stopped $?"; stty -g`

  it('suspends it with Ctrl+Z, has the terminal back meanwhile, and its keys are heard again in the foreground', async () => {
    const { shown, ...ended } = await watch(`${suspending}; fg`, [...suspended, ...pausing])
    expect(ended).toEqual({ exitCode: 0, isRestored: true })
    expect(shown.split('\r\n').filter((line) => line === shown.split('\r\n')[0])).toHaveLength(3)
    expect(shown.slice(shown.indexOf('stopped'))).toMatch(/% paused/)
    expect(isWritten()).toBe(true)
  })

  it('leaves it paused where it was before it was suspended', async () => {
    const typings = [{ at: '% written', keys: 'p' }, { at: '% paused', keys: '\u001a' }, suspended[1] ?? [], { at: 'on again', keys: 'p' }]
    const { shown, ...ended } = await watch(`${suspending}; (sleep 1; echo on again) & fg %1`, typings.flat())
    expect(ended).toEqual({ exitCode: 0, isRestored: true })
    expect(shown.slice(shown.indexOf('stopped'), shown.indexOf('on again'))).not.toMatch(/% written/)
    expect(isWritten()).toBe(true)
  })

  it('goes on in the background where it was suspended, and is heard once it is in the foreground again', async () => {
    expect(await watch(`${suspending}; bg; wait %1`, suspended)).toMatchObject({ exitCode: 0, isRestored: true })
    expect(isWritten()).toBe(true)
    await drives('remove', 'slow')
    await drives('create-virtual', 'slow', '--size', '24MiB', '--rate', '2MiB')
    expect(await watch(`${suspending}; bg; sleep 0.5; fg`, [...suspended, ...pausing])).toMatchObject({
      ...{ exitCode: 0, isRestored: true, shown: expect.stringMatching(/stopped[^]*% paused/) },
    })
    expect(isWritten()).toBe(true)
  })

  it('has the terminal back when it fails', async () => {
    await drives('set-faults', 'slow', '--rate', '2MiB', '--fail-at', '16MiB')
    expect(await watch(`${OTABENCH} ${FLASH}`, [])).toMatchObject({
      ...{ exitCode: 1, isRestored: true, shown: expect.stringContaining('The key p') },
    })
  })

  it('in the background of a terminal is not stopped for its keys', async () => {
    expect(await watch(`set -m; ${OTABENCH} ${FLASH} & wait $!`, [])).toMatchObject({ exitCode: 0, isRestored: true })
    expect(isWritten()).toBe(true)
  })

  it('pauses and continues it by signals where there is no terminal', async () => {
    const child = spawn('bash', ['-c', `exec ${OTABENCH} ${FLASH}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let isAsked = false
    // Each signal once: one that comes late would end what hears none any more.
    createInterface(child.stderr).on('line', (line) => {
      said += `${line}\n`
      if (!line.includes(isAsked ? '% paused' : '% written')) return
      child.kill(isAsked ? 'SIGUSR2' : 'SIGUSR1')
      isAsked = !isAsked
    })
    expect(await once(child, 'close')).toEqual([0, null])
    expect(said).toMatch(/% paused\n(?:.*\n)*\d+ % written\n/)
    expect(isWritten()).toBe(true)
  })
})
