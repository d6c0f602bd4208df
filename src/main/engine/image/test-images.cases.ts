import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import type { EditImage } from './file-system.ts'
import type { ReadImage } from './image-bytes.ts'

/** An image in memory, as the readers take it. */
export const over =
  (bytes: Uint8Array): ReadImage =>
  async (position, length) => {
    const part = new Uint8Array(bytes.subarray(position, position + length))
    return new DataView(part.buffer)
  }

/** An image in memory that can be changed: the bytes themselves are. */
export const editing = (bytes: Uint8Array): EditImage => ({
  sizeBytes: bytes.length,
  read: over(bytes),
  write: async (position, part) => bytes.set(part, position),
})

/** The clock of mke2fs stands still: it gives the root folder and lost+found the time at which it runs. */
export const MKE2FS_ENV = { ...process.env, E2FSPROGS_FAKE_TIME: '1000' }

/** Makes `image` with mke2fs from a folder, and answers its bytes. */
export function makeImage(image: string, folder: string, ...options: string[]): Uint8Array {
  rmSync(image, { force: true })
  execFileSync('/usr/sbin/mke2fs', ['-q', '-F', ...options, '-d', folder, image, '24M'], {
    env: MKE2FS_ENV,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return readFileSync(image)
}

/** What debugfs prints for a request. */
export function debugfs(image: string, request: string): string {
  return execFileSync('/usr/sbin/debugfs', ['-R', request, image], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  })
}

/** Changes an image by debugfs requests. */
export function change(image: string, ...requests: string[]): Uint8Array {
  for (const request of requests) execFileSync('/usr/sbin/debugfs', ['-w', '-R', request, image], { stdio: 'ignore' })
  return readFileSync(image)
}
