import { encode } from '@msgpack/msgpack'
import { z } from 'zod'
import { AppError, toAppError } from '../../../contract/errors.ts'
import { type Frame, type NewFrame, PROTO, readBody, writeBody } from '../../connect/frame.ts'
import { type DiskEntry, type VirtualDisk, plain } from './disk.ts'

/** Sends a frame of the session. Resolves when it has left. */
export type Send = (frame: Omit<NewFrame, 'sessionId'>) => Promise<void>

const FILE = PROTO.fileTransfer
const CHUNK_BYTES = 4096
const WINDOW_BYTES = 20 * CHUNK_BYTES
/** Go's mode bit of a directory. */
const DIRECTORY = 0x8000_0000
const whole = z.number().int().nonnegative()
const pathBody = z.object({ path: z.string() })
const putBody = z.object({ path: z.string(), src_path: z.string().nullish(), mode: whole.nullish() })
const offsetProps = z.object({ offset: whole })

/** The files' side of one session with a virtual device, as mender-connect answers it. */
export class FileTransfers {
  readonly #disk: VirtualDisk
  readonly #send: Send
  #put: { chunks: Chunks; written: Promise<void> } | null = null
  #acknowledged = 0
  #moreWanted: () => void = () => undefined
  #isOver = false

  constructor(disk: VirtualDisk, send: Send) {
    this.#disk = disk
    this.#send = send
  }

  async take(frame: Frame): Promise<void> {
    try {
      if (frame.type === 'stat') await this.#stat(frame)
      else if (frame.type === 'get_file') await this.#get(frame)
      else if (frame.type === 'put_file') await this.#begin(frame)
      else if (frame.type === 'file_chunk') await this.#chunk(frame)
      else if (frame.type === 'ack') this.#acknowledge(frame)
    } catch (thrown) {
      this.#put?.chunks.fail(toAppError(thrown))
      this.#put = null
      await this.#send({ proto: FILE, type: 'error', body: writeBody({ err: toAppError(thrown).message, msgtype: frame.type }) })
    }
  }

  close(): void {
    this.#isOver = true
    this.#put?.chunks.fail(new AppError('CANCELLED', 'The session was closed'))
    this.#moreWanted()
  }

  async #stat({ body }: Frame): Promise<void> {
    const { path } = readBody(body, pathBody)
    const { kind, sizeBytes, mode, modifiedAt } = await this.#entry(path)
    const modtime = new Date(modifiedAt)
    const facts = { path, size: sizeBytes, uid: 0, gid: 0, mode: kind === 'folder' ? DIRECTORY + mode : mode, modtime }
    await this.#send({ proto: FILE, type: 'file_info', body: encode(facts) })
  }

  async #entry(path: string): Promise<DiskEntry> {
    const entry = await this.#disk.stat(plain(path))
    if (entry) return entry
    throw new AppError('NOT_FOUND', `${path}: no such file or directory`)
  }

  async #get({ body }: Frame): Promise<void> {
    const { path } = readBody(body, pathBody)
    let sent = 0
    this.#acknowledged = 0
    for await (const chunk of this.#disk.content(plain(path))) {
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
        const piece = chunk.subarray(at, at + CHUNK_BYTES)
        while (sent - this.#acknowledged >= WINDOW_BYTES && !this.#isOver)
          await new Promise<void>((resolve) => (this.#moreWanted = resolve))
        if (this.#isOver) return
        await this.#send({ proto: FILE, type: 'file_chunk', props: { offset: sent }, body: piece })
        sent += piece.length
      }
    }
    await this.#send({ proto: FILE, type: 'file_chunk', props: { offset: sent }, body: new Uint8Array() })
  }

  #acknowledge(frame: Frame): void {
    this.#acknowledged = Math.max(this.#acknowledged, offsetOf(frame))
    this.#moreWanted()
  }

  /** A folder as the path keeps the name that the file has where it comes from. */
  async #begin({ body }: Frame): Promise<void> {
    const { path, src_path: source, mode } = readBody(body, putBody)
    const entry = await this.#disk.stat(plain(path))
    const target = entry?.kind === 'folder' ? `${plain(path)}/${(source ?? '').split('/').at(-1) ?? ''}` : plain(path)
    await this.#disk.place(target)
    const chunks = new Chunks()
    const written = this.#disk.write(target, chunks, (mode ?? 0o644) & 0o777)
    // Told where the next chunk is answered.
    written.catch(() => undefined)
    this.#put = { chunks, written }
    await this.#send({ proto: FILE, type: 'ack', props: { offset: 0 } })
  }

  async #chunk(frame: Frame): Promise<void> {
    const put = this.#put
    if (!put) throw new AppError('BAD_INPUT', 'no file is being put')
    const offset = offsetOf(frame)
    if (frame.body.length > 0) await Promise.race([put.chunks.push(Uint8Array.from(frame.body)), put.written])
    else {
      put.chunks.end()
      await put.written
      this.#put = null
    }
    await this.#send({ proto: FILE, type: 'ack', props: { offset } })
  }
}

function offsetOf({ props }: Frame): number {
  const offset = offsetProps.safeParse(props).data?.offset
  if (offset === undefined) throw new AppError('BAD_INPUT', 'invalid file chunk message: missing offset property')
  return offset
}

/** Chunks that are put in at one end and taken out at the other; one at a time, so that nothing piles up. */
class Chunks implements AsyncIterable<Uint8Array> {
  #chunk: Uint8Array | null = null
  #end: 'open' | 'ended' | AppError = 'open'
  #wake: () => void = () => undefined

  async push(chunk: Uint8Array): Promise<void> {
    while (this.#chunk !== null) await this.#change()
    this.#chunk = chunk
    this.#wake()
    while (this.#chunk !== null && this.#end === 'open') await this.#change()
  }

  end(): void {
    this.#end = 'ended'
    this.#wake()
  }

  fail(error: AppError): void {
    this.#end = error
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      if (this.#end instanceof AppError) throw this.#end
      const chunk = this.#chunk
      if (chunk) {
        this.#chunk = null
        this.#wake()
        yield chunk
      } else if (this.#end === 'ended') return
      else await this.#change()
    }
  }

  #change(): Promise<void> {
    const before = this.#wake
    return new Promise((resolve) => {
      this.#wake = () => {
        before()
        resolve()
      }
    })
  }
}
