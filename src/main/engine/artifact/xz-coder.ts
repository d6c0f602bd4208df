import { createRequire } from 'node:module'
import { AppError } from '../../contract/errors.ts'

const load = createRequire(import.meta.url)

/**
 * What of lzma-native is used, which ships no types. All goes through the native library's own streams: the package's streams for
 * Node.js cut their input wherever the two bytes that end an xz stream occur, and stall with several threads.
 */
interface Coding {
  /** Called with a piece of output, with null at the end or with an error, and with how many pieces of input are used up. */
  bufferHandler: (output: Uint8Array | null | undefined, usedCount: number | undefined, error: Error | null | undefined) => void
  /** Codes a piece of input on the thread pool; null is the end. */
  code(input: Uint8Array | null, isAsync: boolean): void
  setBufsize(outputBytes: number): void
  /** Frees what the coder holds. */
  resetUnderlying(): void
  easyEncoder(options: { preset: number; check: number; threads?: number; blockSize?: number }): void
  streamDecoder(options: { memlimit: number; flags: number }): void
}

interface Lzma {
  Stream: new () => Coding
  CHECK_CRC64: number
  CONCATENATED: number
}

/** One xz encoder or decoder, which works on the thread pool. One call at a time. */
export class XzCoder {
  readonly #coding: Coding
  #hasEnded = false

  private constructor(coding: Coding) {
    this.#coding = coding
  }

  /** An encoder; with `threads` it makes blocks of `blockSize`. TOOL_MISSING where the library has no build for this platform. */
  static encoder(options: { preset: number; threads?: number; blockSize?: number }): XzCoder {
    const lzma = library()
    const coding = new lzma.Stream()
    coding.easyEncoder({ ...options, check: lzma.CHECK_CRC64 })
    coding.setBufsize(256 * 1024)
    return new XzCoder(coding)
  }

  /** A decoder that takes several streams one behind the other, and stays within `memoryBytes`. */
  static decoder(memoryBytes: number): XzCoder {
    const lzma = library()
    const coding = new lzma.Stream()
    coding.streamDecoder({ memlimit: memoryBytes, flags: lzma.CONCATENATED })
    coding.setBufsize(256 * 1024)
    return new XzCoder(coding)
  }

  /** What comes out when `input`, which is copied at once, goes in; null ends the input. Throws the library's error, named as LZMA_DATA_ERROR and its like. */
  code(input: Uint8Array | null): Promise<Uint8Array[]> {
    if (this.#hasEnded || input?.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const outputs: Uint8Array[] = []
      this.#coding.bufferHandler = (output, usedCount, error) => {
        if (output) outputs.push(output)
        if (output === null) this.#hasEnded = true
        if (error) reject(error)
        else if (output === null || usedCount !== undefined) resolve(outputs)
      }
      this.#coding.code(input, true)
    })
  }

  free(): void {
    this.#hasEnded = true
    this.#coding.resetUnderlying()
  }
}

/** Loaded when the first xz data is met: an artifact without any must not need it. */
function library(): Lzma {
  try {
    return load('lzma-native')
  } catch (thrown) {
    const hint = 'Use a platform that it has a build for (Linux, macOS or Windows on x64, Linux or macOS on arm64), or another compression.'
    throw new AppError('TOOL_MISSING', 'lzma compression needs a native library, which cannot be loaded here', hint, thrown)
  }
}
