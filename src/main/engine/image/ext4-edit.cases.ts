import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ext4Files } from './ext4-files.ts'
import { Ext4 } from './ext4-read.ts'
import type { FileSystem, NewFile } from './file-system.ts'
import { over } from './test-images.cases.ts'

/** A fresh image of mke2fs in memory. */
export function blankImage(size: string, ...options: string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-blank-'))
  try {
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', ...options, join(folder, 'image'), size], { stdio: ['ignore', 'ignore', 'pipe'] })
    return Uint8Array.from(readFileSync(join(folder, 'image')))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What e2fsck has to say of an image: nothing, when it is sound. */
export function complaints(bytes: Uint8Array): string {
  return withImage(bytes, (image) => {
    const { status, stdout, stderr } = spawnSync('/usr/sbin/e2fsck', ['-fn', image], { encoding: 'utf8' })
    const isSound = status === 0 && !/<n>|\? no|WARNING/.test(stdout)
    return isSound ? '' : `${status}\n${stdout}${stderr}`
  })
}

/** Runs something on an image as a file; the folder that it lies in is at hand as well. */
export function withImage<T>(bytes: Uint8Array, run: (image: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-image-'))
  try {
    writeFileSync(join(folder, 'image'), bytes)
    return run(join(folder, 'image'), folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Mounts an image with the kernel's own driver, as only root may, and answers how it is afterwards. null when nobody asked the kernel. */
export function mounted<T>(bytes: Uint8Array, work: (folder: string) => T): { seen: T; bytes: Uint8Array } | null {
  if (process.getuid?.() !== 0) {
    console.log('Only root mounts images: the kernel was not asked')
    return null
  }
  return withImage(bytes, (image, folder) => {
    const mount = join(folder, 'mount')
    mkdirSync(mount)
    execFileSync('mount', ['-o', 'loop', image, mount])
    let seen: T
    try {
      seen = work(mount)
    } finally {
      // Where a process with mounts of its own has it as well, unmounting alone leaves the journal to be replayed.
      execFileSync('mount', ['-o', 'remount,ro', mount])
      execFileSync('umount', [mount])
    }
    return { seen, bytes: new Uint8Array(readFileSync(image)) }
  })
}

export function newFile(content: string | Uint8Array, more: Partial<NewFile> = {}): NewFile {
  const bytes = Buffer.from(content)
  return { sizeBytes: bytes.length, content: pieces(bytes), modifiedAt: 1_700_000_000_000, ...more }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001)
}

/** One line a path: everything that is said of a file, and its content. */
export async function listing(files: FileSystem, path = ''): Promise<Record<string, string>> {
  const lines: Record<string, string> = {}
  for (const { name, kind, mode, uid, gid, modifiedAt } of await files.list(path || '/')) {
    const here = `${path}/${name}`
    if (here === '/lost+found') continue
    const what = kind === 'file' ? (await contentOf(files, here)).toString('latin1') : kind === 'link' ? await files.linkTarget(here) : ''
    lines[here] = `${kind} ${mode.toString(8)} ${uid}:${gid} ${kind === 'folder' ? '' : modifiedAt} ${what}`
    if (kind === 'folder') Object.assign(lines, await listing(files, here))
  }
  return lines
}

export async function contentOf(files: FileSystem, path: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(files.content(path), (piece) => Uint8Array.from(piece)))
}

/** The files of an image as the strict reader finds them. */
export async function reopened(bytes: Uint8Array): Promise<FileSystem> {
  return new Ext4Files(await Ext4.open(over(bytes)))
}
