import { AppError } from '../contract/errors.ts'
import type { Clock, FileStat, Files, Host, HostFile, Machine, NameStat, NetworkAddress, OpenMode, Programs } from './host.ts'
import { readWhole } from './lib/file-streams.ts'
import { type FakeProgram, startFake } from './program.fake.ts'

/** A clock that stands still until it is told to move. */
export class FakeClock implements Clock {
  #now: number
  readonly #sleepers = new Set<{ until: number; wake: () => void }>()

  constructor(startsAt = Date.UTC(2026, 0, 1)) {
    this.#now = startsAt
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelled = () => {
        this.#sleepers.delete(sleeper)
        reject(new AppError('CANCELLED', 'Cancelled', '', signal?.reason))
      }
      const wake = () => {
        signal?.removeEventListener('abort', cancelled)
        resolve()
      }
      const sleeper = { until: this.#now + ms, wake }
      if (signal?.aborted) return cancelled()
      if (ms <= 0) return wake()
      signal?.addEventListener('abort', cancelled, { once: true })
      this.#sleepers.add(sleeper)
    })
  }

  /** Moves time on and wakes, in order, who has slept long enough. */
  advance(ms: number): void {
    this.#now += ms
    const due = [...this.#sleepers].filter(({ until }) => until <= this.#now).toSorted((a, b) => a.until - b.until)
    for (const sleeper of due) {
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
}

interface Entry {
  bytes: Uint8Array
  sizeBytes: number
  mode: number
  modifiedAt: number
  fileId: string
}

class FakeFile implements HostFile {
  readonly path: string
  readonly #entry: Entry
  readonly #disk: FakeFiles

  constructor(path: string, entry: Entry, disk: FakeFiles) {
    this.path = path
    this.#entry = entry
    this.#disk = disk
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const end = Math.min(this.#entry.sizeBytes, position + into.length)
    if (end <= position) return 0
    into.set(this.#entry.bytes.subarray(position, end))
    return end - position
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    this.#disk.claim(Math.max(0, position + bytes.length - this.#entry.sizeBytes), this.path)
    this.#resize(Math.max(this.#entry.sizeBytes, position + bytes.length))
    this.#entry.bytes.set(bytes, position)
    this.#entry.modifiedAt = this.#disk.now()
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.#entry.bytes.fill(0, Math.min(sizeBytes, this.#entry.bytes.length))
    this.#resize(sizeBytes)
  }

  async sync(): Promise<void> {}

  async sizeBytes(): Promise<number> {
    return this.#entry.sizeBytes
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #resize(sizeBytes: number): void {
    if (sizeBytes > this.#entry.bytes.length) {
      const larger = new Uint8Array(Math.max(sizeBytes, this.#entry.bytes.length * 2))
      larger.set(this.#entry.bytes)
      this.#entry.bytes = larger
    }
    this.#entry.sizeBytes = sizeBytes
  }
}

/** A disk in memory, of a given capacity. */
export class FakeFiles implements Files {
  readonly #entries = new Map<string, Entry>()
  readonly #folders = new Set<string>(['/'])
  readonly #links = new Map<string, string>()
  #madeCount = 0
  readonly now: () => number
  /** Bytes that may still be written before DISK_FULL. */
  roomBytes = Number.POSITIVE_INFINITY

  constructor(now: () => number) {
    this.now = now
  }

  /** Takes room on the disk, or refuses with DISK_FULL. */
  claim(bytes: number, path: string): void {
    if (bytes > this.roomBytes)
      throw new AppError('DISK_FULL', `Cannot write ${path}: ENOSPC`, 'Free some space on that disk and try again.')
    this.roomBytes -= bytes
  }

  async open(path: string, mode: OpenMode, permissions = 0o644): Promise<HostFile> {
    if (this.#folders.has(path)) throw new AppError('BAD_INPUT', `Cannot open ${path}: it is a folder`, 'Name a file, not a folder.')
    const found = this.#entries.get(path)
    if (mode === 'create' && found)
      throw new AppError('CONFLICT', `Cannot open ${path}: EEXIST`, 'Choose another name, or remove what is there.')
    if (found) return new FakeFile(path, found, this)
    if (mode === 'read' || !this.#folders.has(parentOf(path))) throw notFound('open', path)
    this.#madeCount += 1
    const entry = { bytes: new Uint8Array(0), sizeBytes: 0, mode: permissions, modifiedAt: this.now(), fileId: String(this.#madeCount) }
    this.#entries.set(path, entry)
    return new FakeFile(path, entry, this)
  }

  async rename(from: string, to: string): Promise<void> {
    const entry = this.#entries.get(from)
    if (!entry) throw notFound('rename', from)
    this.#entries.delete(from)
    this.#entries.set(to, entry)
  }

  async remove(path: string): Promise<void> {
    const isInside = (candidate: string) => candidate === path || candidate.startsWith(`${path}/`)
    for (const [name, { sizeBytes }] of this.#entries) {
      if (!isInside(name)) continue
      this.roomBytes += sizeBytes
      this.#entries.delete(name)
    }
    for (const folder of this.#folders) if (isInside(folder)) this.#folders.delete(folder)
    for (const link of this.#links.keys()) if (isInside(link)) this.#links.delete(link)
  }

  async makeFolder(path: string): Promise<void> {
    for (let folder = path; !this.#folders.has(folder); folder = parentOf(folder)) this.#folders.add(folder)
  }

  async list(path: string): Promise<string[]> {
    if (!this.#folders.has(path)) throw notFound('list', path)
    const prefix = path === '/' ? '/' : `${path}/`
    const names = [...this.#entries.keys(), ...this.#folders, ...this.#links.keys()]
      .filter((name) => name !== path && name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
      .map((name) => name.slice(prefix.length))
    return names.toSorted()
  }

  async stat(name: string): Promise<FileStat | null> {
    const path = this.#links.get(name) ?? name
    if (this.#folders.has(path))
      return { kind: 'folder', sizeBytes: 0, storedBytes: 0, modifiedAt: 0, changedAt: 0, mode: 0o755, uid: 0, gid: 0, fileId: path }
    const entry = this.#entries.get(path)
    if (!entry) return null
    const { sizeBytes, modifiedAt, mode, fileId } = entry
    return { kind: 'file', sizeBytes, storedBytes: sizeBytes, modifiedAt, changedAt: modifiedAt, mode, uid: 0, gid: 0, fileId }
  }

  async statName(path: string): Promise<NameStat | null> {
    const target = this.#links.get(path)
    if (target !== undefined)
      return {
        kind: 'link',
        sizeBytes: target.length,
        storedBytes: 0,
        modifiedAt: 0,
        changedAt: 0,
        mode: 0o777,
        uid: 0,
        gid: 0,
        fileId: path,
        target,
        sharedId: null,
      }
    const found = await this.stat(path)
    return found && { ...found, kind: found.kind === 'folder' ? 'folder' : 'file', target: '', sharedId: null }
  }

  async setMode(path: string, mode: number): Promise<void> {
    const entry = this.#entries.get(path)
    if (!entry) throw notFound('set the mode of', path)
    entry.mode = mode
  }

  async makeLink(path: string, target: string): Promise<void> {
    if (await this.statName(path))
      throw new AppError('CONFLICT', `Cannot make the link ${path}: EEXIST`, 'Choose another name, or remove what is there.')
    if (!this.#folders.has(parentOf(path))) throw notFound('make the link', path)
    this.#links.set(path, target)
  }
}

function notFound(verb: string, path: string): AppError {
  return new AppError('NOT_FOUND', `Cannot ${verb} ${path}: ENOENT`, 'Check the path.')
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** A simulated machine: its clock stands still, its disk is memory, its programs are those it is given. */
export interface FakeHost extends Host {
  clock: FakeClock
  files: FakeFiles
}

export function fakeHost(programs: Readonly<Record<string, FakeProgram>> = {}): FakeHost {
  const clock = new FakeClock()
  const files = new FakeFiles(() => clock.now())
  const programOf = (name: string): FakeProgram => {
    const program = programs[name]
    if (program) return program
    throw new AppError('TOOL_MISSING', `The program ${name} is not installed`, `Install ${name} and try again.`)
  }
  const start: Programs['start'] = (name, args, { through, ...options } = {}) =>
    startFake(async (input, sockets) => {
      const program = programOf(name)
      if (!through) return program(args, await input, sockets)
      const { stdout, ...ending } = await program(args, new TextDecoder().decode(await readWhole(files, through.from)), sockets)
      await (await files.open(through.to, 'edit')).write(new TextEncoder().encode(stdout), 0)
      return { ...ending, stdout: '' }
    }, options)
  const loopback: NetworkAddress = { interfaceName: 'lo', address: '127.0.0.1', family: 4, prefixLength: 8, isLoopback: true }
  const network = { addresses: () => [loopback], hostName: () => 'fake' }
  const machine: Machine = {
    platform: 'linux',
    nodeVersion: '24.15.0',
    userId: 1000,
    processId: 1,
    hasTerminal: false,
    environment: () => undefined,
    filesOf: () => Promise.resolve([]),
    canWrite: async (path) => ((await files.stat(path))?.mode ?? 0) % 0o400 >= 0o200,
    freeMemoryBytes: () => 8 * 2 ** 30,
    freeBytes: async () => files.roomBytes,
  }
  const find: Programs['find'] = async (name) => (name in programs ? `/usr/bin/${name}` : null)
  return {
    clock,
    files,
    programs: { find, run: async (name, args) => programOf(name)(args, '', []), start, writer: ['writer'], opener: ['opener'] },
    network,
    machine,
  }
}
