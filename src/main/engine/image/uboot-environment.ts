import { crc32 } from 'node:zlib'
import type { UbootEnvironment } from '../../contract/images.ts'
import { type ReadImage, bytesOf, keeping, linuxText } from './image-bytes.ts'

type Found = Omit<UbootEnvironment, 'isCurrent'> & { flag: number }

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
  const found: Found[] = []
  for (let at = 0; at + MIN_BYTES <= end;) {
    const environment = looksLikeOne(await kept(at, 80)) ? environmentIn(await read(at, Math.min(MAX_BYTES, end - at)), at) : null
    if (environment) found.push(environment)
    at += environment ? Math.ceil(environment.sizeBytes / GRAIN) * GRAIN : GRAIN
  }
  const current = currentOf(found)
  return found.map(({ startBytes, sizeBytes, isRedundant, variables }, index) => {
    return { startBytes, sizeBytes, isRedundant, isCurrent: index === current, variables }
  })
}

/** Which one U-Boot takes: of two copies the one with the higher flag, which counts on from 255 to 0; of equal ones the first. */
function currentOf([first, second]: readonly Found[]): number {
  if (!first || !second?.isRedundant || !first.isRedundant) return 0
  if (first.flag === 255 && second.flag === 0) return 1
  if (first.flag === 0 && second.flag === 255) return 0
  return second.flag > first.flag ? 1 : 0
}

function looksLikeOne(view: DataView): boolean {
  const text = Buffer.from(bytesOf(view)).toString('latin1')
  return FIRST_VARIABLE.test(text.slice(4)) || FIRST_VARIABLE.test(text.slice(5))
}

/** The size is nowhere said: it is the power of two up to which the checksum fits. */
function environmentIn(view: DataView, startBytes: number): Found | null {
  const bytes = bytesOf(view)
  const stored = view.getUint32(0, true)
  for (const headBytes of [4, 5]) {
    let sum = 0
    for (let done = headBytes, sizeBytes = MIN_BYTES; sizeBytes <= bytes.length; sizeBytes *= 2) {
      sum = crc32(bytes.subarray(done, sizeBytes), sum)
      done = sizeBytes
      const variables = sum === stored ? variablesIn(bytes.subarray(headBytes, sizeBytes)) : null
      if (variables) return { startBytes, sizeBytes, isRedundant: headBytes === 5, flag: view.getUint8(4), variables }
    }
  }
  return null
}

/** null when it is anything else than `name=value` strings that an empty one ends. */
function variablesIn(bytes: Uint8Array): Record<string, string> | null {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\0\0')
  if (end <= 0) return null
  const all = linuxText(bytes.subarray(0, end)).split('\0')
  if (!all.every((each) => each.includes('='))) return null
  return Object.fromEntries(all.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]))
}
