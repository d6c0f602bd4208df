import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'
import { fakeHost } from '../host.fake.ts'
import { nodeHost } from '../host.node.ts'
import { freePort } from '../lib/free-port.cases.ts'
import { type SerialLine, openSerialLine } from '../provision/serial/line.ts'
import { BoardMachine } from './board-machine.ts'
import { emptyBoardFolder, openBareBoard, processesIn } from './bare-board.cases.ts'
import { offerPty, ptyPath } from './pty.ts'

async function eventually(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 2400) throw new Error(`never: ${what}`)
    await sleep(50)
  }
}

const says = (machine: BoardMachine, text: string) => () => machine.console.lines.some((line) => line.text.includes(text))

describe('a board in QEMU', () => {
  it('starts, answers on its console, starts anew at a reset of its own, and stops when the power is cut', async () => {
    await using board = await openBareBoard()
    const { machine, notes, folder } = board
    await machine.powerOn()
    await eventually('U-Boot speaks', () => machine.evidence.phase === 'loader')
    // U-Boot waits two seconds for a key, and is at its prompt then
    await eventually('U-Boot waits for a key', () => Buffer.from(machine.console.recent).includes('stop autoboot'))
    machine.type(Buffer.from('\r'))
    await eventually('U-Boot is at its prompt', () => Buffer.from(machine.console.recent).includes('=> '))
    machine.type(Buffer.from('echo what $arch is\r'))
    await eventually('it answers', says(machine, 'what arm is'))
    machine.type(Buffer.from('reset\r'))
    await eventually('it starts anew', () => machine.startCount === 2 && machine.evidence.phase === 'loader')
    await machine.cut()
    expect(machine.isOn).toBe(false)
    expect(processesIn(folder)).toEqual([])
    expect(notes.filter((note) => !note.startsWith('serial'))).toEqual([
      'power: Power on',
      expect.stringMatching(/^boot: U-Boot \S+ starts$/),
      expect.stringMatching(/^boot: U-Boot \S+ starts$/),
      'power: Power cut',
    ])
    await machine.close()
    expect(readFileSync(join(folder, 'serial.log'), 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z what arm is$/m)
  })

  it('runs beside others, each of which can be reset alone', async () => {
    await using one = await openBareBoard()
    await using other = await openBareBoard()
    await Promise.all([one.machine.powerOn(), other.machine.powerOn()])
    await eventually('both start', () => [one, other].every(({ machine }) => machine.evidence.phase === 'loader'))
    one.machine.reset()
    await eventually('one starts again', () => one.machine.startCount === 2 && one.machine.evidence.phase === 'loader')
    expect(other.machine.startCount).toBe(1)
  })

  it('starts once when it is switched on twice at the same moment', async () => {
    await using board = await openBareBoard()
    await Promise.all([board.machine.powerOn(), board.machine.powerOn()])
    expect(board.machine.startCount).toBe(1)
    await board.machine.cut()
    expect(processesIn(board.folder)).toEqual([])
  })

  it('stays off when it is switched off before it has started', async () => {
    await using board = await openBareBoard()
    const starting = board.machine.powerOn()
    await board.machine.powerOff()
    await starting
    expect([board.machine.isOn, board.machine.startCount]).toEqual([false, 0])
  })

  it('gives up after three tries when QEMU does not start it, with what QEMU says', async () => {
    await using board = await openBareBoard({ cardPath: '/no/such/card.img' })
    const error = toAppError(await board.machine.powerOn().catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining("Could not open '/no/such/card.img'") })
    expect([board.machine.isOn, board.machine.startCount, board.machine.failure]).toEqual([false, 3, error])
  })

  it('needs QEMU, and says how to get it', async () => {
    const host = fakeHost()
    const machine = await BoardMachine.open({
      ...{ host, folder: '/board', silenceMs: 1000, onNote: () => undefined, trial: async () => null },
      hardware: () => Promise.reject(new Error('it was not asked')),
    })
    expect(toAppError(await machine.powerOn().catch((thrown: unknown) => thrown))).toMatchObject({
      code: 'TOOL_MISSING',
      hint: expect.stringContaining('apt-get install qemu-system-arm'),
    })
  })

  it('ends with the program that runs it, also when that is killed', async () => {
    using place = await emptyBoardFolder()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'run-board.child.ts'), place.folder, String(await freePort())], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await saysReady(child)
    expect(processesIn(place.cardPath)).not.toEqual([])
    child.kill('SIGKILL')
    await once(child, 'exit')
    await eventually('nothing is left', () => processesIn(place.folder).length === 0)
  })

  it('offers its console to other programs as a pseudo terminal, again and again', async () => {
    await using board = await openBareBoard()
    const { machine, folder } = board
    const off = new AbortController()
    const { console } = machine
    const offered = offerPty({ host: nodeHost(), folder, console, type: (bytes) => machine.type(bytes) }, off.signal)
    await machine.powerOn()
    let made: number | null = null
    for (const word of ['first', 'second']) {
      await eventually('the pseudo terminal is made anew', () => (madeAt(ptyPath(folder)) ?? made) !== made)
      made = madeAt(ptyPath(folder))
      await using line = await openWhenThere(ptyPath(folder))
      let heard = ''
      line.onData((bytes) => (heard += String(bytes)))
      for (let tries = 0; !new RegExp(`^${word} answer`, 'm').test(heard); tries += 1) {
        if (tries === 600) throw new Error(`no answer: ${heard}`)
        await line.write(Buffer.from(`\recho ${word} answer\r`))
        await sleep(200)
      }
    }
    off.abort()
    await offered
    expect(readdirSync(folder).filter((name) => name.startsWith('console'))).toEqual([])
  })
})

/** When the link to the pseudo terminal was made, which is done for each user; null while there is none. */
function madeAt(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? null
}

/** The link is there a moment before the terminal is. */
async function openWhenThere(path: string): Promise<SerialLine> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await openSerialLine(path, 115_200, nodeHost().files)
    } catch (thrown) {
      if (toAppError(thrown).code === 'PORT_IN_USE' || tries === 600) throw thrown
      await sleep(100)
    }
  }
}

function saysReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => resolve())
    child.once('exit', () => reject(new Error('it ended early')))
  })
}
