import { basename, join } from 'node:path'
import { AppError, toAppError } from '../../contract/errors.ts'
import { metaDataJson } from '../artifact/schema.ts'
import { SCRIPT_NAME_HINT, isScriptName } from '../artifact/scripts.ts'
import { parseStrictJson } from '../artifact/strict-json.ts'
import type { PayloadSource, ScriptSource } from '../artifact/write.ts'
import type { FileStat, Files } from '../host.ts'
import { readAhead, readWhole } from '../lib/file-streams.ts'

/** How the owner and times of files get into an artifact: as they are, or the same on every machine. */
export interface Stamping {
  /** null keeps the files' own; a number makes root the owner and this the time of everything. */
  fixedAt: number | null
  /** Names of users and groups by their ids. */
  users: ReadonlyMap<number, string>
  groups: ReadonlyMap<number, string>
}

/** Ids and names of /etc/passwd or /etc/group; empty where there is no such file. */
export async function readNames(files: Files, path: string): Promise<Map<number, string>> {
  if (!(await files.stat(path))) return new Map()
  const lines = new TextDecoder()
    .decode(await readWhole(files, path))
    .split('\n')
    .map((line) => line.split(':'))
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
  if (found.kind === 'disk') return { ...found, sizeBytes: await sizeOf(files, path) }
  if (found.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${found.kind}`, 'Name a regular file.')
  return found
}

async function sizeOf(files: Files, path: string): Promise<number> {
  await using file = await files.open(path, 'read')
  return await file.sizeBytes()
}

/** A payload file from the disk, or a block device as a whole; opened when its turn comes. */
export async function payloadOf(files: Files, path: string, stamping: Stamping): Promise<PayloadSource> {
  const stat = await statFile(files, path)
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    await using file = await files.open(path, 'read')
    yield* readAhead(file)
  }
  return { name: basename(path), sizeBytes: stat.sizeBytes, mode: stat.mode & 0o777, ...ownerOf(stat, stamping), chunks }
}

/** The JSON object of a meta-data file. */
export async function metaDataOf(files: Files, path: string): Promise<Record<string, unknown>> {
  const bytes = await readWhole(files, path)
  try {
    return parseStrictJson(bytes, metaDataJson, path)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', toAppError(thrown).message, 'The meta-data file must hold one JSON object.', thrown)
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
