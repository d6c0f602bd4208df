import { crc32 } from 'node:zlib'
import { type ReadImage, bytesOf, keeping } from './image-bytes.ts'

/** An environment of U-Boot: CRC-32, a flag byte where there are two copies, `name=value` strings, zeros or 0xff to the end. */
export interface UbootEnvironment {
  startBytes: number
  sizeBytes: number
  /** One of two copies, of which the flag says the newer one. */
  isRedundant: boolean
  variableCount: number
}

const GRAIN = 4096
/** An environment lies in front of the first partition; no board has it further back. */
const SEARCHED_BYTES = 16 << 20
const MIN_BYTES = 1024
const MAX_BYTES = 512 * 1024
const FIRST_VARIABLE = /^[\w.#-]{1,64}=/

/** Environments in the first `endBytes` of an image. Only those are found whose checksum over a whole environment is right. */
export async function findUbootEnvironments(read: ReadImage, endBytes: number): Promise<UbootEnvironment[]> {
  const kept = keeping(read)
  const end = Math.min(endBytes, SEARCHED_BYTES)
  const found: UbootEnvironment[] = []
  for (let at = 0; at + MIN_BYTES <= end;) {
    const environment = looksLikeOne(await kept(at, 80)) ? environmentIn(await read(at, Math.min(MAX_BYTES, end - at)), at) : null
    if (environment) found.push(environment)
    at += environment ? Math.ceil(environment.sizeBytes / GRAIN) * GRAIN : GRAIN
  }
  return found
}

function looksLikeOne(view: DataView): boolean {
  const text = Buffer.from(bytesOf(view)).toString('latin1')
  return FIRST_VARIABLE.test(text.slice(4)) || FIRST_VARIABLE.test(text.slice(5))
}

/** The size is nowhere said: it is the power of two up to which the checksum fits. */
function environmentIn(view: DataView, startBytes: number): UbootEnvironment | null {
  const bytes = bytesOf(view)
  const stored = view.getUint32(0, true)
  for (const headBytes of [4, 5]) {
    let sum = 0
    for (let done = headBytes, sizeBytes = MIN_BYTES; sizeBytes <= bytes.length; sizeBytes *= 2) {
      sum = crc32(bytes.subarray(done, sizeBytes), sum)
      done = sizeBytes
      const variableCount = sum === stored ? countVariables(bytes.subarray(headBytes, sizeBytes)) : 0
      if (variableCount > 0) return { startBytes, sizeBytes, isRedundant: headBytes === 5, variableCount }
    }
  }
  return null
}

/** 0 when it is anything else than `name=value` strings that an empty one ends. */
function countVariables(bytes: Uint8Array): number {
  const [strings = '', ...rest] = Buffer.from(bytes).toString('latin1').split('\0\0')
  const all = strings.split('\0')
  return rest.length > 0 && all.every((each) => each.includes('=')) ? all.length : 0
}
