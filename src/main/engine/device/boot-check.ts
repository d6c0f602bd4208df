import type { Files } from '../host.ts'
import { lookUp } from '../image/ext4-lookup.ts'
import { isExt4 } from '../image/ext4-volume.ts'
import type { ReadImage } from '../image/image-bytes.ts'

/** Whether a kernel would come up on a slot, and if not the line it would die with. */
export type BootVerdict = { boots: true } | { boots: false; panic: string }

/** Where a Linux kernel looks for the first process, in its order. */
const INIT_PATHS = ['/sbin/init', '/etc/init', '/bin/init', '/bin/sh']

/**
 * Judges a slot as a kernel would: a root file system that it can mount, with a first process in it. Looks into ext4; squashfs is
 * recognised and believed, and so is an ext4 that cannot be understood. Anything else cannot be mounted.
 */
export async function checkSlotBoots(files: Files, path: string): Promise<BootVerdict> {
  await using file = await files.open(path, 'read')
  const read: ReadImage = async (position, length) => {
    const bytes = new Uint8Array(length)
    const filled = await file.read(bytes, position)
    return new DataView(bytes.buffer, 0, filled)
  }
  if (await isSquashfs(read)) return { boots: true }
  if (!(await isExt4(read))) return { boots: false, panic: 'VFS: Unable to mount root fs: no file system is known on this partition' }
  for (const init of INIT_PATHS) {
    if ((await lookUp(read, init)) !== 'absent') return { boots: true }
  }
  return { boots: false, panic: `No working init found in the root file system (tried ${INIT_PATHS.join(', ')})` }
}

async function isSquashfs(read: ReadImage): Promise<boolean> {
  const view = await read(0, 4)
  return view.byteLength === 4 && view.getUint32(0, false) === 0x6873_7173
}
