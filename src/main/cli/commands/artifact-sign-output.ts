import { constants } from 'node:fs'
import { chown, copyFile, realpath, stat } from 'node:fs/promises'
import { type ArtifactBytes, type ArtifactFront, readFront } from '../../engine/artifact/resign.ts'
import { BLOCK_BYTES } from '../../engine/artifact/tar-header.ts'
import type { HostFile } from '../../engine/host.ts'
import { readChunks } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { writeBeside } from './artifact-output.ts'

/** An open artifact as the engine reads it. */
export async function bytesOf(file: HostFile): Promise<ArtifactBytes> {
  return { sizeBytes: await file.sizeBytes(), chunks: (start, end) => readChunks(file, start, end) }
}

export interface FrontOutput {
  source: HostFile
  front: ArtifactFront
  /** Takes the place of [0, front.data.startsAt). */
  bytes: Uint8Array
  /** Absolute; the source itself for a change in place. */
  target: string
}

/**
 * Writes an artifact with a new front, its payload as it is. A change of a file in place that stays within one sector, which a disk writes
 * whole or not at all, is made there; anything more goes into a file beside, which takes the old one's place when it is whole and checked.
 */
export async function writeFront(output: FrontOutput, context: CliContext): Promise<void> {
  const { source, front, bytes, target } = output
  const isInPlace = (await realOrNull(target)) === (await realpath(source.path))
  const changed = changedSectors(front.stored, bytes)
  if (isInPlace && changed?.length === 0) return
  const [sector] = changed ?? []
  if (isInPlace && sector !== undefined && changed?.length === 1 && (await stat(source.path)).nlink === 1) {
    await using file = await context.host.files.open(source.path, 'edit')
    await file.write(bytes.subarray(sector, sector + BLOCK_BYTES), sector)
    return await file.sync()
  }
  await writeBeside(context.host.files, target, async (copy) => {
    await copyWithFront(copy, output, context)
    await readFront(await bytesOf(copy))
    await keepOwner(source.path, copy.path, context)
  })
}

async function realOrNull(path: string): Promise<string | null> {
  return realpath(path).catch(() => null)
}

/** Where the sectors begin in which both differ; null when they are not of one length. */
function changedSectors(old: Uint8Array, now: Uint8Array): number[] | null {
  if (old.length !== now.length) return null
  const starts = Array.from({ length: old.length / BLOCK_BYTES }, (_, index) => index * BLOCK_BYTES)
  return starts.filter((at) => Buffer.compare(old.subarray(at, at + BLOCK_BYTES), now.subarray(at, at + BLOCK_BYTES)) !== 0)
}

async function copyWithFront(copy: HostFile, { source, front, bytes }: FrontOutput, { out, signal }: CliContext): Promise<void> {
  if (bytes.length === front.data.startsAt) {
    // Nothing moves: the file system may share the payload between both files, where it can.
    await copyFile(source.path, copy.path, constants.COPYFILE_FICLONE)
    signal.throwIfAborted()
    return copy.write(bytes, 0)
  }
  await copy.write(bytes, 0)
  const totalBytes = (await source.sizeBytes()) - front.data.startsAt
  await copyTail(source, copy, {
    from: front.data.startsAt,
    to: bytes.length,
    onProgress: (done) => {
      signal.throwIfAborted()
      out.progress(done, totalBytes, 'copied')
    },
  })
}

const COPY_BYTES = 1 << 20

interface Tail {
  from: number
  to: number
  onProgress: (doneBytes: number) => void
}

/** Copies all from one byte on to another place, reading one piece while the one before is written. */
async function copyTail(source: HostFile, copy: HostFile, { from, to, onProgress }: Tail): Promise<void> {
  let [current, other] = [new Uint8Array(COPY_BYTES), new Uint8Array(COPY_BYTES)]
  let done = 0
  for (let filled = await source.read(current, from); filled > 0;) {
    const [next] = await Promise.all([source.read(other, from + done + filled), copy.write(current.subarray(0, filled), to + done)])
    done += filled
    filled = next
    ;[current, other] = [other, current]
    onProgress(done)
  }
}

/** Gives the new file the mode and owner of the old one, as far as this user may. */
export async function keepOwner(from: string, to: string, { host, out }: CliContext): Promise<void> {
  const [old, now] = [await stat(from), await stat(to)]
  if (old.uid !== now.uid || old.gid !== now.gid) {
    await chown(to, old.uid, old.gid).catch(() => out.note(`The owner of ${from} could not be kept: only root gives files away.`))
  }
  await host.files.setMode(to, old.mode & 0o7777)
}
