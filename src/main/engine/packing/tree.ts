import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { TreeNode } from '../artifact/tar-tree.ts'
import type { Files, HostFile, NameStat } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import { type Stamping, ownerOf } from './sources.ts'

/**
 * Everything in a folder, the folder itself first, sorted by name: with owners, modes and links as they are. NOT_FOUND and BAD_INPUT
 * when it is no folder, or holds what no archive should: devices, sockets and pipes.
 */
export async function treeOf(files: Files, folder: string, stamping: Stamping): Promise<TreeNode[]> {
  const root = await files.stat(folder)
  if (!root) throw new AppError('NOT_FOUND', `There is no folder ${folder}`, 'Check the path.')
  if (root.kind !== 'folder') throw new AppError('BAD_INPUT', `${folder} is a ${root.kind}, not a folder`, 'Name a folder.')
  const nodes: TreeNode[] = []
  const walk = { files, folder, stamping, nodes, seen: new Map<string, string>() }
  await visit('', { ...root, kind: 'folder', target: '', sharedId: null }, walk)
  return nodes
}

/** Folders are full of small files: buffers made for large ones cost more than reading these. */
const SMALL_BYTES = 128 * 1024

async function start(file: HostFile, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes)
  return bytes.subarray(0, await file.read(bytes, 0))
}

interface Walk {
  files: Files
  folder: string
  stamping: Stamping
  nodes: TreeNode[]
  /** The first path of each file that has several. */
  seen: Map<string, string>
}

async function visit(path: string, stat: NameStat, walk: Walk): Promise<void> {
  const { files, folder, nodes } = walk
  nodes.push(nodeOf(path, stat, walk))
  if (stat.kind !== 'folder') return
  for (const name of await files.list(join(folder, path))) {
    const below = path === '' ? name : `${path}/${name}`
    const found = await files.statName(join(folder, below))
    if (!found) throw new AppError('CONFLICT', `${join(folder, below)} went away while the folder was read`, 'Let it rest and try again.')
    await visit(below, found, walk)
  }
}

function nodeOf(path: string, stat: NameStat, { files, folder, stamping, seen }: Walk): TreeNode {
  const place = join(folder, path)
  if (stat.kind === 'other')
    throw new AppError('BAD_INPUT', `${place} is a device, a socket or a pipe`, 'Leave it out: the device makes such files itself.')
  const first = stat.sharedId === null ? undefined : seen.get(stat.sharedId)
  if (stat.sharedId !== null && first === undefined) seen.set(stat.sharedId, path)
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    await using file = await files.open(place, 'read')
    if (stat.sizeBytes > SMALL_BYTES) yield* readAhead(file)
    else yield await start(file, stat.sizeBytes + 1)
  }
  const facts = { sizeBytes: stat.sizeBytes, mode: stat.mode, ...ownerOf(stat, stamping), chunks }
  return first === undefined
    ? { ...facts, path, kind: stat.kind, target: stat.target }
    : { ...facts, path, kind: 'hardLink', target: first }
}
