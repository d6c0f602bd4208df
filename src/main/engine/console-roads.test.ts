import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { toAppError } from '../contract/errors.ts'
import { openBareBoard } from './boards/bare-board.cases.ts'
import { openBoardLine } from './board-line.ts'
import { boardRoad } from './console-roads.ts'
import { OpenPorts } from './provision/serial/open-ports.ts'

it('the console of a board shows what it said before, takes what is typed, ends with the power, and comes back with it', async () => {
  await using board = await openBareBoard()
  const { machine, folder } = board
  const record = {
    ...{ name: 'lab', mac: '52:54:00:00:00:01', memoryMiB: 128, sshPort: 1, silenceMs: 60_000, isOn: true },
    ...{ serverUrl: null, hostKey: null, createdAt: 0 },
  }
  const open = { record, folder, machine, card: null, hasTerminal: false, takes: { memoryBytes: null, diskBytes: 0 } }
  const road = boardRoad({ boards: { get: () => open, list: () => [open] }, ports: new OpenPorts(async () => openBoardLine(open)) }, 'lab')
  expect(await road.open(null).catch(toAppError)).toMatchObject({ code: 'CONFLICT', message: 'lab is off' })
  expect(await road.isBack?.()).toBe(false)

  await machine.powerOn()
  while (!Buffer.from(machine.console.recent).includes('stop autoboot')) await sleep(50)
  const line = await road.open(null)
  const seen: Uint8Array[] = []
  line.onData((bytes) => seen.push(bytes))
  const text = (): string => Buffer.concat(seen).toString()
  expect(text()).toContain('stop autoboot')
  await line.write(Buffer.from('\r'))
  while (!text().includes('=> ')) await sleep(50)
  await line.write(Buffer.from('echo what $arch is\r'))
  while (!text().includes('what arm is')) await sleep(50)

  await machine.cut()
  expect(await line.ended.catch(toAppError)).toMatchObject({ message: 'lab is off' })
  await machine.powerOn()
  expect(await road.isBack?.()).toBe(true)
  const again = await road.open(null)
  const since: Uint8Array[] = []
  again.onData((bytes) => since.push(bytes))
  expect(Buffer.concat(since).toString()).not.toContain('what arm is')
})
