import { execFile } from 'node:child_process'
import { type Stats, constants, existsSync, readlinkSync } from 'node:fs'
import { type FileHandle, access, chmod, lstat, mkdir, open, readdir, readlink, rename, rm, stat, statfs, symlink } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../contract/errors.ts'
import type { Clock, FileStat, Files, Host, HostFile, Machine, NameStat, Network, OpenMode, ProgramResult, Programs } from './host.ts'
import { rawDevice } from '../writer/raw-device.ts'
import { translated } from './host-errors.ts'
import { programError, startProgram } from './start-program.ts'

const FLAGS: Record<OpenMode, number> = {
  // A pipe into which nobody writes would hold whoever opens it, and could not be interrupted.
  read: constants.O_RDONLY | constants.O_NONBLOCK,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  edit: constants.O_RDWR | constants.O_CREAT,
}

/** Sizes of disks are multiples of it. */
const SECTOR_BYTES = 512

class NodeFile implements HostFile {
  readonly path: string
  readonly #handle: FileHandle

  constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return translated(`Cannot read ${this.path}`, async () => {
      let filled = 0
      while (filled < into.length) {
        const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled
    })
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    return translated(`Cannot write ${this.path}`, async () => {
      let written = 0
      while (written < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, position + written)
        written += bytesWritten
      }
    })
  }

  truncate(sizeBytes: number): Promise<void> {
    return translated(`Cannot set the size of ${this.path}`, () => this.#handle.truncate(sizeBytes))
  }

  sync(): Promise<void> {
    return translated(`Cannot sync ${this.path}`, () => this.#handle.sync())
  }

  async sizeBytes(): Promise<number> {
    return translated(`Cannot measure ${this.path}`, async () => {
      const found = await this.#handle.stat()
      return found.isBlockDevice() ? this.#diskBytes() : found.size
    })
  }

  /** The size of a block device, which stat does not say: the first sector that cannot be read. */
  async #diskBytes(): Promise<number> {
    const sector = new Uint8Array(SECTOR_BYTES)
    const isThere = async (index: number) => (await this.#handle.read(sector, 0, SECTOR_BYTES, index * SECTOR_BYTES)).bytesRead > 0
    let [inside, outside] = [0, 1]
    while (await isThere(outside - 1)) [inside, outside] = [outside, outside * 2]
    while (outside - inside > 1) {
      const middle = Math.floor((inside + outside) / 2)
      if (await isThere(middle - 1)) inside = middle
      else outside = middle
    }
    return inside * SECTOR_BYTES
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close()
  }
}

const files: Files = {
  open: (path, mode, permissions = 0o644) =>
    translated(`Cannot open ${path}`, async () => {
      const handle = await open(path, FLAGS[mode], permissions)
      const found = await handle.stat()
      const what = found.isDirectory() ? 'folder' : found.isFIFO() ? 'pipe' : null
      if (what !== null) {
        await handle.close()
        throw new AppError('BAD_INPUT', `Cannot open ${path}: it is a ${what}`, `Name a file, not a ${what}.`)
      }
      return new NodeFile(path, handle)
    }),
  rename: (from, to) => translated(`Cannot rename ${from} to ${to}`, () => rename(from, to)),
  remove: (path) => translated(`Cannot remove ${path}`, () => rm(path, { recursive: true, force: true })),
  makeFolder: (path, mode) =>
    translated(`Cannot make the folder ${path}`, async () => {
      await mkdir(path, { recursive: true, mode })
    }),
  list: (path) => translated(`Cannot list ${path}`, async () => (await readdir(path)).toSorted()),
  setMode: (path, mode) => translated(`Cannot set the mode of ${path}`, () => chmod(path, mode)),
  makeLink: (path, target) => translated(`Cannot make the link ${path}`, () => symlink(target, path)),
  stat: (path) =>
    translated(`Cannot look at ${path}`, async (): Promise<FileStat | null> => {
      if (process.platform === 'win32' && rawDevice(path) !== null) return { ...UNTOLD, kind: 'disk', fileId: path.toLowerCase() }
      const found = await stat(path).catch(nullWhenAbsent)
      return found && { kind: kindOf(found), ...factsOf(found) }
    }),
  statName: (path) =>
    translated(`Cannot look at ${path}`, async (): Promise<NameStat | null> => {
      const found = await lstat(path).catch(nullWhenAbsent)
      if (!found) return null
      const target = found.isSymbolicLink() ? await readlink(path) : ''
      const facts = factsOf(found)
      return { kind: kindOfName(found), ...facts, target, sharedId: found.isFile() && found.nlink > 1 ? facts.fileId : null }
    }),
}

/** Windows tells nothing of a drive as a file. */
const UNTOLD = { sizeBytes: 0, storedBytes: 0, modifiedAt: 0, changedAt: 0, mode: 0, uid: 0, gid: 0 }

function nullWhenAbsent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT') return null
  throw thrown
}

function factsOf({
  size: sizeBytes,
  blocks,
  mtimeMs: modifiedAt,
  ctimeMs: changedAt,
  mode,
  uid,
  gid,
  dev,
  ino,
}: Stats): Omit<FileStat, 'kind'> {
  return { sizeBytes, storedBytes: blocks * 512, modifiedAt, changedAt, mode: mode & 0o7777, uid, gid, fileId: `${dev}:${ino}` }
}

function kindOf(found: Stats): FileStat['kind'] {
  if (found.isDirectory()) return 'folder'
  if (found.isFile()) return 'file'
  return found.isBlockDevice() ? 'disk' : 'device'
}

function kindOfName(found: Stats): NameStat['kind'] {
  if (found.isSymbolicLink()) return 'link'
  const kind = kindOf(found)
  return kind === 'file' || kind === 'folder' ? kind : 'other'
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => translated('Waiting', () => delay(ms, undefined, { signal })),
}

const OUTPUT_LIMIT_BYTES = 1 << 20
/** What programs say becomes part of our errors, and is looked at for their reasons. */
const ENGLISH = { LC_ALL: 'C.UTF-8' }
/** Left out of the environment: what sudo or pkexec says to this program is not said to those that it starts, the writer among them. */
const OWN = { SUDO_UID: undefined, SUDO_GID: undefined, PKEXEC_UID: undefined }

/** Where system tools lie that are not in every user's PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']

async function findProgram(name: string): Promise<string | null> {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]) {
    const path = join(folder, file)
    if (folder !== '' && (await isAllowed(path, constants.X_OK))) return path
  }
  return null
}

/** Other programs of ours lie beside the engine, built or as source. */
function besideEngine(name: 'writer' | 'opener'): string {
  const places = [`../${name}.ts`, `${name}.js`, `../${name}.js`].map((place) => join(import.meta.dirname, place))
  return places.find((place) => existsSync(place)) ?? `${name}.js`
}

const programs: Programs = {
  find: findProgram,
  writer: [process.execPath, besideEngine('writer')],
  opener: [process.execPath, besideEngine('opener')],
  start: (name, args, options) => startProgram(name, args, { ...options, env: { ...process.env, ...ENGLISH, ...OWN } }),
  run: (name, args, options = {}) =>
    new Promise<ProgramResult>((resolve, reject) => {
      const env = { ...process.env, ...ENGLISH }
      const settings = { signal: options.signal, cwd: options.cwd, env, maxBuffer: OUTPUT_LIMIT_BYTES, encoding: 'utf8' } as const
      execFile(name, args, settings, (error, stdout, stderr) => {
        if (!error) resolve({ exitCode: 0, stdout, stderr })
        else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
        else reject(programError(error, name))
      })
    }),
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}

const network: Network = {
  hostName: () => hostname(),
  addresses: () =>
    Object.entries(networkInterfaces()).flatMap(([interfaceName, list]) =>
      (list ?? []).map(({ address, family, internal, cidr }) => ({
        interfaceName,
        address,
        family: family === 'IPv4' ? (4 as const) : (6 as const),
        prefixLength: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
        isLoopback: internal,
      })),
    ),
}

const PLATFORMS: Partial<Record<NodeJS.Platform, Machine['platform']>> = { linux: 'linux', darwin: 'macos', win32: 'windows' }

/** Out of Linux' /proc. A promise for each link would cost ten times what the kernel does for it. */
async function filesOf(processId: string): Promise<string[]> {
  const folder = `/proc/${processId}`
  const fds = await readdir(`${folder}/fd`).catch((): string[] => [])
  const targetOf = (name: string): string[] => {
    try {
      return [readlinkSync(`${folder}/${name}`)]
    } catch {
      return []
    }
  }
  return ['cwd', 'root', 'exe', ...fds.map((fd) => `fd/${fd}`)].flatMap(targetOf)
}

const machine: Machine = {
  platform: PLATFORMS[process.platform] ?? 'other',
  nodeVersion: process.versions.node,
  userId: process.getuid?.() ?? null,
  processId: process.pid,
  hasTerminal: process.stdin.isTTY && process.stderr.isTTY,
  environment: (name) => process.env[name],
  filesOf,
  canWrite: (path) => isAllowed(path, constants.W_OK),
  freeMemoryBytes: () => process.availableMemory(),
  freeBytes: (path) =>
    translated(`Cannot look at the disk of ${path}`, async () => {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    }),
}

/** The machine this process runs on. */
export function nodeHost(): Host {
  return { clock, files, programs, network, machine }
}
