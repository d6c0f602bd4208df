import type { Drive, MenderOnDrive } from '../../contract/drives.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import type { Disk, InUse } from './facts.ts'
import { judge, mountsOf } from './verdict.ts'

interface Seen {
  inUse: InUse
  access: Drive['access']
  mender: MenderOnDrive | null
}

/** A disk as it is shown. */
export function driveOf(disk: Disk, name: string, { inUse, access, mender }: Seen): Drive {
  const { identity, vendor, model, bus, reader, isRemovable, isReadOnly, volumes } = disk
  const mounts = mountsOf(disk, inUse.mounts)
  const mountedAt = (numbers: string, path: string) =>
    mounts.filter((mount) => mount.numbers === numbers || mount.source === path).map(({ target }) => target)
  return {
    ...{ identity, name, vendor, model, sizeBytes: identity.sizeBytes, bus, isRemovable, isReadOnly, access, mender },
    reader: reader === `${vendor} ${model}`.trim() ? '' : reader,
    partitions: volumes
      .filter(({ number, fileSystem }) => number > 0 || fileSystem !== '')
      .map(({ path, number, sizeBytes, label, fileSystem, numbers }) => ({
        ...{ path, number, sizeBytes, label, fileSystem },
        mountedAt: mountedAt(numbers, path),
      })),
    mountedAt: [...new Set(mounts.map(({ target }) => target))],
    verdict: judge(disk, inUse),
    virtual: null,
  }
}

/** What each disk is called: by what it says of itself, and by the kernel's name too where that is not enough to tell them apart. */
export function namesOf(disks: readonly Disk[]): string[] {
  const plain = disks.map(({ vendor, model, kernelName }) => (model.startsWith(vendor) ? model : `${vendor} ${model}`).trim() || kernelName)
  return plain.map((name, index) => (plain.filter((other) => other === name).length > 1 ? `${name} (${disks[index]?.kernelName})` : name))
}

const ORDER: Readonly<Record<Drive['verdict']['kind'], number>> = { writable: 0, 'needs-name': 1, refused: 2 }

/** Those that may be written first; within that by name. */
export function sorted(drives: readonly Drive[]): Drive[] {
  return drives.toSorted((a, b) => ORDER[a.verdict.kind] - ORDER[b.verdict.kind] || compareNaturally(a.name, b.name))
}
