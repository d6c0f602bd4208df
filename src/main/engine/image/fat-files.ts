import { AppError } from '../../contract/errors.ts'
import { ATTRIBUTE, type FatEntry, type FatFolder, readFolder } from './fat-folder.ts'
import { foldedName } from './fat-names.ts'
import { type FatVolume, badFat, clusterAt, openFat } from './fat-volume.ts'
import { type FileFacts, type FileSystem, type NamedFile, notFound, partsOf } from './file-system.ts'
import { type ReadImage, bytesOf } from './image-bytes.ts'

const PIECE_BYTES = 1 << 20

/** Reads a FAT12, 16 or 32 image. Names are found whatever their case; modes are what Linux shows, owners root. */
export class FatFiles implements FileSystem {
  readonly kind = 'fat'
  protected readonly volume: FatVolume

  constructor(volume: FatVolume) {
    this.volume = volume
  }

  /** ARTIFACT_INVALID when it is no such file system, or a damaged one. */
  static async open(read: ReadImage): Promise<FileSystem> {
    return new FatFiles(await openFat(read))
  }

  async stat(path: string): Promise<FileFacts | null> {
    const entry = await this.find(path)
    return entry && factsOf(entry)
  }

  async list(path: string): Promise<NamedFile[]> {
    const { entries } = await this.folderAt(path)
    const seen = new Set<string>()
    for (const { name } of entries) {
      if (seen.has(foldedName(name))) throw badFat(`${JSON.stringify(name)} is twice in ${path}`)
      seen.add(foldedName(name))
    }
    return entries.map((entry) => ({ name: entry.name, ...factsOf(entry) })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  async *content(path: string): AsyncGenerator<Uint8Array, void, void> {
    const { sizeBytes, firstCluster, attributes } = await this.get(path)
    if ((attributes & ATTRIBUTE.folder) !== 0) throw otherKind(path, 'folder')
    const { clusterBytes, read } = this.volume
    let left = sizeBytes
    for (const { first, count } of this.#runs(this.chainOf(firstCluster, sizeBytes))) {
      const end = clusterAt(this.volume, first) + Math.min(left, count * clusterBytes)
      for (let at = clusterAt(this.volume, first); at < end; at += PIECE_BYTES) {
        const piece = bytesOf(await read(at, Math.min(PIECE_BYTES, end - at)))
        if (piece.length < Math.min(PIECE_BYTES, end - at)) throw badFat(`the image ends inside ${path}`)
        left -= piece.length
        yield piece
      }
    }
    if (left > 0) throw badFat(`${path} has ${sizeBytes - left} of its ${sizeBytes} bytes`)
  }

  async linkTarget(path: string): Promise<string> {
    throw otherKind(path, factsOf(await this.get(path)).kind)
  }

  /** The clusters of a file's content. */
  protected chainOf(firstCluster: number, sizeBytes: number): number[] {
    return firstCluster === 0 ? [] : this.volume.table.chain(firstCluster, Math.max(1, Math.ceil(sizeBytes / this.volume.clusterBytes)))
  }

  protected async get(path: string): Promise<FatEntry> {
    const entry = await this.find(path)
    if (!entry) throw notFound(path)
    return entry
  }

  protected async folderAt(path: string): Promise<FatFolder> {
    const { attributes, firstCluster } = await this.get(path)
    if ((attributes & ATTRIBUTE.folder) === 0) throw otherKind(path, 'file')
    return readFolder(this.volume, firstCluster)
  }

  protected async find(path: string): Promise<FatEntry | null> {
    const above: FatEntry[] = []
    for (const part of partsOf(path)) {
      if (part === '..') {
        above.pop()
        continue
      }
      const here = above.at(-1) ?? ROOT
      if ((here.attributes & ATTRIBUTE.folder) === 0) return null
      const entry = entryIn(await readFolder(this.volume, here.firstCluster), part)
      if (!entry) return null
      above.push(entry)
    }
    return above.at(-1) ?? ROOT
  }

  /** Clusters that lie side by side as one. */
  *#runs(clusters: readonly number[]): Generator<{ first: number; count: number }, void, void> {
    for (let index = 0; index < clusters.length;) {
      const first = clusters[index] ?? 0
      let count = 1
      while (clusters[index + count] === first + count) count += 1
      index += count
      yield { first, count }
    }
  }
}

/** No folder lists the root folder. */
const ROOT: FatEntry = {
  ...{ name: '', shortName: new Uint8Array(11), attributes: ATTRIBUTE.folder, firstCluster: 0, sizeBytes: 0, modifiedAt: 0 },
  slots: { first: 0, last: 0 },
}

export function entryIn({ entries }: FatFolder, name: string): FatEntry | undefined {
  const folded = foldedName(name)
  return entries.find((entry) => foldedName(entry.name) === folded)
}

function factsOf({ attributes, sizeBytes, modifiedAt }: FatEntry): FileFacts {
  const isFolder = (attributes & ATTRIBUTE.folder) !== 0
  const isFixed = (attributes & ATTRIBUTE.readOnly) !== 0
  const mode = (isFolder ? 0o755 : 0o644) & (isFixed ? 0o555 : 0o777)
  return { kind: isFolder ? 'folder' : 'file', sizeBytes, mode, uid: 0, gid: 0, modifiedAt }
}

function otherKind(path: string, kind: string): AppError {
  return new AppError('BAD_INPUT', `${path} is a ${kind}`, 'List the folder above it to see what is there.')
}
