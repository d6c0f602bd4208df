import { describe, expect, it } from 'vitest'
import { sampleDrive } from '../safety/machines.cases.ts'
import { type Examined, PROGRAMS, findingsOf } from './findings.ts'

const WELL: Examined = {
  ...{ platform: 'linux', nodeVersion: '24.15.0', isRoot: false, groups: ['me', 'dialout'], programs: new Set(PROGRAMS) },
  ...{ dataFolder: '/home/me/.local/share/ota-bench', freeBytes: 100e9, drives: [sampleDrive('pci-1')], unlisted: null, hasHelper: true },
  ...{ udisksProblem: null, hasUdev: true, hasDiskSequence: true, serialPorts: [], urls: [], takenPorts: [], hasSandbox: true },
}

const NO_UDISKS = 'there is no system bus'

const states = (examined: Partial<Examined>) =>
  findingsOf({ ...WELL, ...examined })
    .filter(({ state }) => state !== 'good')
    .map(({ id, state }) => `${id} ${state}`)

const without = (...names: string[]) => new Set(PROGRAMS.filter((name) => !names.includes(name)))

describe('what a machine lacks', () => {
  it('nothing, where all is there: and then no remedy is named', () => {
    expect(states({})).toEqual([])
    for (const { remedy } of findingsOf(WELL)) expect(remedy).toBe('')
  })

  it.each<[Partial<Examined>, string[]]>([
    [{ nodeVersion: '22.3.0' }, ['node lacks']],
    [{ freeBytes: 5e9 }, ['disk-space partly']],
    [{ freeBytes: 5e8 }, ['disk-space lacks']],
    [{ takenPorts: [8080] }, ['server.ports partly']],
    [{ drives: [], hasHelper: false }, []],
    [{ udisksProblem: NO_UDISKS }, ['drives.udisks partly']],
    [{ drives: [], udisksProblem: NO_UDISKS }, ['drives.udisks partly']],
    [{ drives: [], hasHelper: false, udisksProblem: NO_UDISKS }, ['drives.access partly', 'drives.udisks partly']],
    [
      { drives: [], hasHelper: false, udisksProblem: NO_UDISKS, programs: without('sudo') },
      ['drives.access lacks', 'drives.udisks partly'],
    ],
    [{ drives: [], udisksProblem: NO_UDISKS, programs: without('pkexec', 'sudo') }, ['drives.access lacks', 'drives.udisks partly']],
    [{ drives: [], isRoot: true }, ['window.sandbox partly']],
    [{ programs: without('udisksctl') }, ['drives.unmount partly']],
    [{ programs: without('flock') }, ['drives.lock lacks']],
    [{ hasUdev: false, hasDiskSequence: false }, ['drives.udev partly', 'drives.media partly']],
    [{ groups: ['me'] }, ['serial.access partly']],
    [{ groups: ['me'], serialPorts: [{ path: '/dev/ttyUSB0', isOpen: true }] }, []],
    [{ serialPorts: [{ path: '/dev/ttyUSB0', isOpen: false }] }, ['serial.access lacks']],
    [{ hasSandbox: false }, ['window.sandbox partly']],
    [{ programs: without('ssh', 'gpg', 'xz') }, ['tool.ssh lacks', 'tool.gpg partly', 'tool.xz partly']],
    [{ platform: 'macos', hasUdev: false, programs: without('flock', 'udisksctl') }, []],
    [{ platform: 'macos', unlisted: { code: 'TOOL_MISSING', message: 'No', hint: 'npm rebuild drivelist' } }, ['drives.access lacks']],
    [{ platform: 'windows', drives: [{ ...sampleDrive('pci-1'), access: 'none' }] }, ['drives.access partly']],
  ])('%o', (examined, expected) => {
    expect(states(examined)).toEqual(expected)
  })

  it('which way is taken to which card', () => {
    const said = (examined: Partial<Examined>): string[] =>
      findingsOf({ ...WELL, ...examined }).flatMap(({ id, text }) => (/^drives\.(access|udisks)$/.test(id) ? [text] : []))
    const [open, closed] = [sampleDrive('pci-1'), { ...sampleDrive('pci-2'), name: 'The other reader', access: 'asks' as const }]
    expect(said({ drives: [open, closed] })[0]).toBe(`You may write ${open.name}; The other reader is written by way of udisks.`)
    expect(said({ drives: [closed] })[0]).toContain('by way of udisks')
    expect(said({ drives: [open, closed], udisksProblem: NO_UDISKS })).toEqual([
      `You may write ${open.name}.`,
      'It opens none: there is no system bus. Other ways are taken.',
    ])
  })

  it('says of everything that is lacking what to do, once each', () => {
    const bad = findingsOf({
      ...WELL,
      nodeVersion: '20.0.0',
      freeBytes: 0,
      drives: [],
      hasHelper: false,
      programs: new Set(),
      hasUdev: false,
    })
    for (const { state, remedy } of bad) if (state !== 'good') expect(remedy).not.toBe('')
    expect(new Set(bad.map(({ id }) => id)).size).toBe(bad.length)
  })
})
