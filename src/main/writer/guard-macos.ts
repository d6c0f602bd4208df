import { LIST_DISKS, TELL_DISK, parseDisks } from '../engine/safety/diskutil.ts'
import type { Disk, InUse } from '../engine/safety/facts.ts'
import { diskOf } from '../engine/safety/listed-disk.ts'
import { MACOS } from '../engine/safety/places.ts'
import { WriterFailure } from './failure.ts'

/** Runs a command; answers what it prints. Throws when it fails. */
export type Run = (command: readonly string[]) => string

const run: Run = ([program = '', ...args]) => {
  // Loaded here alone: a writer that needs no guard begins sooner.
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  return execFileSync(program, args, { encoding: 'utf8', env: {}, maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'ignore'] })
}

/** The whole disk of that path, and what the Mac is using, as diskutil tells it to root. null when there is none. */
export function macosDisk(device: string, ask = run): { disk: Disk; inUse: InUse } | null {
  const name = /^\/dev\/(disk\d+)$/.exec(device)?.[1]
  if (name === undefined) return null
  const { partitions, mounts } = parseDisks(JSON.parse(ask(LIST_DISKS)))
  const volumes = partitions.get(name)
  if (volumes === undefined) return null
  const disk = diskOf({ device, ...factsOf(JSON.parse(ask([...TELL_DISK, name]))) }, volumes)
  return { disk, inUse: { mounts, swaps: [], ownFolders: [], places: MACOS } }
}

type Facts = Omit<Parameters<typeof diskOf>[0], 'device'>

/** A Mac's own disk is built in, and its medium stays. */
function factsOf(said: unknown): Facts {
  const fields: Readonly<Record<string, unknown>> = typeof said === 'object' && said !== null ? { ...said } : {}
  const { Size, BusProtocol, Internal, RemovableMedia, WritableMedia } = fields
  if (typeof Size !== 'number' || typeof BusProtocol !== 'string' || typeof Internal !== 'boolean' || typeof RemovableMedia !== 'boolean')
    throw new WriterFailure('refused', 'diskutil does not tell what it is')
  return {
    ...{ description: '', devicePath: null, size: Size, busType: BusProtocol, isUSB: BusProtocol === 'USB', isCard: null },
    ...{ isRemovable: RemovableMedia, isReadOnly: WritableMedia === false, isSystem: Internal && !RemovableMedia },
  }
}
