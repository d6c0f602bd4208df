import { basename, join, resolve } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { PayloadSource, ScriptSource } from '../../engine/artifact/write.ts'
import { SCRIPT_NAME_HINT, isScriptName } from '../../engine/artifact/scripts.ts'
import type { FileStat, Files, HostFile } from '../../engine/host.ts'
import { readWhole } from '../../engine/lib/file-streams.ts'

/** How the owner and times of files get into an artifact: as they are, or the same on every machine. */
export interface Stamping {
  /** null keeps the files' own; a number makes root the owner and this the time of everything. */
  fixedAt: number | null
  /** Names of users and groups by their ids. */
  users: ReadonlyMap<number, string>
  groups: ReadonlyMap<number, string>
}

const decoder = new TextDecoder()

export async function readText(files: Files, path: string): Promise<string> {
  return decoder.decode(await readWhole(files, path))
}

/** Ids and names of /etc/passwd or /etc/group; empty where there is no such file. */
export async function readNames(files: Files, path: string): Promise<Map<number, string>> {
  if (!(await files.stat(path))) return new Map()
  const lines = (await readText(files, path)).split('\n').map((line) => line.split(':'))
  return new Map(lines.toReversed().flatMap(([name = '', , id = '']) => (/^\d+$/.test(id) ? [[Number(id), name] as const] : [])))
}

/** What a tar keeps of a file. */
export function ownerOf({ uid, gid, modifiedAt }: { uid: number; gid: number; modifiedAt: number }, { fixedAt, users, groups }: Stamping) {
  if (fixedAt !== null) return { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: fixedAt }
  return { uid, gid, uname: users.get(uid) ?? '', gname: groups.get(gid) ?? '', modifiedAt }
}

async function statFile(files: Files, path: string): Promise<FileStat> {
  const found = await files.stat(path)
  if (!found) throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  if (found.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${found.kind}`, 'Name a regular file.')
  return found
}

/** A payload file of the command line, opened when its turn comes. */
export async function payloadOf(files: Files, path: string, stamping: Stamping): Promise<PayloadSource> {
  if (path.startsWith('ssh://'))
    throw new AppError('BAD_INPUT', 'Reading a root file system over SSH is not supported yet', 'Copy the image here first.')
  const stat = await statFile(files, path)
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    await using file = await files.open(path, 'read')
    yield* readAhead(file)
  }
  return { name: basename(path), sizeBytes: stat.sizeBytes, mode: stat.mode & 0o777, ...ownerOf(stat, stamping), chunks }
}

const READ_BYTES = 512 * 1024

/** The bytes of a file through two buffers in turn: one is read while the other is worked on, and memory stays flat. */
export async function* readAhead(file: HostFile): AsyncGenerator<Uint8Array, void, void> {
  let [current, other] = [new Uint8Array(READ_BYTES), new Uint8Array(READ_BYTES)]
  let position = 0
  let reading = file.read(current, position)
  for (let filled = await reading; filled > 0; filled = await reading) {
    position += filled
    const piece = current.subarray(0, filled)
    ;[current, other] = [other, current]
    reading = file.read(current, position)
    try {
      yield piece
    } finally {
      // Whoever stops early must not close the file under a read.
      await reading.catch(() => 0)
    }
  }
}

/** The state scripts of `-s`: files, or folders of which every file is one. */
export async function scriptsOf(files: Files, paths: readonly string[], stamping: Stamping): Promise<ScriptSource[]> {
  const scripts = new Map<string, ScriptSource>()
  for (const path of await expanded(files, paths)) {
    const name = basename(path)
    if (!isScriptName(name)) throw new AppError('BAD_INPUT', `"${name}" is not the name of a state script`, SCRIPT_NAME_HINT)
    if (scripts.has(name)) throw new AppError('BAD_INPUT', `Two state scripts are called "${name}"`, 'Rename one of them.')
    const stat = await statFile(files, path)
    scripts.set(name, { name, mode: stat.mode & 0o777, ...ownerOf(stat, stamping), content: await readWhole(files, path) })
  }
  return [...scripts.values()]
}

async function expanded(files: Files, paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const isFolder = (await files.stat(path))?.kind === 'folder'
      return isFolder ? (await files.list(path)).map((name) => join(path, name)) : [path]
    }),
  )
  return lists.flat()
}

/** A path of the command line, from the folder the command was called in. */
export function absolute(cwd: string, path: string): string {
  return path.startsWith('ssh://') ? path : resolve(cwd, path)
}
