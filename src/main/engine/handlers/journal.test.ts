import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import type { BoardConsole } from '../../contract/consoles.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { JournalBoard } from '../provision/journal-board.cases.ts'

/** Needs root: a board is this machine's own root file system in namespaces of its own. Its SSH server, journal and journalctl are real. */
const isRoot = process.getuid?.() === 0

let bench: TestEngine
let deviceId: string
beforeAll(async () => {
  bench = await openTestEngine()
  const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const der = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64')
  const publicKeyPem = `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`
  ;({ id: deviceId } = await bench.client.devices.preauthorize({ identity: { serial: 'J-1' }, publicKeyPem }))
})
afterAll(() => bench[Symbol.asyncDispose]())

const follow = (board: JournalBoard, more = {}) =>
  bench.client.consoles.openJournal({
    hops: [{ host: '127.0.0.1', port: board.port, user: 'pi', password: 'raspberry', ...more }],
    deviceId,
  })

/** Reads a log from its beginning until a text is in it; answers the lines with their times. */
async function seen(id: string, text: string): Promise<{ at: number; text: string }[]> {
  const lines: { at: number; text: string }[] = []
  for await (const event of await bench.client.consoles.attach({ id })) {
    if (event.kind !== 'output') continue
    const shown = Buffer.from(event.data, 'base64').toString().trimEnd()
    lines.push(...shown.split('\n').map((line) => ({ at: event.at, text: line })))
    if (shown.includes(text)) return lines
  }
  throw new Error(`it was closed, and showed ${JSON.stringify(lines)}`)
}

const when = (id: string, fits: (each: BoardConsole) => boolean) =>
  until(bench.client.consoles.list(), (all) => all.some((each) => each.id === id && fits(each)))

const timelineTexts = async () => (await now(bench.client.devices.timeline({ id: deviceId }))).entries.map(({ text }) => text)

describe('the journal of a device', () => {
  it('is shown with its past and followed, with the state of the services, and joins the timeline once', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no journal was followed')
    await using board = await JournalBoard.start({ log: 'journal' })
    board.say('level=info msg="before anybody looked"')
    const { id } = await follow(board)
    const lines = await seen(id, 'before anybody looked')
    expect(lines.at(-1)?.text).toMatch(/^mender-client\[\d+\]: level=info msg="before anybody looked"$/)
    board.say('level=error msg="while it is watched"')
    await seen(id, 'while it is watched')
    await when(
      id,
      ({ journal }) =>
        journal?.services?.some(({ unit, active, pid }) => unit === 'mender-client' && active === 'active' && pid !== null) ?? false,
    )
    board.board.run('systemctl stop mender-client')
    await when(id, ({ journal }) => journal?.services?.[0]?.active === 'inactive')
    expect(await bench.client.consoles.type({ id, data: 'eA==' }).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT' })
    await bench.client.consoles.close({ id })
    await expect.poll(() => board.followers()).toBe('')

    const again = await follow(board)
    await seen(again.id, 'while it is watched')
    await bench.client.consoles.close(again)
    const texts = await timelineTexts()
    expect(texts.filter((text) => text.includes('before anybody looked'))).toHaveLength(1)
    expect(texts.filter((text) => text.includes('while it is watched'))).toHaveLength(1)
  })

  it('says that the connection was lost, keeps what it showed, and is followed again after a changed host key is accepted', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no journal was followed')
    await using board = await JournalBoard.start({ log: 'journal' })
    board.say('first')
    const { id } = await follow(board)
    await seen(id, 'first')
    board.cut()
    await when(id, ({ state, why }) => state === 'ended' && why?.code === 'DEVICE_UNREACHABLE')
    await seen(id, 'first')
    await bench.client.consoles.close({ id })
    await board.board.changeHostKey()
    expect(await follow(board).catch(toAppError)).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: expect.stringMatching(/SHA256:[^]*SHA256:/),
    })
    await bench.client.provision.forgetHost({ place: `[127.0.0.1]:${board.port}` })
    board.say('second')
    const again = await follow(board)
    await seen(again.id, 'second')
    await bench.client.consoles.close(again)
  })

  it('is refused with what to do to a user who may not read it', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no journal was followed')
    await using board = await JournalBoard.start({ log: 'journal', sudo: 'none' })
    expect(await follow(board, { password: 'wrong' }).catch(toAppError)).toMatchObject({ code: 'LOGIN_REFUSED' })
    expect(await follow(board).catch(toAppError)).toMatchObject({ code: 'PERMISSION', hint: expect.stringContaining('systemd-journal') })
  })
})

describe('a board without systemd', () => {
  it('has its log file followed, of which the lines about Mender are shown with the times that they bring', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no log file was followed')
    await using board = await JournalBoard.start({ log: 'file' })
    const { stamp, at } = stampOf(Date.now() - 3_600_000)
    board.say(`${stamp} board daemon.info mender[120]: level=info msg="an hour ago"\n${stamp} board kern.info kernel: eth0 is up`)
    const { id } = await follow(board)
    const lines = await seen(id, 'an hour ago')
    expect(lines).toEqual([{ at, text: 'daemon.info mender[120]: level=info msg="an hour ago"' }])
    board.say(`${stamp} board daemon.info mender[120]: followed`)
    await seen(id, 'followed')
    await when(id, ({ journal }) => journal?.file === '/var/log/messages' && journal.services === null)
    await bench.client.consoles.close({ id })
    await expect.poll(() => board.followers()).toBe('')
  })

  it('is told how to keep a log where it keeps none', async () => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: no log was looked for')
    await using board = await JournalBoard.start({ log: 'none' })
    expect(await follow(board).catch(toAppError)).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('keeps no journal'),
      hint: expect.stringContaining('syslogd'),
    })
  })
})

/** A moment as syslog writes it, to the second, in this machine's zone. */
function stampOf(moment: number): { stamp: string; at: number } {
  const at = Math.floor(moment / 1000) * 1000
  const date = new Date(at)
  const month = date.toLocaleString('en', { month: 'short' })
  return { at, stamp: `${month} ${String(date.getDate()).padStart(2)} ${date.toTimeString().slice(0, 8)}` }
}
