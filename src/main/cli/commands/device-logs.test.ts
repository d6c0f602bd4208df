import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestEngine } from '../../engine/engine.cases.ts'
import { JournalBoard } from '../../engine/provision/journal-board.cases.ts'
import { authBody, makeDevice } from '../../engine/server/device.cases.ts'
import { runLine } from '../command.cases.ts'
import { devicesCommand } from './devices.ts'

/** Needs root: a board is this machine's own root file system in namespaces of its own. */
const isRoot = process.getuid?.() === 0

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-logs-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const descriptor = (): string => {
  writeFileSync(join(folder, 'password'), 'raspberry\n')
  return String(openSync(join(folder, 'password'), 'r'))
}

describe('devices logs', () => {
  it('follows the journal of a board until it is stopped, into a file as well; tells a changed host key and a cut connection', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no log was followed')
    await using board = await JournalBoard.start({ log: 'journal' })
    board.say('level=info msg="an old line"')
    const words = ['--json', 'logs', board.board.place, '--output', 'client.log']
    const logs = (more: readonly string[], onOutput: (text: string) => void, signal = new AbortController().signal) =>
      runLine([...words, ...more], { command: devicesCommand, cwd: folder, onOutput, signal })
    const stop = new AbortController()
    const followed = await logs(
      ['--password-fd', descriptor(), '--grep', 'msg='],
      (text) => {
        if (text.includes('an old line')) board.say('not wanted\nlevel=info msg="a new line"')
        if (text.includes('a new line')) stop.abort()
      },
      stop.signal,
    )
    expect(followed).toMatchObject({ exitCode: 130 })
    expect(followed.json).toEqual([
      { at: expect.any(Number), text: expect.stringMatching(/^mender-client\[\d+\]: level=info msg="an old line"$/) },
      { at: expect.any(Number), text: expect.stringContaining('a new line') },
    ])
    expect(readFileSync(join(folder, 'client.log'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z mender-client\[\d+\]: .*an old line"\n.*a new line"\n$/,
    )

    const cut = await logs(['-i', join(board.board.folder, 'user')], (text) => {
      if (text.includes('a new line')) board.cut()
    })
    expect(cut).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/error DEVICE_UNREACHABLE: .*was lost/) })

    await board.board.changeHostKey()
    expect((await logs(['-i', join(board.board.folder, 'user')], () => undefined)).stderr).toMatch(/error HOST_KEY_CHANGED: /)
  })

  it('goes to the address that a device has told, and asks for one where none is known', async () => {
    await using bench = await openTestEngine()
    await bench.client.server.setAcceptMode({ acceptMode: 'all' })
    await joinWith(bench.url, 'told', [{ name: 'ipv4_eth0', value: '127.0.0.1/8' }])
    await joinWith(bench.url, 'silent', [])
    const logs = (name: string) => runLine(['logs', name, '--user', 'pi'], { command: devicesCommand, client: bench.client, cwd: folder })
    expect((await logs('told')).stderr).toContain('pi@127.0.0.1')
    expect(await logs('silent')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('No address of silent is known') })
  })
})

/** A device that joins and sends its inventory. */
async function joinWith(url: string, mac: string, inventory: { name: string; value: string }[]): Promise<void> {
  const device = makeDevice(mac)
  const body = authBody(device)
  const answer = await fetch(`${url}/api/devices/v1/authentication/auth_requests`, {
    ...{ method: 'POST', body },
    headers: { 'content-type': 'application/json', 'x-men-signature': device.sign(body) },
  })
  await fetch(`${url}/api/devices/v1/inventory/device/attributes`, {
    ...{ method: 'PATCH', body: JSON.stringify(inventory) },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await answer.text()}` },
  })
}
