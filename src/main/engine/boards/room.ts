import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { Files, Host } from '../host.ts'
import { systemFiles } from '../lib/system-files.ts'

const MIB = 1 << 20

/** Room for the code that QEMU translates, as on its command line. */
export const TRANSLATED_MIB = 256
/** The rest of QEMU, which was 60 to 90 MiB. */
const PROGRAM_MIB = 96

/** What a board takes of this machine. */
export interface Takes {
  /** Of its emulator; null while it is off, and where that cannot be known. */
  memoryBytes: number | null
  diskBytes: number
}

/** The most memory that a board takes of this machine: what it has itself, and its emulator's. */
export const memoryLimit = (memoryMiB: number): number => (memoryMiB + TRANSLATED_MIB + PROGRAM_MIB) * MIB

/** In whole MiB: less is not worth a word. */
export async function takesOf(files: Files, folder: string, processId: string | null): Promise<Takes> {
  let diskBytes = 0
  for (const name of await files.list(folder)) diskBytes += (await files.stat(join(folder, name)))?.storedBytes ?? 0
  return { memoryBytes: processId === null ? null : await residentBytes(files, processId), diskBytes: whole(diskBytes) }
}

const whole = (bytes: number): number => Math.ceil(bytes / MIB) * MIB

/** Of a process of Linux. */
async function residentBytes(files: Files, processId: string): Promise<number | null> {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(await systemFiles(files).text(`/proc/${processId}/status`))?.[1]
  return kilobytes === undefined ? null : whole(Number(kilobytes) * 1024)
}

const mib = (bytes: number): string => `${Math.floor(bytes / MIB).toLocaleString('en')} MiB`

/** MEMORY_FULL where a board might take more memory than is free. */
export function requireMemory({ machine }: Pick<Host, 'machine'>, name: string, memoryMiB: number): void {
  const [needed, free] = [memoryLimit(memoryMiB), machine.freeMemoryBytes()]
  if (free >= needed) return
  throw new AppError(
    'MEMORY_FULL',
    `${name} may take ${mib(needed)} of memory with its emulator, and ${mib(free)} are free`,
    'End another program or switch off another board, or make one with less memory.',
  )
}

/** DISK_FULL where a card might grow by more than the disk has. */
export async function requireRoom({ files, machine }: Pick<Host, 'files' | 'machine'>, cardPath: string, name: string): Promise<void> {
  const card = await files.stat(cardPath)
  if (card) await requireDisk(machine, { path: cardPath, name, growthBytes: card.sizeBytes - card.storedBytes })
}

/** The same for a card that is still to be written. */
export async function requireDisk(
  machine: Host['machine'],
  { path, name, growthBytes }: { path: string; name: string; growthBytes: number },
): Promise<void> {
  const free = await machine.freeBytes(path)
  if (free >= growthBytes) return
  throw new AppError(
    'DISK_FULL',
    `The card of ${name} may still take ${mib(growthBytes)}, and ${mib(free)} are free on the disk of ${path}`,
    'Free some space on that disk, or remove another board.',
  )
}
