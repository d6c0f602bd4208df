import { join, resolve } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { UploadPlan } from '../../contract/folders.ts'
import type { Files, Host, HostFile, Machine } from '../host.ts'
import { BESIDE, createFile, replaceFile } from '../lib/file-streams.ts'

/** What a person brings onto this machine from another computer, by the page. */
export interface MachineUploads {
  files: Files
  machine: Pick<Machine, 'canWrite' | 'freeBytes'>
  /** Takes what no other folder does. */
  folder: string
}

interface Planned {
  folder: string | null
  files: readonly { name: string; sizeBytes: number }[]
}

interface Incoming {
  folder: string | null
  name: string
  sizeBytes: number
  /** It may take the place of a file. */
  isReplacing: boolean
}

/** What a name may take of the 255 bytes of most file systems: while it is written, a file has a longer one. */
const MAX_NAME_BYTES = 200

export function machineUploads({ host: { files, machine }, dataFolder }: { host: Host; dataFolder: string }): MachineUploads {
  return { files, machine, folder: join(dataFolder, 'uploads') }
}

/** Where these files would go, and which of their names are taken there. BAD_INPUT, NOT_FOUND, DISK_FULL. */
export async function planUpload(parts: MachineUploads, { folder: wanted, files }: Planned): Promise<UploadPlan> {
  const names = files.map(({ name }) => name)
  names.forEach(refuseName)
  const folder = await folderFor(parts, wanted)
  await requireRoom(parts, folder, files)
  const there = await whichAre(parts.files, folder, names)
  const others = await freeNames(parts.files, folder, names)
  return { folder, files: names.map((name, index) => ({ name, isThere: there.has(name), otherName: others[index] ?? name })) }
}

/**
 * Writes what comes to a file and answers its path; it appears when all of it is on the disk, or not at all. CONFLICT where there is one that
 * it may not replace.
 */
export async function receiveUpload(parts: MachineUploads, incoming: Incoming, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const { name, isReplacing, sizeBytes } = incoming
  const plan = await planUpload(parts, { folder: incoming.folder, files: [incoming] })
  const path = join(plan.folder, name)
  if (!isReplacing && plan.files.some(({ isThere }) => isThere))
    throw new AppError('CONFLICT', `There is a file ${path} already`, 'Give this one another name, or replace that one.')
  const put = isReplacing ? replaceFile : createFile
  try {
    await put(parts.files, path, (file) => fill(file, chunks, sizeBytes))
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'DISK_FULL') throw thrown
    throw new AppError('DISK_FULL', `The disk of ${plan.folder} was full before all of ${name} was there`, MAKE_ROOM, thrown)
  }
  return path
}

/** Removes what was on its way into the bench's own folder when an engine was killed. */
export async function sweepUploads({ files, folder }: MachineUploads): Promise<void> {
  if (!(await files.stat(folder))) return
  for (const name of await files.list(folder)) if (BESIDE.test(name)) await files.remove(join(folder, name))
}

/** NOT_FOUND, or BAD_INPUT for what is no folder. */
export async function requireFolder(files: Files, path: string): Promise<void> {
  const found = await files.stat(path)
  if (found === null) throw new AppError('NOT_FOUND', `There is no folder ${path}`, 'Choose another one.')
  if (found.kind !== 'folder') throw new AppError('BAD_INPUT', `${path} is no folder`, 'Choose the folder that it is in.')
}

const MAKE_ROOM = 'Free some space on that disk, or choose a folder on another one.'

async function fill(file: HostFile, chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
  let position = 0
  for await (const chunk of chunks) {
    await file.write(chunk, position)
    position += chunk.length
  }
  if (position !== sizeBytes) throw new AppError('CANCELLED', `Of ${sizeBytes} bytes only ${position} came`, 'Upload it again.')
}

/** Neither a path, nor hidden, nor one that reads otherwise than it is. */
function refuseName(name: string): void {
  const isPlain = name !== '' && !/[/\\\p{C}]/u.test(name) && !name.startsWith('.') && name.trim() === name
  if (isPlain && Buffer.byteLength(name) <= MAX_NAME_BYTES) return
  const hint = 'Rename it on your computer: no slashes, no dot at its beginning, nothing that cannot be seen, not too long.'
  throw new AppError('BAD_INPUT', `A file is not given the name ${JSON.stringify(name.slice(0, MAX_NAME_BYTES))} here`, hint)
}

async function folderFor({ files, machine, folder }: MachineUploads, wanted: string | null): Promise<string> {
  if (wanted !== null) {
    const path = resolve(wanted)
    await requireFolder(files, path)
    if (await machine.canWrite(path)) return path
  }
  await files.makeFolder(folder)
  return folder
}

async function requireRoom({ machine }: MachineUploads, folder: string, files: Planned['files']): Promise<void> {
  const needed = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const free = await machine.freeBytes(folder)
  if (free >= needed) return
  const [takes, has] = [Math.ceil(needed / 1e6), Math.floor(free / 1e6)].map((mb) => mb.toLocaleString('en'))
  throw new AppError('DISK_FULL', `This takes ${takes} MB, and ${has} MB are free on the disk of ${folder}`, MAKE_ROOM)
}

/** Links that lead nowhere are there too. */
async function whichAre(files: Files, folder: string, names: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(names.map((name) => files.statName(join(folder, name))))
  return new Set(names.filter((_, index) => found[index] !== null))
}

/** `card-2.img` for `card.img`: all with the first number by which none of them is taken. */
async function freeNames(files: Files, folder: string, names: readonly string[]): Promise<string[]> {
  for (let number = 2; ; number += 1) {
    const others = names.map((name) => name.replace(/^[^.]+/, `$&-${number}`))
    if ((await whichAre(files, folder, others)).size === 0) return others
  }
}
