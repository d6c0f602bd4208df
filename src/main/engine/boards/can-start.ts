import { AppError, toAppError } from '../../contract/errors.ts'
import type { FileSystem } from '../image/file-system.ts'
import type { ReadImage } from '../image/image-bytes.ts'
import { openFileSystem, partOf, readTable } from '../image/open-file-system.ts'
import type { Partition } from '../image/partition.ts'

/** What U-Boot looks for in a partition that it may start from, below / and /boot. */
const BOOT_FILES = ['extlinux/extlinux.conf', 'boot.scr.uimg', 'boot.scr', 'efi/boot/bootaa64.efi']
/** One of them is in every root file system, and is no script. */
const PROGRAMS = ['/bin/sh', '/usr/bin/sh', '/sbin/init', '/bin/busybox']

/** Of ELF, e_machine: what the machine of boards does not run. */
const OTHER_MACHINES: Readonly<Record<number, string>> = { 0x03: '32-bit x86', 0x28: '32-bit ARM', 0x3e: 'x86-64', 0xf3: 'RISC-V' }

interface Image {
  read: ReadImage
  sizeBytes: number
  /** As a person calls it. */
  name: string
}

/** BAD_INPUT, saying why, for an image that the machine of boards cannot start. ARTIFACT_INVALID where its partition table is damaged. */
export async function refuseUnstartable({ read, sizeBytes, name }: Image): Promise<void> {
  const table = await readTable(read, sizeBytes)
  if (!table)
    throw new AppError(
      'BAD_INPUT',
      `${name} is no card image: it has no partitions`,
      'A root file system alone becomes a card by otabench image compose.',
    )
  const open = async (partition: Partition) => openFileSystem(partOf(read, partition))
  const active = table.partitions.filter(({ isActive }) => isActive)
  const starting = active.length > 0 ? active : table.partitions.filter(({ number }) => number === 1)
  if (!(await anyOf(starting, async (partition) => hasBootFile(await open(partition))))) throw nothingToStart(name, starting)
  for (const partition of table.partitions) {
    const machine = await otherMachine(await open(partition))
    if (machine !== null)
      throw new AppError(
        'BAD_INPUT',
        `The programs on partition ${partition.number} of ${name} are for ${machine}, and virtual boards are arm64`,
        'Try it on a real board of its kind.',
      )
  }
}

function nothingToStart(name: string, partitions: readonly Partition[]): AppError {
  const where = partitions.map(({ number }) => number).join(', ') || '1'
  return new AppError(
    'BAD_INPUT',
    `U-Boot finds nothing to start on ${name}: partition ${where} has neither boot.scr nor extlinux.conf nor EFI/BOOT/BOOTAA64.EFI`,
    'Virtual boards start by U-Boot or UEFI on arm64, from the active partition or the first: see docs/virtual-board.md.',
  )
}

async function anyOf<T>(all: readonly T[], fits: (each: T) => Promise<boolean>): Promise<boolean> {
  for (const each of all) if (await fits(each)) return true
  return false
}

async function hasBootFile(files: FileSystem | null): Promise<boolean> {
  if (!files) return false
  const paths = ['/', '/boot/'].flatMap((prefix) => BOOT_FILES.map((name) => prefix + name))
  return anyOf(paths, async (path) => (await files.stat(path)) !== null)
}

/** What the programs of a root file system are for, when that is not the machine of boards; null also where there are none. */
async function otherMachine(files: FileSystem | null): Promise<string | null> {
  if (files?.kind !== 'ext') return null
  for (const path of PROGRAMS) {
    const front = await frontOf(files, path)
    if (front.subarray(0, 4).toString('latin1') !== '\x7FELF' || front.length < 20) continue
    return OTHER_MACHINES[front.readUInt16LE(18)] ?? null
  }
  return null
}

/** The first bytes of a file; none where there is no such file, or a link that leads nowhere. */
async function frontOf(files: FileSystem, path: string): Promise<Buffer> {
  try {
    for await (const piece of files.content(path)) return Buffer.from(piece)
  } catch (thrown) {
    if (!['NOT_FOUND', 'BAD_INPUT'].includes(toAppError(thrown).code)) throw thrown
  }
  return Buffer.alloc(0)
}
