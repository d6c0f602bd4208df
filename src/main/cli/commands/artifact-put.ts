import { basename } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { EditContents, EditPlace } from '../../engine/contents/edit-contents.ts'
import type { FileSystem, Ownership } from '../../engine/image/file-system.ts'
import { readAhead } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'

/** A file of this machine on its way into an image. */
export interface Source {
  /** Absolute. */
  path: string
  /** null of standard input, which has none. */
  name: string | null
  sizeBytes: number
  ownership: Ownership
}

/** A file of the command line with its mode. BAD_INPUT for a folder, and for a pipe or device, whose length nobody knows before. */
export async function sourceOf(text: string, { host, cwd }: CliContext): Promise<Source> {
  const path = absolute(cwd, text)
  const stat = await host.files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no file ${text}`, 'Check the path.')
  if (stat.kind === 'folder') throw new AppError('BAD_INPUT', `${text} is a folder`, 'Name its files one by one.')
  if (stat.kind !== 'file')
    throw new AppError('BAD_INPUT', `${text} is no regular file`, 'Copy it from standard input: cp - FILE:/PATH < SOURCE.')
  return { path, name: basename(path), sizeBytes: stat.sizeBytes, ownership: { mode: stat.mode } }
}

/** Writes a file to every place of a path: under its own name where the path ends with a slash or is a folder. */
export async function put(
  contents: EditContents,
  wanted: string,
  source: Source,
  setting: { changedAt: number; context: CliContext },
): Promise<void> {
  const { host, signal } = setting.context
  for (const place of await contents.places(wanted)) {
    const path = await pathFor(place, wanted, source)
    await using file = await host.files.open(source.path, 'read')
    async function* content(): AsyncGenerator<Uint8Array, void, void> {
      for await (const piece of readAhead(file)) {
        signal.throwIfAborted()
        yield piece
      }
    }
    const { sizeBytes, ownership } = source
    await place.fileSystem.writeFile(path, { ...ownership, sizeBytes, content: content(), modifiedAt: setting.changedAt })
  }
}

async function pathFor({ fileSystem, path }: EditPlace, wanted: string, { name }: Source): Promise<string> {
  if (!wanted.endsWith('/') && !(await isFolder(fileSystem, path))) return path
  if (name === null) throw new AppError('BAD_INPUT', 'Standard input has no name', 'Write the whole path: FILE:/PATH/NAME.')
  return `${path.replace(/\/+$/, '')}/${name}`
}

/** Whether a path is a folder, or a link to one. */
async function isFolder(fileSystem: FileSystem, path: string): Promise<boolean> {
  const facts = await fileSystem.stat(path)
  if (facts?.kind !== 'link') return facts?.kind === 'folder'
  return fileSystem.list(path).then(
    () => true,
    (thrown: unknown) => {
      if (thrown instanceof AppError && ['NOT_FOUND', 'BAD_INPUT'].includes(thrown.code)) return false
      throw thrown
    },
  )
}
