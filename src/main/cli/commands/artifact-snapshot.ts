import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { Provides } from '../../engine/artifact/provides.ts'
import { checkImage } from '../../engine/packing/image-check.ts'
import { type Snapshot, takeSnapshot } from '../../engine/packing/snapshot.ts'
import { nameOf, parseSshTarget } from '../../engine/packing/ssh.ts'
import type { CliContext } from '../context.ts'
import { readPassphrase } from '../passphrase.ts'
import { size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import type { WriteFlags } from './artifact-flags.ts'

/** The name of the payload, whatever the device is called. */
const IMAGE_NAME = 'rootfs.img'

export function isSshUrl(path: string | undefined): path is string {
  return path?.startsWith('ssh://') ?? false
}

interface SnapshotWork {
  flags: WriteFlags
  context: CliContext
  /** Called with an empty image first: what is wrong with the command line is said before the device is asked. */
  rehearse: (imagePath: string) => Promise<unknown>
}

/**
 * Takes a snapshot of the device into a folder of its own, in --tmp or beside the output, and works with it. The image has to lie on a
 * disk: its size and checksum come before it in the artifact, and fsck mends it first. Nothing is left of it.
 */
export async function withSnapshot<T>(
  url: string,
  { flags, context, rehearse }: SnapshotWork,
  work: (imagePath: string, device: Snapshot) => Promise<T>,
): Promise<T> {
  const { host, out, signal } = context
  const target = parseSshTarget(url)
  const folder = await mkdtemp(join(placeOf(flags, context), '.otabench-snapshot-'))
  const path = join(folder, IMAGE_NAME)
  try {
    await using file = await host.files.open(path, 'create')
    await rehearse(path)
    out.note(`Waiting for a snapshot of ${nameOf(target)}…`)
    const snapshot = await takeSnapshot(target, {
      ...{ host, file, signal, sshArgs: flags.sshArgs ?? [] },
      askPassword: () => sudoPassword(nameOf(target), flags, context),
      onProgress: (done, total) => flags.progress && out.progress(done, total ?? 0, 'received'),
    })
    out.note(`Received ${size(snapshot.sizeBytes)}.`)
    out.note(await checkImage(path, host, signal))
    return await work(path, snapshot)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function sudoPassword(name: string, { sudoPasswordFd }: WriteFlags, context: CliContext): Promise<string> {
  try {
    return await readPassphrase(`${name} for sudo`, sudoPasswordFd === undefined ? {} : { passphraseFd: sudoPasswordFd }, context)
  } catch (thrown) {
    if (toAppError(thrown).code !== 'KEY_MISSING') throw thrown
    const hint = 'Use --sudo-password-fd N, or log in as root.'
    throw new AppError('PERMISSION', `${name} needs a password to become root, and there is no terminal to ask on`, hint, thrown)
  }
}

function placeOf({ tmp, outputPath }: WriteFlags, { cwd }: CliContext): string {
  if (tmp !== undefined) return absolute(cwd, tmp)
  return outputPath === '-' ? tmpdir() : dirname(absolute(cwd, outputPath))
}

/** The provides of the device that say something about its root file system go along, where nothing else is said. */
export function withDeviceProvides({ provides }: Pick<Provides, 'provides'>, device: Snapshot): Record<string, string> {
  const { 'rootfs-image.checksum': _, ...kept } = device.provides
  return { ...kept, ...provides }
}
