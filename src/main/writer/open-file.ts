import { type Stats, close, fdatasync, fstat, fsync, ftruncate, read, readFileSync, write } from 'node:fs'
import { promisify } from 'node:util'

/** What of a FileHandle is used. */
export interface OpenFile {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
  datasync(): Promise<void>
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  stat(): Promise<Stats>
  close(): Promise<void>
}

const calls = {
  ...{ read: promisify(read), write: promisify(write), stat: promisify(fstat), close: promisify(close) },
  ...{ datasync: promisify(fdatasync), sync: promisify(fsync), truncate: promisify(ftruncate) },
}

/** What was open when this program started: it could not be opened again, which takes rights. Node.js makes no FileHandle of it. */
export function inherited(descriptor: number): OpenFile {
  return {
    read: (into, offset, length, position) => calls.read(descriptor, into, offset, length, position),
    write: (bytes, offset, length, position) => calls.write(descriptor, bytes, offset, length, position),
    datasync: () => calls.datasync(descriptor),
    sync: () => calls.sync(descriptor),
    truncate: (sizeBytes) => calls.truncate(descriptor, sizeBytes),
    stat: () => calls.stat(descriptor),
    close: () => calls.close(descriptor),
  }
}

/** Whether it was opened with flags that a file keeps, as Linux says. */
export function hasFlags(descriptor: number, flags: number): boolean {
  const said = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1]
  return said !== undefined && (Number.parseInt(said, 8) & flags) === flags
}
