import { constants, readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { WriterFailure, errnoOf, toFailure } from './failure.ts'
import { type OpenFile, hasFlags, inherited } from './open-file.ts'
import { rawDevice } from './raw-device.ts'

/** What is written: a device, or a file that plays one. Positions and lengths are multiples of `blockBytes`. */
export interface Medium {
  readonly sizeBytes: number
  readonly blockBytes: number
  /** Whether it goes past the kernel's cache, so that what is read comes from the medium. */
  readonly isDirect: boolean
  readonly isDevice: boolean
  /** Fills all of `into`. */
  read(into: Uint8Array, position: number): Promise<void>
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Resolves when everything is on the medium. */
  sync(): Promise<void>
  /** `neededBytes` is what a file has to keep at least, where what was written ends inside a block. */
  close(neededBytes?: number): Promise<void>
}

/** Sizes and positions on files are multiples of it, as on most disks of today. */
const FILE_BLOCK_BYTES = 4096
const SECTOR_BYTES = 512
const { O_RDWR, O_DIRECT, O_EXCL } = constants

/** What may be opened. */
export interface MediumWish {
  /** The least size that will do. */
  neededBytes: number
  /** What it was when it was chosen. */
  deviceBytes: number | null
  diskSequence: string | null
  /** Whether a file will do: not for a writer that was given more rights than its user has. */
  areFilesAllowed: boolean
  /** Whether a part of it alone is written, around which everything is somebody's. */
  isPart: boolean
}

/** Opens the one thing that is written. What is mounted or held by another is refused: O_EXCL cannot be raced, and there is no way around. */
export async function openMedium(path: string, wish: MediumWish): Promise<Medium> {
  const raw = rawDevice(path)
  if (raw !== null) return openRaw(raw, wish)
  const handle = await openHandle(path, wish)
  try {
    const found = await handle.file.stat()
    if (found.isBlockDevice()) return await device(handle, found.rdev, wish)
    if (!found.isFile() || !wish.areFilesAllowed) throw new WriterFailure('not-a-device', `${path} is no block device`)
    return plainFile(handle, found.size, wish)
  } catch (thrown) {
    await handle.file.close()
    throw toFailure(thrown)
  }
}

/** A device that somebody else has opened, exclusively, for who may not: it has to be the one of that path. */
export async function inheritMedium(path: string, descriptor: number, wish: MediumWish): Promise<Medium> {
  const file = inherited(descriptor)
  try {
    const found = await file.stat()
    if (!found.isBlockDevice()) throw new WriterFailure('not-a-device', `what was opened for ${path} is no block device`)
    const { rdev } = await stat(path)
    if (rdev !== found.rdev) throw new WriterFailure('other-device', `device ${found.rdev} was opened instead of ${rdev}`)
    return await device({ file, isDirect: hasFlags(descriptor, O_DIRECT) }, rdev, wish)
  } catch (thrown) {
    await file.close()
    throw toFailure(thrown)
  }
}

/**
 * Opens a device of which the system says nothing once it is open: its size is what it was when it was chosen. Neither macOS nor Windows writes
 * where something is mounted.
 */
export async function openRaw(
  path: string,
  { deviceBytes, neededBytes, isPart }: Pick<MediumWish, 'deviceBytes' | 'neededBytes' | 'isPart'>,
): Promise<Medium> {
  if (deviceBytes === null) throw new WriterFailure('other-device', 'how large it was when it was chosen is not known')
  if (deviceBytes < neededBytes) throw new WriterFailure('too-small', `${deviceBytes} of ${neededBytes} bytes`)
  const file = await open(path, O_RDWR).catch((thrown: unknown) => {
    throw toFailure(thrown)
  })
  const blockBytes = blockBytesOf(deviceBytes, isPart)
  return new HandleMedium(file, {
    sizeBytes: deviceBytes,
    blockBytes,
    isDirect: true,
    isDevice: true,
    isThere: () => true,
    fileBytes: null,
  })
}

/** Blocks of 512 bytes only where others do not fit. */
function blockBytesOf(sizeBytes: number, isPart: boolean): number {
  return !isPart && sizeBytes % FILE_BLOCK_BYTES === 0 ? FILE_BLOCK_BYTES : SECTOR_BYTES
}

interface OpenHandle {
  file: OpenFile
  isDirect: boolean
}

async function openHandle(path: string, { areFilesAllowed, isPart }: MediumWish): Promise<OpenHandle> {
  // Partitions in files begin and end at sectors, at which direct I/O need not be possible.
  // Other systems than Linux have no such flag.
  const isDirect = Boolean(O_DIRECT) && !(areFilesAllowed && isPart && (await stat(path).catch(() => null))?.isFile())
  // Never O_CREAT: a device that has just left must not become a file in /dev. O_EXCL without it is about block devices alone.
  try {
    return { file: await open(path, O_RDWR | O_EXCL | (isDirect ? O_DIRECT : 0)), isDirect }
  } catch (thrown) {
    // Some file systems have no direct I/O.
    if (areFilesAllowed && errnoOf(thrown) === 'EINVAL') return { file: await open(path, O_RDWR), isDirect: false }
    throw (await isReadOnly(path)) ? new WriterFailure('read-only', 'the kernel says that it is read-only') : toFailure(thrown)
  }
}

/** Opening such a device fails as if somebody else might write it. */
async function isReadOnly(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isBlockDevice() === true && deviceFacts(found.rdev).isReadOnly
}

async function device({ file, isDirect }: OpenHandle, rdev: number, wish: MediumWish): Promise<Medium> {
  const facts = deviceFacts(rdev)
  if (wish.diskSequence !== null && facts.diskSequence !== wish.diskSequence)
    throw new WriterFailure('other-device', `disk sequence ${facts.diskSequence} instead of ${wish.diskSequence}`)
  if (wish.deviceBytes !== null && facts.sizeBytes !== wish.deviceBytes)
    throw new WriterFailure('other-device', `${facts.sizeBytes} bytes instead of ${wish.deviceBytes}`)
  if (facts.sizeBytes < wish.neededBytes) throw new WriterFailure('too-small', `${facts.sizeBytes} of ${wish.neededBytes} bytes`)
  const isThere = (): boolean => deviceFacts(rdev).sizeBytes === facts.sizeBytes
  return new HandleMedium(file, { ...facts, isDirect, isDevice: true, isThere, fileBytes: null })
}

/** A file grows as it has to, unless it plays a card. */
function plainFile({ file, isDirect }: OpenHandle, fileBytes: number, { neededBytes, deviceBytes, isPart }: MediumWish): Medium {
  if (deviceBytes !== null && deviceBytes !== fileBytes)
    throw new WriterFailure('other-device', `${fileBytes} bytes instead of ${deviceBytes}`)
  if (deviceBytes !== null && deviceBytes < neededBytes) throw new WriterFailure('too-small', `${deviceBytes} of ${neededBytes} bytes`)
  const sizeBytes = deviceBytes ?? Number.MAX_SAFE_INTEGER
  const blockBytes = deviceBytes === null && !isPart ? FILE_BLOCK_BYTES : blockBytesOf(sizeBytes, isPart)
  return new HandleMedium(file, { sizeBytes, blockBytes, isDirect, isDevice: false, isThere: () => true, fileBytes })
}

interface DeviceFacts {
  sizeBytes: number
  blockBytes: number
  isReadOnly: boolean
  diskSequence: string
}

/** What the kernel says of a block device, by its number. A device that has left has no bytes. */
function deviceFacts(rdev: number): DeviceFacts {
  const [major, minor] = [Math.floor(rdev / 256) & 0xfff, (rdev & 0xff) | (Math.floor(rdev / 4096) & 0xfff00)]
  const said = (name: string): string => {
    try {
      return readFileSync(`/sys/dev/block/${major}:${minor}/${name}`, 'latin1').trim()
    } catch {
      return ''
    }
  }
  return {
    sizeBytes: Number(said('size')) * SECTOR_BYTES,
    blockBytes: Number(said('queue/logical_block_size')) || FILE_BLOCK_BYTES,
    isReadOnly: said('ro') === '1',
    diskSequence: said('diskseq'),
  }
}

interface HandleFacts {
  sizeBytes: number
  blockBytes: number
  isDirect: boolean
  isDevice: boolean
  /** Whether the device still has its medium. */
  isThere(): boolean
  /** How long a file was. */
  fileBytes: number | null
}

class HandleMedium implements Medium {
  readonly #handle: OpenFile
  readonly #facts: HandleFacts

  constructor(handle: OpenFile, facts: HandleFacts) {
    this.#handle = handle
    this.#facts = facts
  }

  get sizeBytes(): number {
    return this.#facts.sizeBytes
  }

  get blockBytes(): number {
    return this.#facts.blockBytes
  }

  get isDirect(): boolean {
    return this.#facts.isDirect
  }

  get isDevice(): boolean {
    return this.#facts.isDevice
  }

  read(into: Uint8Array, position: number): Promise<void> {
    return this.#whole(into.length, position, async (at, length) => {
      const { bytesRead } = await this.#handle.read(into, at, length, position + at)
      if (this.#facts.fileBytes === null || bytesRead === length) return bytesRead
      // Behind the end of a file there is nothing yet.
      into.fill(0, at + bytesRead)
      return length
    })
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    return this.#whole(bytes.length, position, async (at, length) => {
      const { bytesWritten } = await this.#handle.write(bytes, at, length, position + at)
      return bytesWritten
    })
  }

  async sync(): Promise<void> {
    try {
      await this.#handle.datasync()
    } catch (thrown) {
      throw this.#failure(thrown, null)
    }
  }

  async close(neededBytes?: number): Promise<void> {
    const { fileBytes } = this.#facts
    try {
      if (fileBytes !== null && neededBytes !== undefined) await this.#handle.truncate(Math.max(fileBytes, neededBytes))
      await this.#handle.sync()
    } finally {
      await this.#handle.close()
    }
  }

  /** Goes on after a short read or write, from the last whole block. */
  async #whole(length: number, position: number, move: (at: number, length: number) => Promise<number>): Promise<void> {
    for (let at = 0; at < length;) {
      const moved = await move(at, length - at).catch((thrown: unknown) => {
        throw this.#failure(thrown, position + at)
      })
      const wholeBlocks = moved - (moved % this.blockBytes)
      if (wholeBlocks === 0) throw this.#failure(new WriterFailure('io', 'nothing was read or written', { at: position + at }), null)
      at += wholeBlocks
    }
  }

  /** A device that has left fails with EIO as a bad one does. */
  #failure(thrown: unknown, at: number | null): WriterFailure {
    const failure = toFailure(thrown, at)
    if (failure.why === 'gone' || this.#facts.isThere()) return failure
    return new WriterFailure('gone', failure.message, { at })
  }
}
