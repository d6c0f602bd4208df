import { z } from 'zod'
import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import { driveOf, namesOf } from '../safety/drive-view.ts'
import type { Disk, InUse } from '../safety/facts.ts'
import type { ListedDisk } from '../safety/listed-disk.ts'
import type { Rights } from './writer-command.ts'

const answer = z.array(
  z.object({
    ...{ device: z.string(), description: z.string(), size: z.number().nullable(), devicePath: z.string().nullable() },
    ...{ busType: z.string(), isUSB: z.boolean().nullable(), isCard: z.boolean().nullable() },
    ...{ isRemovable: z.boolean(), isReadOnly: z.boolean(), isSystem: z.boolean(), isVirtual: z.boolean().nullable() },
    mountpoints: z.array(z.object({ path: z.string() })),
  }),
)

export interface Listed extends ListedDisk {
  /** Played by a file or made of others: an image, a container of APFS. */
  isVirtual: boolean | null
  /** Folders or, on Windows, letters: `E:\`. */
  mountpoints: { path: string }[]
}

/** Answers what drivelist lists. */
export type AskDrivelist = () => Promise<unknown>

/** Asks the library itself. TOOL_MISSING where its native part was not built. */
export const askDrivelist: AskDrivelist = async () => {
  const library = await import('drivelist').catch((thrown: unknown) => {
    const hint = 'Build it, with a C++ compiler and Python: npm rebuild drivelist --dangerously-allow-all-scripts'
    throw new AppError('TOOL_MISSING', 'Drives cannot be listed: the native part of drivelist is not built', hint, thrown)
  })
  return library.list()
}

/** Every disk of the machine. One that it could not look at is left out. */
export async function listed(ask: AskDrivelist): Promise<Listed[]> {
  return answer.parse(await ask()).filter(({ device }) => device !== '')
}

/** Disks as they are shown. None is looked into: whoever may read them has been started as root. */
export function drivesOf(disks: readonly Disk[], inUse: InUse, { accessTo }: Pick<Rights, 'accessTo'>): Promise<Drive[]> {
  const names = namesOf(disks)
  return Promise.all(
    disks.map(async (disk, index) => {
      const access = await accessTo(disk.identity.path)
      return driveOf(disk, names[index] ?? disk.kernelName, { inUse, access, mender: null })
    }),
  )
}

/** Changes when the answer does; empty where there is none, of which whoever lists hears. */
export async function answerAsText(ask: AskDrivelist): Promise<string> {
  return ask().then(JSON.stringify, () => '')
}
