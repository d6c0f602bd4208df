import type { Duplex } from 'node:stream'

/** The machine below the engine. Real in host.node.ts, simulated in host.fake.ts; host.cases.ts is the suite both pass. */
export interface Host {
  readonly clock: Clock
  readonly files: Files
  readonly programs: Programs
  readonly network: Network
  readonly machine: Machine
}

/** What kind of machine it is, and who is at work on it. */
export interface Machine {
  platform: 'linux' | 'macos' | 'windows' | 'other'
  /** `24.15.0`. */
  nodeVersion: string
  /** Of the user that the engine runs as; null where users have no numbers. */
  userId: number | null
  /** Of the engine's own process. */
  processId: number
  /** Whether a person sits at the terminal that it was started from, whom programs can ask for a password. */
  hasTerminal: boolean
  /** A variable of the environment. */
  environment(name: string): string | undefined
  /** What a process has open, its program, and its working and root folder, as paths; nothing where that is not known or not ours to see. */
  filesOf(processId: string): Promise<readonly string[]>
  /** Whether this user may write what is there. */
  canWrite(path: string): Promise<boolean>
  /** Bytes of memory that programs may still take, without others being swapped out. */
  freeMemoryBytes(): number
  /** Bytes that this user may still write on the disk that the path lies on. */
  freeBytes(path: string): Promise<number>
}

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
  /** Resolves after `ms`; rejects with CANCELLED when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `read`: must exist. `create`: must not exist. `edit`: opened for reading and writing, made when absent. */
export type OpenMode = 'read' | 'create' | 'edit'

/** Paths are absolute. Failures are AppErrors: NOT_FOUND, CONFLICT (exists already), PERMISSION, DISK_FULL, BAD_INPUT (not a file). */
export interface Files {
  /** `permissions` are those of a file that is made; what the system leaves of 0o644 when they are left out. */
  open(path: string, mode: OpenMode, permissions?: number): Promise<HostFile>
  /** Atomic; replaces the target. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole folder; an absent one is fine. */
  remove(path: string): Promise<void>
  /** With those above it; `permissions` are those of what is made: what the system leaves of 0o777 when they are left out. */
  makeFolder(path: string, permissions?: number): Promise<void>
  /** Names in a folder, sorted. */
  list(path: string): Promise<string[]>
  stat(path: string): Promise<FileStat | null>
  /** The same of the name itself: a symbolic link is not followed. */
  statName(path: string): Promise<NameStat | null>
  setMode(path: string, mode: number): Promise<void>
  /** Makes a symbolic link, which may point to nothing. */
  makeLink(path: string, target: string): Promise<void>
}

export interface FileStat {
  /** A disk is a block device: its size is known once it is open. */
  kind: 'file' | 'folder' | 'disk' | 'device'
  sizeBytes: number
  /** What it takes on the disk: holes take nothing. */
  storedBytes: number
  modifiedAt: number
  /** When its content, or what is said of it, changed last: nobody can set that back. */
  changedAt: number
  mode: number
  uid: number
  gid: number
  /** The same text for all names of one file, also for links to it. */
  fileId: string
}

export interface NameStat extends Omit<FileStat, 'kind'> {
  /** `other` is a device, a socket or a pipe. */
  kind: 'file' | 'folder' | 'link' | 'other'
  /** What a symbolic link says, else empty. */
  target: string
  /** `fileId` of a file that has several names; null when it has only this one. */
  sharedId: string | null
}

/** An open file. Positions are bytes from its start. Close it where it was opened. */
export interface HostFile extends AsyncDisposable {
  readonly path: string
  /** Fills `into` as far as the file goes; answers the bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  /** Resolves when the bytes are on the medium. */
  sync(): Promise<void>
  sizeBytes(): Promise<number>
}

export interface ProgramResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** A program that goes on while it is talked with. */
export interface RunningProgram {
  /** Its standard output as it comes, once; it waits while nobody reads. Who stops reading early ends the program. */
  output: AsyncIterable<Uint8Array>
  /** Writes to its standard input. */
  write(text: string): void
  endInput(): void
  /** Our ends of its sockets. */
  readonly sockets: readonly Duplex[]
  /** How it ended, once its output is read: the last 64 KiB of stderr, 128 + N as exit code after signal N. TOOL_MISSING, CANCELLED. */
  ended: Promise<Omit<ProgramResult, 'stdout'>>
}

export interface ProgramOptions {
  /** Ends the program. */
  signal?: AbortSignal
  cwd?: string
}

export interface StartOptions extends ProgramOptions {
  /**
   * It reads this file and writes that one, from their starts on, and is told and says nothing. The second has to be there. The program ends
   * with this one, however that ends.
   */
  through?: { from: string; to: string }
  /** How many sockets it gets beside its standard streams, as its file descriptors from 3 on. */
  socketCount?: number
}

export interface Programs {
  /** Where a program lies, as an absolute path; null when none of that name is installed. */
  find(name: string): Promise<string | null>
  /** Runs a program to its end. TOOL_MISSING when there is none of that name. The output is cut at 1 MiB each. */
  run(name: string, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** The command that starts this program's own writer, without its argument. */
  readonly writer: readonly string[]
  /** The command that starts the writer on a drive that udisks opens; without arguments it only asks whether there is an udisks. */
  readonly opener: readonly string[]
  /** Starts a program that says more than fits into memory, or is asked something. */
  start(name: string, args: readonly string[], options?: StartOptions): RunningProgram
}

export interface NetworkAddress {
  interfaceName: string
  address: string
  family: 4 | 6
  /** How many bits of it name the network. */
  prefixLength: number
  isLoopback: boolean
}

export interface Network {
  addresses(): NetworkAddress[]
  hostName(): string
}
