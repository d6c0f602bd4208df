import { describe, expect, it } from 'vitest'
import { type FakeHost, fakeHost } from '../host.fake.ts'
import { sampleDrive } from '../safety/machines.cases.ts'
import { powerOff } from './eject.ts'
import { udisksProblem } from './udisks.ts'
import { unmountAll } from './unmount.ts'
import { HELPER, createRights, writerCommand } from './writer-command.ts'

type Programs = NonNullable<Parameters<typeof fakeHost>[0]>

const said = (exitCode: number, stderr = '', stdout = '') => ({ exitCode, stdout, stderr })
const drive = { ...sampleDrive('pci-1'), mountedAt: ['/media/me/boot', '/media/me/root'] }
const partition = (number: number, at: string) => ({
  ...{ path: `/dev/sdb${number}`, number, sizeBytes: 1, label: '', fileSystem: 'ext4', mountedAt: [at] },
})
const card = { ...drive, partitions: [partition(1, '/media/me/boot'), partition(2, '/media/me/root')] }

/** A machine that notes what is run on it. */
function machine(programs: Programs): FakeHost & { lines: string[] } {
  const lines: string[] = []
  const noting = Object.entries(programs).map(([name, run]): [string, typeof run] => [
    name,
    (...told) => {
      lines.push([name, ...told[0]].join(' '))
      return run(...told)
    },
  ])
  return Object.assign(fakeHost(Object.fromEntries(noting)), { lines })
}

const COMMANDS = { writer: ['node', 'writer.js'], opener: ['node', 'opener.js'] }

async function deviceNode(host: FakeHost, mode: number): Promise<void> {
  await host.files.makeFolder('/dev')
  await (await host.files.open('/dev/sdb', 'create'))[Symbol.asyncDispose]()
  await host.files.setMode('/dev/sdb', mode)
}

async function installHelper(host: FakeHost, mode = 0o755): Promise<void> {
  await host.files.makeFolder('/usr/lib/ota-bench')
  await (await host.files.open(HELPER, 'create'))[Symbol.asyncDispose]()
  await host.files.setMode(HELPER, mode)
}

describe('how a user gets at a drive', () => {
  it('without anything, when the drive may be written: and then it is locked first', async () => {
    const host = machine({ pkexec: () => said(0), sudo: () => said(0) })
    await deviceNode(host, 0o660)
    await installHelper(host)
    const rights = createRights(host)
    expect([await rights.accessTo('/dev/sdb'), await rights.waysTo(drive)]).toEqual(['open', []])
    expect(writerCommand(drive, COMMANDS, []).join(' ')).toBe(
      'flock --exclusive --timeout 10 --conflict-exit-code 75 --no-fork /dev/sdb node writer.js',
    )
    expect(host.lines).toEqual([])
  })

  it('by the installed writer, unless somebody else can change that', async () => {
    const host = machine({ pkexec: () => said(0) })
    await deviceNode(host, 0o440)
    await installHelper(host)
    const rights = createRights(host)
    expect([await rights.accessTo('/dev/sdb'), await rights.waysTo(drive)]).toEqual(['asks', ['helper']])
    expect(writerCommand(drive, COMMANDS, ['helper'])).toEqual(['pkexec', HELPER])
    await host.files.setMode(HELPER, 0o775)
    expect(await rights.accessTo('/dev/sdb')).toBe('none')
    await expect(rights.waysTo(drive)).rejects.toMatchObject({
      code: 'PERMISSION',
      hint: expect.stringContaining('otabench drives rule /dev/sdb'),
    })
  })

  it('by sudo where it asks for nothing, which is tried once and by members of its groups alone', async () => {
    const host = machine({ sudo: () => said(0), id: () => said(0, '', 'me sudo\n') })
    await deviceNode(host, 0o440)
    const rights = createRights(host)
    expect([await rights.accessTo('/dev/sdb'), await rights.waysTo(drive)]).toEqual(['open', ['sudo']])
    expect(host.lines).toEqual(['id -Gn', 'sudo --non-interactive true'])
    const stranger = machine({ sudo: () => said(0), id: () => said(0, '', 'me\n') })
    expect(await createRights(stranger).accessTo('/dev/sdb')).toBe('none')
    expect(stranger.lines).toEqual(['id -Gn'])
  })
})

describe('udisks', () => {
  const ask = 'opener'

  it('comes before what gives the writer rights, which is taken when udisks refuses', async () => {
    const host = machine({ udisksctl: () => said(0), opener: () => said(0), pkexec: () => said(0), sudo: () => said(1) })
    await deviceNode(host, 0o440)
    await installHelper(host)
    const ways = await createRights(host).waysTo(drive)
    expect(ways).toEqual(['udisks', 'helper'])
    expect(writerCommand(drive, COMMANDS, ways).join(' ')).toBe(`node opener.js node writer.js --or pkexec ${HELPER}`)
    host.machine.hasTerminal = true
    expect(await createRights(host).waysTo(drive)).toEqual(['udisks', 'sudo'])
  })

  it('is asked whether it is there once a minute, and by a program that opens nothing', async () => {
    const answer = { exitCode: 127 }
    const host = machine({ udisksctl: () => said(0), opener: () => said(answer.exitCode, 'there is no system bus\n') })
    await deviceNode(host, 0o440)
    const rights = createRights(host)
    expect([await rights.accessTo('/dev/sdb'), await rights.accessTo('/dev/sdb')]).toEqual(['none', 'none'])
    expect(host.lines).toEqual([ask])
    answer.exitCode = 0
    host.clock.advance(60_000)
    expect([await rights.accessTo('/dev/sdb'), await rights.waysTo(drive)]).toEqual(['asks', ['udisks']])
    expect(host.lines).toEqual([ask, ask])
    expect(await udisksProblem(machine({}))).toBe('it is not installed')
  })

  it('asks for no password where sudo does not either', async () => {
    const host = machine({ udisksctl: () => said(0), opener: () => said(0), sudo: () => said(0), id: () => said(0, '', 'me sudo\n') })
    await deviceNode(host, 0o440)
    const rights = createRights(host)
    const ways = await rights.waysTo(drive)
    expect([await rights.accessTo('/dev/sdb'), ways]).toEqual(['open', ['udisks-unasked', 'sudo']])
    expect(writerCommand(drive, COMMANDS, ways).join(' ')).toMatch(
      /^node opener\.js --unasked node writer\.js --or sudo -- flock .* \/dev\/sdb node/,
    )
  })
})

describe('unmounting', () => {
  it('is left to the desktop, what was mounted last first', async () => {
    const host = machine({ udisksctl: () => said(0), umount: () => said(1) })
    await unmountAll(host, card, [])
    const start = 'udisksctl unmount --no-user-interaction --block-device'
    expect(host.lines).toEqual([`${start} /dev/sdb2`, `${start} /dev/sdb1`])
  })

  it('is tried by hand when the desktop does not do it, and says what is in the way', async () => {
    const host = machine({
      udisksctl: () => said(1, 'Error looking up object'),
      umount: (args) => (args[0] === '/media/me/root' ? said(0) : said(32, 'umount: /media/me/boot: must be superuser to unmount.\n')),
    })
    await expect(unmountAll(host, card, [])).rejects.toMatchObject({
      code: 'PERMISSION',
      hint: expect.stringContaining('sudo umount /media/me/boot'),
    })
    const busy = machine({ umount: () => said(32, 'umount: /media/me/root: target is busy.\n') })
    await expect(unmountAll(busy, card, [])).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
    await expect(unmountAll(machine({}), card, [])).rejects.toMatchObject({ code: 'PERMISSION' })
  })

  it('goes through sudo when the writer will', async () => {
    const host = machine({ sudo: () => said(0), umount: () => said(1) })
    await unmountAll(host, card, ['udisks', 'sudo'])
    expect(host.lines).toEqual(['sudo umount /media/me/root', 'sudo umount /media/me/boot'])
  })
})

describe('letting a drive out', () => {
  it('switches its power off the first way that works, and never that of a loop device or a virtual one', async () => {
    const host = machine({ udisksctl: () => said(1), eject: () => said(0), sh: () => said(0) })
    expect(await powerOff(host, drive)).toBe(true)
    expect(host.lines).toEqual(['udisksctl power-off --no-user-interaction --block-device /dev/sdb', 'eject /dev/sdb'])
    expect(await powerOff(host, { ...drive, bus: 'loop' })).toBe(false)
    expect(await powerOff(machine({ sh: () => said(2) }), drive)).toBe(false)
  })
})
