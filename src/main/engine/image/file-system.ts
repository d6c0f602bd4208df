import { AppError } from '../../contract/errors.ts'
import type { ReadImage } from './image-bytes.ts'

/** Bytes of an image that may be changed. Positions count from the start of the file system. */
export interface EditImage {
  readonly sizeBytes: number
  /** Shows what was written before. */
  read: ReadImage
  /** Takes over the bytes before it answers: the caller may fill the same array again. */
  write(position: number, bytes: Uint8Array): Promise<void>
}

export type FileKind = 'file' | 'folder' | 'link' | 'character device' | 'block device' | 'fifo' | 'socket'

export interface FileFacts {
  kind: FileKind
  /** Of the content of a file and of the text of a link; 0 of everything else. */
  sizeBytes: number
  /** Permission bits, set-id and sticky: 0o7777. */
  mode: number
  uid: number
  gid: number
  modifiedAt: number
}

/**
 * A file system inside an image, ext2, 3, 4 or FAT alike. Paths are absolute and written with `/`. Links on the way are followed; the
 * last part is followed only by `list` and `content`. NOT_FOUND where there is no such file, BAD_INPUT where it is of another kind than
 * is asked for, ARTIFACT_INVALID where the image is damaged.
 */
export interface FileSystem {
  readonly kind: 'ext' | 'fat'
  /** null when there is no such file. */
  stat(path: string): Promise<FileFacts | null>
  /** What a folder holds, without `.` and `..`, in the order of the names' characters. */
  list(path: string): Promise<NamedFile[]>
  /** In pieces, holes as zeros; a piece is good until the next is asked for. */
  content(path: string): AsyncIterable<Uint8Array>
  linkTarget(path: string): Promise<string>
}

export interface NamedFile extends FileFacts {
  name: string
}

/** What may be said of a file. Left out: of a new one 0o644 (a folder 0o755) and root's, of one that is there already what it has. */
export interface Ownership {
  mode?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
}

export interface NewFile extends Ownership {
  /** Known before, so that a full file system is found before anything changes. BAD_INPUT when the content has another length. */
  sizeBytes: number
  content: AsyncIterable<Uint8Array>
  modifiedAt: number
}

export interface NewFolder extends Ownership {
  modifiedAt: number
  /** Makes the folders above as well, with the mode that folders have, and is content with a folder that is there already. */
  hasParents?: boolean | undefined
}

export interface NewLink extends Ownership {
  target: string
  modifiedAt: number
}

/**
 * Changes a file system. After each call it is one in which a checker finds no fault, once `finish` has been called; what throws
 * before it writes leaves everything as it was: NOT_FOUND, CONFLICT (exists already), BAD_INPUT, DISK_FULL.
 */
export interface EditableFileSystem extends FileSystem {
  /** Makes the file or replaces its content; a link of that name is replaced itself. CONFLICT where a folder or a device is. */
  writeFile(path: string, file: NewFile): Promise<void>
  makeFolder(path: string, folder: NewFolder): Promise<void>
  /** Symbolic. BAD_INPUT where the file system has none. */
  makeLink(path: string, link: NewLink): Promise<void>
  /** BAD_INPUT for a folder that is not empty, unless recursive. */
  remove(path: string, options?: { isRecursive?: boolean | undefined }): Promise<void>
  setFacts(path: string, facts: Ownership & { modifiedAt?: number | undefined }): Promise<void>
  /** Replaces a file or link that is at `to`; CONFLICT where a folder is. */
  rename(from: string, to: string): Promise<void>
  /** What the content of files may still take. */
  freeBytes(): Promise<number>
  /** Writes what is held back: bitmaps, counts, superblocks. */
  finish(): Promise<void>
}

export interface NewDevice extends Ownership {
  kind: 'character device' | 'block device' | 'fifo' | 'socket'
  /** Of devices. */
  major: number
  minor: number
  modifiedAt: number
}

/** An extended attribute, its name with the namespace: `security.capability`. */
export interface Attribute {
  name: string
  value: Uint8Array
}

/** What only the file systems of Linux have. */
export interface LinuxFileSystem extends EditableFileSystem {
  /** CONFLICT where something is already. */
  makeDevice(path: string, device: NewDevice): Promise<void>
  /** One more name for the file at `target`, itself no folder. CONFLICT where something is already. */
  makeHardLink(path: string, target: string): Promise<void>
  /** Attributes can be given to what has none yet: CONFLICT where it has some, BAD_INPUT where they are too long. */
  setFacts(
    path: string,
    facts: Ownership & { modifiedAt?: number | undefined; attributes?: readonly Attribute[] | undefined },
  ): Promise<void>
}

/** The names in an absolute path. BAD_INPUT for another one. */
export function partsOf(path: string): string[] {
  if (!path.startsWith('/')) throw new AppError('BAD_INPUT', `${JSON.stringify(path)} is not an absolute path`, 'Begin it with /.')
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

export function notFound(path: string): AppError {
  return new AppError('NOT_FOUND', `There is no ${path} in the image`, 'List the folder above it to see what is there.')
}

/** DISK_FULL with both sizes, in bytes. */
export function imageFull(path: string, neededBytes: number, freeBytes: number): AppError {
  return new AppError(
    'DISK_FULL',
    `${path} needs ${neededBytes} bytes; the file system of the image has ${freeBytes} bytes free`,
    'Remove something from the image, or make the file system larger.',
  )
}
