import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { PATIENCE_MS } from './look-into.ts'

/** Runs a program; answers what it prints. Throws when it fails. */
export function program(name: string, args: readonly string[], input = ''): string {
  return execFileSync(name, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim()
}

export interface LoopDevice extends AsyncDisposable {
  /** `/dev/loop3`. */
  path: string
  file: string
}

/** A loop device over a new file that `fill` may write to first; detached at the end, and its node as it was. */
export async function loopDevice(sizeBytes: number, options: readonly string[] = [], fill?: (file: string) => void): Promise<LoopDevice> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-loop-'))
  const file = join(folder, 'card.img')
  await writeFile(file, '')
  await truncate(file, sizeBytes)
  fill?.(file)
  const path = program('losetup', ['--find', '--show', ...options, file])
  const { mode } = await stat(path)
  return {
    path,
    file,
    async [Symbol.asyncDispose]() {
      // It may be on another device by now, and another file on this one.
      const [now = ''] = program('losetup', ['--noheadings', '--output', 'NAME', '--associated', file]).split('\n')
      if (now === path) await chmod(path, mode & 0o777)
      if (now !== '') program('losetup', ['--detach', now])
      await rm(folder, { recursive: true })
    },
  }
}

const MIB = 2 ** 20

/** A card on a loop device with a FAT, which not every kernel mounts, and two ext4 behind it. */
export async function card(): Promise<LoopDevice & { partitions: { boot: string; root: string; data: string } }> {
  const device = await loopDevice(48 * MIB, ['--partscan'], (file) => {
    program('sfdisk', ['--quiet', file], 'label: dos\n1MiB,16MiB,c\n17MiB,16MiB,83\n33MiB,,83\n')
    program('mkfs.vfat', ['-n', 'BOOT', '--offset', String(MIB / 512), file, String(16 * 1024)])
    for (const [label, at, size] of [
      ['root', 17, 16],
      ['data', 33, 15],
    ] as const)
      program('mkfs.ext4', ['-q', '-F', '-L', label, '-E', `offset=${at * MIB}`, file, `${size}M`])
  })
  const partitions = { boot: `${device.path}p1`, root: `${device.path}p2`, data: `${device.path}p3` }
  // Whoever opens the device for the first time makes the kernel read its partitions anew: they are gone for a moment.
  while (!Object.values(partitions).every((path) => existsSync(path))) program('partx', ['--update', device.path])
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

/** Has all of a mounted file system on its device: unmounting alone does not where a process with mounts of its own has it as well. */
export function settle(folder: string): void {
  program('mount', ['-o', 'remount,ro', folder])
}

/** Has what was written to partitions seen on their whole device: as long as anybody has it open, the kernel tells what it has read before. */
export function forgetRead({ path }: Pick<LoopDevice, 'path'>): void {
  program('blockdev', ['--flushbufs', path])
}

/** This machine, which lists no drive before it has looked into it, however long that takes. */
export function patientHost(): Host {
  const host = nodeHost()
  const sleep: Clock['sleep'] = (ms, signal) => host.clock.sleep(ms === PATIENCE_MS ? 3_600_000 : ms, signal)
  return { ...host, clock: { ...host.clock, sleep } }
}
