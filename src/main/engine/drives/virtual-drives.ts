import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type Drive, type DriveFaults, NO_DRIVE_FAULTS, driveFaults } from '../../contract/drives.ts'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { fileLooker } from './look-into.ts'

/** What is kept beside a virtual drive's bytes. */
const kept = z.object({
  serial: z.string(),
  /** Counts how often it was plugged in. */
  sequence: z.number().int(),
  faults: driveFaults,
})

/** Drives that are files of the data folder: flashing without hardware, and with the faults of bad hardware on order. */
export interface VirtualDrives {
  changes: Changes
  list(): Promise<Drive[]>
  /** CONFLICT when there is one of that name. */
  create(wanted: { name: string; sizeBytes: number; faults?: DriveFaults }): Promise<{ id: string }>
  /** Also plugs one in again that was pulled. */
  setFaults(id: string, faults: DriveFaults): Promise<void>
  remove(id: string): Promise<void>
}

export function createVirtualDrives({ files, folder }: { files: Files; folder: string }): VirtualDrives {
  const changes = new Changes()
  const contentsOf = fileLooker(files)
  const imageOf = (name: string) => `${folder}/${name}.img`
  const settingsOf = (name: string) => `${folder}/${name}.json`
  /** The writer leaves this where the drive would have been pulled out. */
  const pulledMarkOf = (name: string) => `${imageOf(name)}.pulled`
  const write = (name: string, settings: z.infer<typeof kept>) =>
    writeAtomic(files, settingsOf(name), new TextEncoder().encode(`${JSON.stringify(settings, null, 2)}\n`))

  async function read(name: string): Promise<Drive | null> {
    const [image, settings] = await Promise.all([files.stat(imageOf(name)), files.stat(settingsOf(name))])
    if (!image || !settings || (await files.stat(pulledMarkOf(name)))) return null
    const parsed = kept.safeParse(JSON.parse(new TextDecoder().decode(await readWhole(files, settingsOf(name)))))
    if (!parsed.success) return null
    const contents = await contentsOf(imageOf(name), image)
    return { ...driveOf(name, { path: imageOf(name), sizeBytes: image.sizeBytes, ...parsed.data }), ...contents }
  }

  async function existing(id: string): Promise<void> {
    if (/^[\w.-]+$/.test(id) && (await files.stat(settingsOf(id)))) return
    throw new AppError('NOT_FOUND', `There is no virtual drive ${JSON.stringify(id)}`, 'See otabench drives list.')
  }

  return {
    changes,
    async list() {
      const names = (await files.stat(folder)) ? await files.list(folder) : []
      const found = await Promise.all(
        names.filter((name) => name.endsWith('.img')).map((name) => read(name.slice(0, -4)).catch(nullWhenGone)),
      )
      return found.filter((drive) => drive !== null)
    },
    async create({ name, sizeBytes, faults = NO_DRIVE_FAULTS }) {
      await files.makeFolder(folder)
      {
        await using file = await files.open(imageOf(name), 'create')
        await file.truncate(sizeBytes)
      }
      await write(name, { serial: `VIRTUAL-${randomBytes(4).toString('hex').toUpperCase()}`, sequence: 1, faults })
      changes.bump()
      return { id: name }
    },
    async setFaults(id, faults) {
      await existing(id)
      const before = kept.parse(JSON.parse(new TextDecoder().decode(await readWhole(files, settingsOf(id)))))
      await write(id, { ...before, sequence: before.sequence + 1, faults })
      await files.remove(pulledMarkOf(id))
      changes.bump()
    },
    async remove(id) {
      await existing(id)
      for (const path of [settingsOf(id), imageOf(id), pulledMarkOf(id)]) await files.remove(path)
      changes.bump()
    },
  }
}

interface Kept extends z.infer<typeof kept> {
  path: string
  sizeBytes: number
}

function driveOf(name: string, { path, sizeBytes, serial, sequence, faults }: Kept): Omit<Drive, 'partitions' | 'mender'> {
  return {
    identity: { path, serial, sizeBytes, port: `virtual:${name}`, diskSequence: String(sequence) },
    ...{
      name: name.startsWith('virtual') ? name : `virtual ${name}`,
      vendor: 'OTA Bench',
      model: 'virtual drive',
      sizeBytes,
      bus: 'virtual',
      reader: '',
    },
    ...{ isRemovable: true, isReadOnly: false, mountedAt: [] },
    verdict: { kind: 'writable', reasons: [] },
    access: 'open',
    virtual: { id: name, faults },
  }
}

/** One may go while it is looked at. */
function nullWhenGone(thrown: unknown): null {
  if (toAppError(thrown).code === 'NOT_FOUND') return null
  throw thrown
}
