import { AppError, toAppError } from '../../contract/errors.ts'
import type { Host, HostFile, RunningProgram } from '../host.ts'
import { PASSWORD_LINE, START_LINE, snapshotScript } from './snapshot-script.ts'
import { type SshTarget, nameOf, sshArguments, sshFailure } from './ssh.ts'

export interface SnapshotOptions {
  host: Pick<Host, 'programs' | 'clock'>
  /** The image goes here. */
  file: HostFile
  /** As they are given with -S. */
  sshArgs: readonly string[]
  signal: AbortSignal
  /** Asked when the user of the device may become root only by a password. */
  askPassword: () => Promise<string>
  /** Bytes so far, and of how many when the image says it. */
  onProgress: (doneBytes: number, totalBytes: number | null) => void
  /** How long it may take until the snapshot begins, logging in included. */
  startLimitMs?: number
}

export interface Snapshot {
  sizeBytes: number
  /** What the device's client says of its `rootfs-image.*`; empty where it says nothing. */
  provides: Record<string, string>
}

/** As mender-artifact waits for it. */
const START_LIMIT_MS = 120_000

/**
 * Copies the root file system of a running device: mender-snapshot there freezes and reads it, ssh here carries it, one piece at a time.
 * DEVICE_UNREACHABLE, LOGIN_REFUSED, HOST_KEY_CHANGED, TOOL_MISSING (ssh here, mender there), PERMISSION (no root there), INTERRUPTED
 * (it ended early), CANCELLED.
 */
export async function takeSnapshot(target: SshTarget, options: SnapshotOptions): Promise<Snapshot> {
  const { host, sshArgs, signal } = options
  const limit = new AbortController()
  const program = host.programs.start('ssh', sshArguments(target, sshArgs, snapshotScript()), {
    signal: AbortSignal.any([signal, limit.signal]),
  })
  const started = new AbortController()
  const limitMs = options.startLimitMs ?? START_LIMIT_MS
  host.clock.sleep(limitMs, started.signal).then(
    () => limit.abort(),
    () => undefined,
  )
  try {
    return await receive(target, program, { ...options, onStart: () => started.abort() })
  } catch (thrown) {
    if (!limit.signal.aborted) throw thrown
    const hint = 'Check that the device is idle and its network works; log in by hand once to see what holds it up.'
    throw new AppError('DEVICE_UNREACHABLE', `No snapshot began on ${nameOf(target)} within ${limitMs / 1000} s`, hint, thrown)
  } finally {
    started.abort()
  }
}

async function receive(target: SshTarget, program: RunningProgram, options: SnapshotOptions & { onStart: () => void }): Promise<Snapshot> {
  const provides: Record<string, string> = {}
  const onLine = async (line: string): Promise<void> => {
    if (line === PASSWORD_LINE) program.write(`${await options.askPassword()}\n`)
    const [, key, value] = /^(rootfs-image\.[^=]+)=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) provides[key] = value
  }
  let sizeBytes = 0
  let totalBytes: number | null = null
  for await (const chunk of behindStart(program.output, { onLine, onStart: () => (options.onStart(), program.endInput()) })) {
    if (sizeBytes === 0) totalBytes = imageBytes(chunk)
    await options.file.write(chunk, sizeBytes)
    sizeBytes += chunk.length
    options.onProgress(sizeBytes, totalBytes)
  }
  const { exitCode, stderr } = await program.ended.catch((thrown: unknown) => {
    const { code, message, hint } = toAppError(thrown)
    throw code === 'TOOL_MISSING'
      ? new AppError(code, message, 'Install an SSH client: apt-get install openssh-client', thrown)
      : new AppError(code, message, hint, thrown)
  })
  if (exitCode !== 0) throw sshFailure(target, { exitCode, stderr, receivedBytes: sizeBytes })
  if (sizeBytes === 0) throw sshFailure(target, { exitCode, stderr: 'mender-snapshot: it sent nothing', receivedBytes: 0 })
  return { sizeBytes, provides }
}

/** What a device says before the image. */
const PREAMBLE_BYTES = 1 << 20

interface Preamble {
  onLine: (line: string) => Promise<void>
  onStart: () => void
}

/** The bytes behind the line START_LINE; the lines before it are handed over one by one. */
async function* behindStart(output: AsyncIterable<Uint8Array>, { onLine, onStart }: Preamble): AsyncGenerator<Uint8Array, void, void> {
  let waiting: Buffer | null = Buffer.alloc(0)
  for await (const chunk of output) {
    if (waiting === null) {
      yield chunk
      continue
    }
    waiting = Buffer.concat([waiting, chunk])
    if (waiting.length > PREAMBLE_BYTES)
      throw new AppError('DEVICE_UNREACHABLE', 'The device says something else than a snapshot', 'Log in by hand: is there a shell?')
    for (let end = waiting.indexOf('\n'); end >= 0; end = waiting.indexOf('\n')) {
      const line = waiting.toString('utf8', 0, end).trimEnd()
      waiting = waiting.subarray(end + 1)
      if (line !== START_LINE) {
        await onLine(line)
        continue
      }
      onStart()
      if (waiting.length > 0) yield waiting
      waiting = null
      break
    }
  }
}

const SUPERBLOCK = { startsAt: 1024, magicAt: 56, magic: 0xef53, blocksAt: 4, logSizeAt: 24 }

/** The size of the ext file system that begins so; null for any other. */
function imageBytes(start: Uint8Array): number | null {
  if (start.length < SUPERBLOCK.startsAt + 64) return null
  const view = new DataView(start.buffer, start.byteOffset + SUPERBLOCK.startsAt)
  if (view.getUint16(SUPERBLOCK.magicAt, true) !== SUPERBLOCK.magic) return null
  return view.getUint32(SUPERBLOCK.blocksAt, true) * 1024 * 2 ** view.getUint32(SUPERBLOCK.logSizeAt, true)
}
