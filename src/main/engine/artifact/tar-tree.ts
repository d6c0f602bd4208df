import { AppError } from '../../contract/errors.ts'
import { blocksOf } from './blocks.ts'
import { BLOCK_BYTES, type Field, type TarEntry, fieldOf, headerSum, paddedSize } from './tar-header.ts'
import { TAR_END, joinBytes, paddingFor } from './tar-write.ts'

/** Something with a known size, whose bytes can be read once. */
export interface Content {
  sizeBytes: number
  chunks(): AsyncIterable<Uint8Array>
}

/** One name in a tree of files. */
export interface TreeNode extends Omit<TarEntry, 'name'>, Content {
  /** From the root of the tree, with `/` between; empty for the root itself. */
  path: string
  kind: 'file' | 'folder' | 'link' | 'hardLink'
  /** Of a link: what it says. Of a hard link: the path of the node with the content. */
  target: string
}

const TYPE: Readonly<Record<TreeNode['kind'], string>> = { file: '0', hardLink: '1', link: '2', folder: '5' }

/**
 * A tar of a tree, every name behind `prefix` (`./` or `NAME/`), in the dialect of GNU tar: it is what update modules unpack with the
 * device's own tar, and busybox reads its long names but no PAX. The size is known before a file is read.
 */
export function treeTar(nodes: readonly TreeNode[], prefix: string): Content {
  const sizeBytes = nodes.reduce((sum, node) => sum + headOf(node, prefix).length + paddedSize(contentBytes(node)), TAR_END.length)
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for (const node of nodes) {
      yield headOf(node, prefix)
      if (node.kind === 'file') yield* exactly(node)
    }
    yield TAR_END
  }
  // Most pieces are small: what comes after works in larger ones.
  return { sizeBytes, chunks: () => blocksOf(pieces(), { blockBytes: 256 * 1024, inFlight: 1 }) }
}

function contentBytes({ kind, sizeBytes }: TreeNode): number {
  return kind === 'file' ? sizeBytes : 0
}

/** The content and what fills its last block; CONFLICT when the file is not as long as it was. */
async function* exactly({ path, sizeBytes, chunks }: TreeNode): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of chunks()) {
    done += chunk.length
    if (done <= sizeBytes) yield chunk
  }
  if (done !== sizeBytes)
    throw new AppError('CONFLICT', `${path} changed while it was read: ${done} bytes came of ${sizeBytes}`, 'Let it rest and try again.')
  yield paddingFor(sizeBytes)
}

const encoder = new TextEncoder()

function headOf(node: TreeNode, prefix: string): Uint8Array {
  const name = encoder.encode(prefix + node.path + (node.kind === 'folder' && node.path !== '' ? '/' : ''))
  const target = encoder.encode(node.kind === 'hardLink' ? prefix + node.target : node.target)
  return joinBytes([...longName('L', name), ...longName('K', target), block(node, name, target)])
}

const NAME_BYTES = 100

/** A name that does not fit stands in an entry of its own, ended by a NUL, before the one it belongs to. */
function longName(type: 'L' | 'K', name: Uint8Array): Uint8Array[] {
  if (name.length <= NAME_BYTES) return []
  const head = new Uint8Array(BLOCK_BYTES)
  put(head, 'name', encoder.encode('././@LongLink'))
  for (const field of ['mode', 'uid', 'gid', 'mtime'] as const) number(head, field, 0)
  number(head, 'size', name.length + 1)
  return [seal(head, type), name, new Uint8Array(paddedSize(name.length + 1) - name.length)]
}

function block(node: TreeNode, name: Uint8Array, target: Uint8Array): Uint8Array {
  const head = new Uint8Array(BLOCK_BYTES)
  put(head, 'name', name)
  number(head, 'mode', node.mode)
  number(head, 'uid', node.uid)
  number(head, 'gid', node.gid)
  number(head, 'size', contentBytes(node))
  number(head, 'mtime', Math.floor(node.modifiedAt / 1000))
  put(head, 'linkname', target)
  put(head, 'uname', encoder.encode(node.uname))
  put(head, 'gname', encoder.encode(node.gname))
  return seal(head, TYPE[node.kind])
}

function put(head: Uint8Array, field: Field, bytes: Uint8Array): void {
  const room = fieldOf(head, field)
  room.set(bytes.subarray(0, room.length))
}

/** Octal digits and a NUL; in base 256 what they cannot hold: a size from 8 GiB on, large ids, times before 1970. */
function number(head: Uint8Array, field: Field, value: number): void {
  const room = fieldOf(head, field)
  const digits = room.length - 1
  if (value >= 0 && value < 8 ** digits) return room.set(encoder.encode(`${value.toString(8).padStart(digits, '0')}\0`))
  let rest = BigInt(value)
  for (let at = digits; at >= 0; at -= 1) {
    room[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  room[0] = (room[0] ?? 0) | 0x80
}

function seal(head: Uint8Array, type: string): Uint8Array {
  put(head, 'typeflag', encoder.encode(type))
  put(head, 'magic', encoder.encode('ustar  \0'))
  put(head, 'checksum', encoder.encode(`${headerSum(head).toString(8).padStart(6, '0')}\0 `))
  return head
}
