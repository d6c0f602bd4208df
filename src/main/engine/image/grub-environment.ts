import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Variables } from './uboot-variables.ts'

const BLOCK_BYTES = 1024
const SIGNATURE = '# GRUB Environment Block\n'

/** A file of grub-editenv: 1024 bytes, `name=value` lines behind a signature, filled up with `#`. BAD_INPUT when they do not fit. */
export function encodeGrubEnvironment(variables: Variables): Uint8Array<ArrayBuffer> {
  const lines = [...variables].map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\\n')}\n`)
  const text = Buffer.from(SIGNATURE + lines.join(''))
  if (text.length > BLOCK_BYTES)
    throw new AppError('BAD_INPUT', `The variables need ${text.length} bytes; a grubenv has ${BLOCK_BYTES}`, 'Leave some out.')
  const bytes = new Uint8Array(BLOCK_BYTES).fill('#'.charCodeAt(0))
  bytes.set(text)
  return bytes
}

/** The folder of the boot partition in which grub-mender-grubenv keeps its files. */
const FOLDER = '/grub-mender-grubenv'

/**
 * What grub-mender-grubenv wants in the boot partition: two folders, each with the environment, a lock that says that nobody is writing
 * it, and the checksum of the lock. Without its checksum GRUB's environment is only trusted while its lock is open.
 */
export function menderGrubFiles(variables: Variables): { path: string; bytes: Uint8Array }[] {
  const env = encodeGrubEnvironment(variables)
  const lock = encodeGrubEnvironment(new Map([['editing', '0']]))
  const sum = Buffer.from(`${createHash('sha256').update(lock).digest('hex')}  lock\n`)
  return ['mender_grubenv1', 'mender_grubenv2'].flatMap((folder) => [
    { path: `${FOLDER}/${folder}/env`, bytes: env },
    { path: `${FOLDER}/${folder}/lock`, bytes: lock },
    { path: `${FOLDER}/${folder}/lock.sha256sum`, bytes: sum },
  ])
}
