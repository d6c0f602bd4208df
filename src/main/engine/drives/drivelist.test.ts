import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import type { Drive } from '../../contract/drives.ts'
import { openTestEngine } from '../engine.cases.ts'
import { type FakeHost, fakeHost } from '../host.fake.ts'
import { nodeHost } from '../host.node.ts'
import { type Drives, createDrives } from './drives.ts'
import type { AskDrivelist, Listed } from './drivelist.ts'
import { MACBOOK, MACBOOK_DISKS, WINDOWS_PC } from './machines.cases.ts'

type Programs = NonNullable<Parameters<typeof fakeHost>[0]>

const said = (exitCode: number, stdout = '', stderr = '') => ({ exitCode, stdout, stderr })

interface Bench {
  drives: Drives
  host: FakeHost
  /** What was run, and what it was told. */
  lines: string[]
  defects: unknown[]
}

interface Machine {
  programs: Programs
  machine: Partial<FakeHost['machine']>
  ask?: AskDrivelist
  ownFolder?: string
}

function bench({ programs, machine, ask, ownFolder }: Machine): Bench {
  const lines: string[] = []
  const defects: unknown[] = []
  const noting = Object.entries(programs).map(([name, run]): [string, typeof run] => [
    name,
    (args, input, sockets) => {
      if (name !== '/bin/sh') lines.push([name, ...args, input].join(' ').trim())
      return run(args, input, sockets)
    },
  ])
  const plain = fakeHost(Object.fromEntries(noting))
  const host = { ...plain, machine: { ...plain.machine, ...machine } }
  const ownFolders = ownFolder === undefined ? [] : [{ path: ownFolder, what: 'the data folder of the bench' }]
  const drives = createDrives({
    ...{ host, folder: '/bench/virtual', ownFolders, onDefect: (thrown: unknown) => void defects.push(thrown) },
    ...(ask && { askDrivelist: ask }),
  })
  return { drives, host, lines, defects }
}

const summary = (drives: readonly Drive[]) =>
  drives.map(({ name, verdict }) => [name, verdict.kind, ...verdict.reasons.map(({ rule }) => rule)].join(' '))

async function driveAt({ drives }: Bench, path: string): Promise<Drive> {
  const found = (await drives.list()).find(({ identity }) => identity.path === path)
  if (!found) throw new Error(`no ${path}`)
  return found
}

/** The answers in turn; the last one stays. */
function answers<T>(...turns: readonly T[]): () => Promise<T> {
  const left = [...turns]
  return async () => {
    const [next] = left
    if (next === undefined) throw new Error('no answer')
    if (left.length > 1) left.shift()
    return next
  }
}

/** An answer in which one disk is another. */
const changed = (machine: readonly Listed[], device: string, change: Partial<Listed>) =>
  machine.map((disk) => (disk.device === device ? { ...disk, ...change } : disk))

describe('a MacBook', () => {
  /** `mounted`: whether the card still is, at each look. */
  function macbook({ mounted = [true, false], ...others }: Partial<Machine> & { mounted?: readonly boolean[] } = {}): Bench {
    const look = answers(...mounted)
    const withCard = JSON.stringify(MACBOOK_DISKS)
    const programs: Programs = {
      '/bin/sh': async () => said(0, (await look()) ? withCard : withCard.replace('/Volumes/boot', '')),
      diskutil: () => said(0),
      sudo: () => said(0),
      ...others.programs,
    }
    const machine = { platform: 'macos' as const, hasTerminal: true, ...others.machine }
    return bench({ ask: answers(MACBOOK), ...others, programs, machine })
  }
  const CARD = '/dev/disk4'

  it('lists what may be written first, its own disk as refused, and neither images nor containers of APFS', async () => {
    const { drives } = macbook({ ownFolder: '/Users/me/bench' })
    expect(summary(await drives.list())).toEqual([
      'APPLE SD Card Reader Media writable',
      'SanDisk Ultra Media writable',
      'Samsung Portable SSD T7 Media needs-name large',
      'APPLE SSD AP0512Q Media refused system-disk own-disk',
    ])
  })

  it('says what each is, where it is mounted, and that a password will be asked for', async () => {
    const found = await macbook().drives.list()
    expect(found[0]).toMatchObject({
      ...{ bus: 'mmc', sizeBytes: 31_914_983_424, isRemovable: true, mountedAt: ['/Volumes/boot'], access: 'asks' },
      partitions: [
        { path: '/dev/disk4s1', number: 1, sizeBytes: 268_435_456, label: 'boot', fileSystem: 'vfat', mountedAt: ['/Volumes/boot'] },
        { path: '/dev/disk4s2', number: 2, fileSystem: '', mountedAt: [] },
      ],
    })
    expect(found[3]?.verdict.reasons[0]?.text).toBe('The system runs from it: it holds /, /System/Volumes/Data, /System/Volumes/VM.')
  })

  it('has volumes of APFS on the disk that they lie on, whatever else hangs on its controller', async () => {
    const mounted = (await macbook().drives.list()).map(({ identity, mountedAt }) => [identity.path, ...mountedAt].join(' '))
    expect(mounted).toEqual(expect.arrayContaining(['/dev/disk5', '/dev/disk6 /Volumes/Backup']))
  })

  it('unmounts politely and lets sudo start the writer, when the drive is still the chosen one', async () => {
    const mac = macbook({ mounted: [true, true, false] })
    const { command } = await mac.drives.hold(await driveAt(mac, CARD), ['node', 'writer.js'])
    expect(command).toEqual(['sudo', '--', 'node', 'writer.js'])
    expect(mac.lines).toEqual(['diskutil unmount /Volumes/boot'])
  })

  it.each<[string, Partial<Listed>]>([
    ['size', { size: 512 }],
    ['model', { description: 'Another Media' }],
    ['model', { devicePath: 'IODeviceTree:/PCI0@0/XHC1@14' }],
  ])('refuses a drive of another %s than the chosen one, before and after it was unmounted', async (word, change) => {
    const other = changed(MACBOOK, CARD, change)
    const expected = { code: 'DRIVE_REMOVED', message: expect.stringContaining(`chosen: ${word} `) }
    const before = macbook({ ask: answers(MACBOOK, other) })
    await expect(before.drives.hold(await driveAt(before, CARD), ['writer'])).rejects.toMatchObject(expected)
    expect(before.lines).toEqual([])
    const after = macbook({ mounted: [true, true, false], ask: answers(MACBOOK, MACBOOK, other) })
    await expect(after.drives.hold(await driveAt(after, CARD), ['writer'])).rejects.toMatchObject(expected)
  })

  it('refuses a drive whose volumes are in use, with macOS’ words, and one that was mounted again', async () => {
    const stderr = 'Volume boot on disk4s1 failed to unmount: dissented by PID 417 (/usr/sbin/mds)\n'
    const busy = macbook({ mounted: [true], programs: { diskutil: () => said(1, '', stderr) } })
    await expect(busy.drives.hold(await driveAt(busy, CARD), ['writer'])).rejects.toMatchObject({
      code: 'DRIVE_BUSY',
      message: expect.stringContaining('dissented by PID 417'),
    })
    const again = macbook({ mounted: [true] })
    await expect(again.drives.hold(await driveAt(again, CARD), ['writer'])).rejects.toMatchObject({
      code: 'DRIVE_BUSY',
      message: 'APPLE SD Card Reader Media was mounted again at /Volumes/boot',
    })
  })

  it('never writes its own disk, nor what is mounted elsewhere, whatever is typed', async () => {
    const mac = macbook()
    const own = await driveAt(mac, '/dev/disk0')
    await expect(mac.drives.hold({ ...own, typedName: own.name }, ['writer'])).rejects.toMatchObject({ code: 'PERMISSION' })
    await expect(mac.drives.eject(own.identity)).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
    const listing = JSON.stringify(MACBOOK_DISKS).replace('/Volumes/boot', '/srv/www')
    const elsewhere = macbook({ programs: { '/bin/sh': () => said(0, listing) } })
    await expect(elsewhere.drives.hold(await driveAt(elsewhere, CARD), ['writer'])).rejects.toMatchObject({
      code: 'PERMISSION',
      hint: 'If it may be erased: diskutil unmount /srv/www',
    })
    expect([...mac.lines, ...elsewhere.lines]).toEqual([])
  })

  it('without a terminal says how to write', async () => {
    const mac = macbook({ machine: { hasTerminal: false }, programs: { id: () => said(0, 'staff\n') } })
    const drive = await driveAt(mac, CARD)
    expect(drive.access).toBe('none')
    await expect(mac.drives.hold(drive, ['writer'])).rejects.toMatchObject({
      code: 'PERMISSION',
      hint: expect.stringContaining('from a terminal'),
    })
  })

  it('lets a drive out', async () => {
    const mac = macbook()
    expect(await mac.drives.eject((await driveAt(mac, CARD)).identity)).toEqual({ isPoweredOff: true })
    expect(mac.lines).toEqual(['diskutil eject /dev/disk4'])
  })
})

describe('a Windows PC', () => {
  const [WHOAMI, DISKPART] = ['whoami.exe', 'diskpart.exe'].map((name) => `C:\\Windows\\System32\\${name}`)

  function windowsPc({ isElevated = true, ...others }: Partial<Machine> & { isElevated?: boolean } = {}): Bench {
    const programs: Programs = {
      [WHOAMI ?? '']: () => said(0, `Mandatory Label  S-1-16-${isElevated ? 12288 : 8192}`),
      [DISKPART ?? '']: () => said(0),
    }
    const ask = answers(WINDOWS_PC)
    return bench({ ask, ...others, programs: { ...programs, ...others.programs }, machine: { platform: 'windows', ...others.machine } })
  }
  const STICK = '\\\\.\\PhysicalDrive2'
  const asked = ({ lines }: Bench) => lines.filter((line) => !line.includes('whoami'))
  const unmounted = changed(WINDOWS_PC, STICK, { mountpoints: [] })

  it('lists what may be written first, and its own disks, an empty reader and the disk of the bench as refused', async () => {
    const pc = windowsPc({ ownFolder: 'g:\\bench\\data' })
    expect(summary(await pc.drives.list())).toEqual([
      'SanDisk Ultra USB 3.0 USB Device writable',
      'Generic STORAGE DEVICE USB Device refused no-medium',
      'NVMe WDC PC SN730 SDBPNTY-512G refused system-disk',
      'Samsung SSD 860 EVO 250GB refused system-disk mounted',
      'WD My Passport 25E2 USB Device refused own-disk',
    ])
    expect(await driveAt(pc, STICK)).toMatchObject({
      ...{ bus: 'usb', sizeBytes: 30_752_636_928, isRemovable: true, mountedAt: ['E:', 'F:'], access: 'open', partitions: [] },
    })
    expect(summary([await driveAt(windowsPc(), '\\\\.\\PhysicalDrive4')])).toEqual(['WD My Passport 25E2 USB Device needs-name large'])
  })

  it('knows by its letter the disk that Windows runs from, and no built-in disk is written where none has it', async () => {
    const moved = windowsPc({ machine: { environment: (name) => (name === 'SystemDrive' ? 'E:' : undefined) } })
    expect((await driveAt(moved, STICK)).verdict.reasons[0]?.text).toBe('The system runs from it: it holds E:.')
    const disk = { isSystem: false, mountpoints: [] }
    const unknown = changed(changed(WINDOWS_PC, '\\\\.\\PhysicalDrive0', disk), '\\\\.\\PhysicalDrive1', disk)
    const pc = windowsPc({ ask: answers(unknown) })
    expect((await driveAt(pc, '\\\\.\\PhysicalDrive1')).verdict.reasons[0]?.rule).toBe('system-unknown')
  })

  it('has the volumes of a drive removed just before it is written, between two looks at it', async () => {
    const pc = windowsPc({ ask: answers(WINDOWS_PC, WINDOWS_PC, unmounted) })
    const { command } = await pc.drives.hold(await driveAt(pc, STICK), ['node', 'writer.js'])
    expect(command).toEqual(['node', 'writer.js'])
    expect(asked(pc)).toEqual([`${DISKPART} select disk 2\r\nclean\r\nexit`])
  })

  it('does not touch a drive that is another one by now, and does not go on with one that became another meanwhile', async () => {
    const other = changed(unmounted, STICK, { description: 'Another USB Device' })
    const before = windowsPc({ ask: answers(WINDOWS_PC, other) })
    await expect(before.drives.hold(await driveAt(before, STICK), ['writer'])).rejects.toMatchObject({ code: 'DRIVE_REMOVED' })
    expect(asked(before)).toEqual([])
    const after = windowsPc({ ask: answers(WINDOWS_PC, WINDOWS_PC, other) })
    await expect(after.drives.hold(await driveAt(after, STICK), ['writer'])).rejects.toMatchObject({ code: 'DRIVE_REMOVED' })
  })

  it('does not go on when the volumes stay, or diskpart fails', async () => {
    const mounted = windowsPc()
    await expect(mounted.drives.hold(await driveAt(mounted, STICK), ['writer'])).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
    const failing = windowsPc({ programs: { [DISKPART ?? '']: () => said(5) } })
    await expect(failing.drives.hold(await driveAt(failing, STICK), ['writer'])).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
  })

  it('refuses its own disks whatever is typed, a single partition, and everything in a terminal without rights', async () => {
    const pc = windowsPc()
    const stick = await driveAt(pc, STICK)
    const own = await driveAt(pc, '\\\\.\\PhysicalDrive0')
    await expect(pc.drives.hold({ ...own, typedName: own.name }, ['writer'])).rejects.toMatchObject({ code: 'PERMISSION' })
    await expect(pc.drives.hold({ ...stick, partition: 2 }, ['writer'])).rejects.toMatchObject({ code: 'BAD_INPUT' })
    const plain = windowsPc({ isElevated: false })
    expect((await driveAt(plain, STICK)).access).toBe('none')
    await expect(plain.drives.hold(stick, ['writer'])).rejects.toMatchObject({
      code: 'PERMISSION',
      hint: expect.stringContaining('Run as administrator'),
    })
    expect([...asked(pc), ...asked(plain)]).toEqual([])
  })

  it('leaves letting a mounted drive out to Windows; another one may be pulled', async () => {
    const pc = windowsPc()
    await expect(pc.drives.eject((await driveAt(pc, STICK)).identity)).rejects.toMatchObject({ code: 'DRIVE_BUSY' })
    const free = windowsPc({ ask: answers(unmounted) })
    expect(await free.drives.eject((await driveAt(free, STICK)).identity)).toEqual({ isPoweredOff: false })
    expect([...asked(pc), ...asked(free)]).toEqual([])
  })

  it('looks every second while somebody watches', async () => {
    const pc = windowsPc({ ask: answers(WINDOWS_PC, WINDOWS_PC, unmounted) })
    const heard = new Promise<string>((resolve) => pc.drives.changes.onNext(() => resolve('changed')))
    using _watch = pc.drives.watch()
    for (let look = 0; look < 3; look += 1) {
      await new Promise(setImmediate)
      pc.host.clock.advance(1000)
    }
    expect(await heard).toBe('changed')
  })
})

describe('where the native part of drivelist was not built', () => {
  // As here: npm runs no script of it.
  const without = () => bench({ programs: {}, machine: { platform: 'macos' } })

  it('listing says how to build it', async () => {
    await expect(without().drives.list()).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      hint: expect.stringContaining('npm rebuild drivelist --dangerously-allow-all-scripts'),
    })
  })

  it('virtual drives are written as ever, and nothing else is disturbed', async () => {
    const { drives, defects } = without()
    await drives.virtual.create({ name: 'v', sizeBytes: 1 << 20 })
    const [drive, ...others] = await drives.list({ canBePartial: true })
    if (!drive || others.length > 0) throw new Error('not the virtual drive alone')
    expect((await drives.hold(drive, ['writer'])).command).toEqual(['writer'])
    expect(await drives.eject(drive.identity)).toEqual({ isPoweredOff: false })
    using _watch = drives.watch()
    await new Promise(setImmediate)
    expect(defects).toEqual([])
  })

  it('the rest of the bench goes on without them, and the doctor says what is missing', async () => {
    const host = nodeHost()
    await using engine = await openTestEngine({}, { ...host, machine: { ...host.machine, platform: 'macos' } })
    const { drives, doctor, topology, images, jobs } = engine.client
    await expect(now(drives.list({}))).rejects.toMatchObject({ code: 'TOOL_MISSING' })
    expect(await now(drives.list({ canBePartial: true }))).toEqual([])
    expect(await now(doctor.list())).toContainEqual(expect.objectContaining({ id: 'drives.access', state: 'lacks' }))
    expect(await now(topology.show())).toEqual(expect.any(Array))
    const image = join(engine.folder, 'card.img')
    await writeFile(image, new Uint8Array(4096).fill(7))
    const { jobId } = await images.read({ path: image, to: `${image}.copy` })
    const ended = await until(jobs.list(), (all) => all.some(({ id, endedAt }) => id === jobId && endedAt !== null))
    expect(ended.find(({ id }) => id === jobId)).toMatchObject({ state: 'done' })
  })
})
