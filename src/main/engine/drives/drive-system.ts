import type { Drive } from '../../contract/drives.ts'
import type { Host } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import type { InUse } from '../safety/facts.ts'
import type { Looker } from './look-into.ts'
import type { ReadOptions } from './read-disks.ts'
import type { Elevation, Rights } from './writer-command.ts'

export interface ListOptions extends ReadOptions {
  /** The path of the one that is about to be written: it is looked into now, however long that takes. */
  chosen?: string
}

/** What an operating system has of its own about real drives. */
export interface DriveSystem {
  /** TOOL_MISSING where they cannot be listed. */
  list(options: ListOptions): Promise<Drive[]>
  /** Changes when the list may have. */
  fingerprint(): Promise<string>
  /** Bumps at each word of the system that something has changed; none may come. */
  follow(heard: Changes, signal: AbortSignal): Promise<void>
  rights: Rights
  /** Makes the system leave a drive alone that was checked and is about to be written. DRIVE_BUSY, PERMISSION, BAD_INPUT. */
  free(drive: Drive, how: { ways: readonly Elevation[]; isPart: boolean }): Promise<void>
  /** Starts the writer for a drive, whose path is its last argument and is not part of it. */
  command(drive: Drive, writer: readonly string[], ways: readonly Elevation[]): readonly string[]
  /** Unmounts a drive and lets it out; whether its power is off. DRIVE_BUSY, PERMISSION. */
  letOut(drive: Drive): Promise<boolean>
  /** Waits until the system has looked at what was written. */
  settle(): Promise<void>
}

/** What the systems are made of. */
export interface SystemGround {
  host: Host
  ownFolders: InUse['ownFolders']
  looker: Looker
}
