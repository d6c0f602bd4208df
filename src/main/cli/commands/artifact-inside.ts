import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import type { ContentsOptions } from '../../engine/contents/open-contents.ts'
import type { CliContext } from '../context.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { repeated } from './artifact-flags.ts'

/** A place inside a file, written FILE:/PATH. */
export interface InsidePath {
  file: string
  path: string
}

export const INSIDE_NOTES = `
FILE is a .mender file with a file system as its payload, a disk image, or one bare file system: ext2, 3, 4 or FAT. Nothing is mounted, no
other program is run, and no rights are needed.

On a disk image of four partitions a path is one of the running device: /uboot, /boot/efi and /boot/grub are the first partition, /data is
the fourth, everything else lies on the second and the third, the root file systems A and B. For other layouts say --partition, by number
or by name; then the path is that partition's own.`

/** FILE:/PATH taken apart, null where no path follows. A drive's letter is no file. */
export function insidePathOf(text: string): InsidePath | null {
  const [, file, path] = /^(..+?):(\/.*)$/s.exec(text) ?? []
  return file === undefined || path === undefined ? null : { file, path }
}

/** The same where a path has to be; BAD_INPUT otherwise. */
export function neededInsidePath(text: string): InsidePath {
  const found = insidePathOf(text)
  if (found) return found
  throw new AppError('BAD_INPUT', `"${text}" names no file inside another`, 'Write FILE:/PATH, for example release.mender:/etc/hostname.')
}

/** Adds the flags of commands that look into a file. */
export function addLookFlags(command: Command): Command {
  const partition = repeated('--partition <number>', 'partition of a disk image, by number or name; repeat for several')
  return command.addOption(partition).addOption(allowExpansionOption())
}

/** The flags of a command that reads what is inside a file. */
export interface LookFlags extends ExpansionFlag {
  partition: string[]
}

/** How a command reads what is inside a file. */
export function readingOptions({ partition, allowExpansion }: LookFlags, { host, signal, out }: CliContext): ContentsOptions {
  return {
    files: host.files,
    folder: join(tmpdir(), `otabench-contents-${randomUUID()}`),
    ...{ partitions: partition, limits: limitsWith({ allowExpansion }), signal },
    onProgress: (done, total) => out.progress(done, total, 'read'),
  }
}
