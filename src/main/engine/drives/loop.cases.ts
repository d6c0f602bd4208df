import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a program; answers what it prints. Throws when it fails. */
export function program(name: string, args: readonly string[], input = ''): string {
  return execFileSync(name, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim()
}

export interface LoopDevice extends AsyncDisposable {
  /** `/dev/loop3`. */
  path: string
  file: string
}

/** A loop device over a new file; detached at the end, and its node as it was. */
export async function loopDevice(sizeBytes: number, ...options: string[]): Promise<LoopDevice> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-loop-'))
  const file = join(folder, 'card.img')
  await writeFile(file, '')
  await truncate(file, sizeBytes)
  const path = program('losetup', ['--find', '--show', ...options, file])
  const { mode } = await stat(path)
  return {
    path,
    file,
    async [Symbol.asyncDispose]() {
      await chmod(path, mode & 0o777)
      program('losetup', ['--detach', path])
      await rm(folder, { recursive: true })
    },
  }
}

/** A card on a loop device with a FAT, which not every kernel mounts, and two ext4 behind it. */
export async function card(): Promise<LoopDevice & { partitions: { boot: string; root: string; data: string } }> {
  const device = await loopDevice(48 << 20, '--partscan')
  program('sfdisk', ['--quiet', device.path], 'label: dos\n,16MiB,c\n,16MiB,83\n,,83\n')
  program('partx', ['--update', device.path])
  const partitions = { boot: `${device.path}p1`, root: `${device.path}p2`, data: `${device.path}p3` }
  program('mkfs.vfat', ['-n', 'BOOT', partitions.boot])
  program('mkfs.ext4', ['-q', '-L', 'root', partitions.root])
  program('mkfs.ext4', ['-q', '-L', 'data', partitions.data])
  return { ...device, partitions }
}

/** Mounts a device at a new folder below `parent`; unmounted at the end if it still is. */
export async function mounted(device: string, parent: string): Promise<{ folder: string } & AsyncDisposable> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'otabench-'))
  try {
    program('mount', [device, folder])
  } catch (thrown) {
    await rmdir(folder)
    throw thrown
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      if (isMounted(folder)) program('umount', [folder])
      await rmdir(folder)
    },
  }
}

export function isMounted(folder: string): boolean {
  return program('findmnt', ['--noheadings', '--list', '--output', 'TARGET']).split('\n').includes(folder)
}
