import { open, readFile, readdir, readlink } from 'node:fs/promises'
import { readDisks } from '../engine/drives/read-disks.ts'
import { SystemFiles, type SystemReader } from '../engine/lib/system-files.ts'
import type { Disk, InUse, Mount, Volume } from '../engine/safety/facts.ts'
import { LINUX } from '../engine/safety/places.ts'
import { parseMounts, parseSwaps } from '../engine/safety/mounts.ts'
import { signatureOf } from '../engine/safety/signatures.ts'
import { judge } from '../engine/safety/verdict.ts'
import { errnoOf, WriterFailure } from './failure.ts'
import { macosDisk } from './guard-macos.ts'

/**
 * Refuses a drive that the system needs, by the same rules as the list of drives, but with the eyes of root: whoever has got a writer started
 * with more rights than they have could name another drive than the one that was shown to them. Throws `refused` and `not-a-device`.
 */
export async function guardDisk(device: string): Promise<void> {
  if (process.platform === 'darwin') return guardMacDisk(device)
  const system = new SystemFiles(reader)
  const disk = (await readDisks(system, { hasLoops: true })).find(({ identity }) => identity.path === device)
  if (!disk) throw new WriterFailure('not-a-device', `${device} is no whole disk`)
  const [mounts, swaps] = await Promise.all([allMounts(system), system.text('/proc/swaps')])
  const inUse: InUse = { mounts, swaps: parseSwaps(swaps), ownFolders: [], places: LINUX }
  // It is looked into only when nothing else speaks against it.
  refuse(disk, inUse)
  const volumes: Volume[] = []
  for (const volume of disk.volumes) volumes.push(await withSignature(device, volume))
  refuse({ ...disk, volumes }, inUse)
}

/** `find` asks the Mac. */
export function guardMacDisk(device: string, find = macosDisk): void {
  const found = find(device)
  if (!found) throw new WriterFailure('not-a-device', `${device} is no whole disk`)
  refuse(found.disk, found.inUse)
}

function refuse(disk: Disk, inUse: InUse): void {
  const { kind, reasons } = judge(disk, inUse)
  if (kind === 'refused') throw new WriterFailure('refused', reasons.map(({ text }) => text).join(' '))
}

const reader: SystemReader = {
  text: (path) => readFile(path, 'utf8').catch(nothing),
  names: (folder) => readdir(folder).catch(nothing),
  target: (path) => readlink(path).catch((thrown: unknown) => (errnoOf(thrown) === 'EINVAL' ? '' : null)),
}

function nothing(): null {
  return null
}

/** Of every process that has mounts of its own, as containers have; those of this one come last. */
async function allMounts(system: SystemFiles): Promise<Mount[]> {
  const seen = new Set([await system.targetOf('/proc/self/ns/mnt')])
  const mounts: Mount[] = []
  for (const pid of (await system.names('/proc')).filter((name) => /^\d+$/.test(name))) {
    const namespace = await system.targetOf(`/proc/${pid}/ns/mnt`)
    if (namespace === '' || seen.has(namespace)) continue
    seen.add(namespace)
    mounts.push(...parseMounts(await system.text(`/proc/${pid}/mountinfo`)))
  }
  return [...mounts, ...parseMounts(await system.text('/proc/self/mountinfo'))]
}

/** What udev does not know is read; what cannot be read cannot be written either. */
async function withSignature(device: string, volume: Volume): Promise<Volume> {
  if (volume.fileSystem !== '' || volume.sizeBytes === 0) return volume
  await using file = await open(device, 'r')
  const { startBytes, sizeBytes } = volume
  const read = async (position: number, length: number): Promise<DataView> => {
    const wanted = Math.max(0, Math.min(length, sizeBytes - position))
    const { buffer, bytesRead } = await file.read(new Uint8Array(wanted), 0, wanted, startBytes + position)
    return new DataView(buffer.buffer, 0, bytesRead)
  }
  return { ...volume, fileSystem: await signatureOf(read, sizeBytes) }
}
