import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { Conversation } from './conversation.ts'
import { type Frame, PROTO, readBody, writeBody } from './frame.ts'

/** A file on a device. */
export interface RemoteFile {
  path: string
  sizeBytes: number
  /** Permission bits. */
  mode: number
  uid: number | null
  gid: number | null
}

/** A device takes no message above 8 KiB. */
const CHUNK_BYTES = 4096
/** Chunks that may be on their way without an acknowledgement, in both directions. */
const WINDOW_CHUNKS = 20
const ACK_EACH = 10
const FILE = PROTO.fileTransfer
/** Go's mode bit of a directory, and those of everything else that is no regular file. */
const DIRECTORY = 0x8000_0000
const IRREGULAR = 0x0728_0000
/** For how long a file that was sent whole may take to appear under its name. */
const APPEAR_TRIES = 50
const APPEAR_MS = 200

const whole = z.number().int().nonnegative()
const fileInfo = z.object({ size: whole, mode: whole, uid: whole.nullish(), gid: whole.nullish() })
const offsetProps = z.object({ offset: whole })

/** What the device says of a path. NOT_FOUND, PERMISSION; BAD_INPUT for a directory or a device file, and for a path that is not absolute. */
export async function statFile(talk: Conversation, path: string): Promise<RemoteFile> {
  refuseOddPath(path)
  talk.send({ proto: FILE, type: 'stat', body: writeBody({ path }) })
  const { size, mode, uid = null, gid = null } = readBody((await talk.next(FILE, 'file_info')).body, fileInfo)
  if ((mode & DIRECTORY) !== 0) throw new AppError('BAD_INPUT', `${path} is a directory`, 'Name a file in it.')
  if ((mode & IRREGULAR) !== 0) throw new AppError('BAD_INPUT', `${path} is no regular file`, 'Only regular files can be read.')
  return { path, sizeBytes: size, mode: mode & 0o777, uid, gid }
}

/** The bytes of a file of a device; it sends on as they are taken. BAD_INPUT when chunks are missing. */
export async function* getFile(talk: Conversation, path: string): AsyncGenerator<Uint8Array, void, void> {
  refuseOddPath(path)
  talk.send({ proto: FILE, type: 'get_file', body: writeBody({ path }) })
  let received = 0
  for (let count = 1; ; count += 1) {
    const chunk = await talk.next(FILE, 'file_chunk')
    if (offsetOf(chunk) !== received)
      throw new AppError('BAD_INPUT', `The device sent byte ${offsetOf(chunk)} of the file instead of byte ${received}`, 'Try again.')
    received += chunk.body.length
    const isEnd = chunk.body.length === 0
    if (!isEnd) yield chunk.body
    if (isEnd || count % ACK_EACH === 0) talk.send({ proto: FILE, type: 'ack', props: { offset: received } })
    if (isEnd) return
  }
}

export interface FileToPut {
  /** Absolute; a directory when `name` is given. */
  path: string
  sizeBytes: number
  /** Of the file where it comes from. */
  name?: string | undefined
  mode?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
}

/**
 * Writes a file on a device, whole or not at all: the device gives it its name when everything has come. Answers the path. PERMISSION,
 * NOT_FOUND (no such folder); CONFLICT when it does not appear.
 */
export async function putFile(
  talk: Conversation,
  { path, sizeBytes, name, mode, uid, gid }: FileToPut,
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (doneBytes: number) => void = () => undefined,
): Promise<void> {
  refuseOddPath(path)
  talk.send({ proto: FILE, type: 'put_file', body: writeBody({ path, src_path: name, size: sizeBytes, mode, uid, gid }) })
  let acknowledged = offsetOf(await talk.next(FILE, 'ack'))
  let sent = 0
  for await (const body of slices(chunks)) {
    talk.send({ proto: FILE, type: 'file_chunk', props: { offset: sent }, body })
    sent += body.length
    while (talk.hasMore || sent - acknowledged >= WINDOW_CHUNKS * CHUNK_BYTES) acknowledged = offsetOf(await talk.next(FILE, 'ack'))
    onProgress(sent)
  }
  talk.send({ proto: FILE, type: 'file_chunk', props: { offset: sent }, body: new Uint8Array() })
  // An acknowledgement names the chunk that it is for by where that began; of an empty file both begin at 0.
  do acknowledged = offsetOf(await talk.next(FILE, 'ack'))
  while (acknowledged < sent)
  await appeared(talk, { path, name, sizeBytes: sent })
}

/** The device acknowledges the last chunk before it gives the file its mode, its owner and its name, and tells only what went wrong there. */
async function appeared(talk: Conversation, { path, name, sizeBytes }: Pick<FileToPut, 'path' | 'name' | 'sizeBytes'>): Promise<void> {
  for (let tries = 0; tries < APPEAR_TRIES; tries += 1) {
    if ((await isThere(talk, path, sizeBytes)) || (name !== undefined && (await isThere(talk, `${path}/${name}`, sizeBytes)))) return
    await sleep(APPEAR_MS)
  }
  throw new AppError('CONFLICT', `The device has taken ${path} but does not show it`, 'See the log of mender-connect on the device.')
}

async function isThere(talk: Conversation, path: string, sizeBytes: number): Promise<boolean> {
  talk.send({ proto: FILE, type: 'stat', body: writeBody({ path }) })
  const answer = await talk.nextOrRefusal(FILE, 'file_info', 'ack')
  if (answer.type === 'ack') return isThere(talk, path, sizeBytes)
  if (answer.type !== 'file_info') return false
  const { size, mode } = readBody(answer.body, fileInfo)
  return size === sizeBytes && (mode & (DIRECTORY | IRREGULAR)) === 0
}

function offsetOf({ props }: Frame): number {
  const offset = offsetProps.safeParse(props).data?.offset
  if (offset === undefined)
    throw new AppError('BAD_INPUT', 'The device sent a chunk or an acknowledgement without its offset', 'Try again.')
  return offset
}

/** Chunks cut to what a device takes in one message. */
async function* slices(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) for (let at = 0; at < chunk.length; at += CHUNK_BYTES) yield chunk.subarray(at, at + CHUNK_BYTES)
}

/** The device resolves a relative path against wherever it was started, which nobody can know. */
function refuseOddPath(path: string): void {
  if (!path.startsWith('/')) throw new AppError('BAD_INPUT', `The path ${path} is not absolute`, 'Begin it with /.')
  if (path.includes('\0') || path.length > 4096) throw new AppError('BAD_INPUT', 'The path is too long or holds a NUL', 'Correct it.')
}
