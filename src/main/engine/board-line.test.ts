import { expect, it } from 'vitest'
import { toAppError } from '../contract/errors.ts'
import { openBoardLine } from './board-line.ts'
import { openBareBoard } from './boards/bare-board.cases.ts'
import { stopAtBootLoader } from './provision/serial/console.ts'
import { SerialTalk } from './provision/serial/talk.ts'
import { UBootPrompt } from './provision/serial/uboot.ts'

it('Debian’s U-Boot is stopped on its console, tells its variables, takes new ones whatever is in them, and says why it saves none', async () => {
  await using board = await openBareBoard()
  const { machine } = board
  const record = {
    ...{ name: 'lab', mac: '52:54:00:00:00:01', memoryMiB: 128, sshPort: 1, silenceMs: 60_000, isOn: true },
    ...{ serverUrl: null, hostKey: null, createdAt: 0 },
  }
  await machine.powerOn()
  await using line = openBoardLine({ record, machine })
  using talk = new SerialTalk(line)
  const { signal } = new AbortController()
  await stopAtBootLoader(talk, 60_000, signal)
  const prompt = new UBootPrompt(talk, signal)
  expect(await prompt.environment()).toMatchObject({ arch: 'arm', board: 'qemu-arm', baudrate: '115200' })
  const value = 'if test "$a" = b; then echo \\one; fi  # {two} * ? ~'
  await prompt.set('mender_test', value)
  await prompt.set('bootcount', '2')
  await prompt.set('arch', '')
  const after = await prompt.environment()
  expect(after).toMatchObject({ mender_test: value, bootcount: '2' })
  expect(after).not.toHaveProperty('arch')
  const refused = await prompt.set('baudrate', '').catch(toAppError)
  expect(refused).toMatchObject({ code: 'INTERRUPTED', message: expect.stringContaining('Baudrate may not be deleted') })
  const saved = await prompt.save().then(() => null, toAppError)
  expect(saved).toMatchObject({ code: 'INTERRUPTED', message: expect.stringContaining('saveenv: Failed (1)') })
})
