import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { refuseOwnInput } from '../../engine/lib/file-streams.ts'
import { isArtifact } from '../../engine/contents/open-contents.ts'
import { MAX_BMAP_BYTES, readBmap } from '../../engine/image/bmap-read.ts'
import { type Bmap, checkBmap, encodeBmap, makeBmap, mappedBlockCount } from '../../engine/image/bmap.ts'
import { BLOCK_BYTES, mappedBlocks, withoutZeros } from '../../engine/image/mapped-blocks.ts'
import { readerOf } from '../../engine/lib/image-file.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { writeBeside, writeStdout } from './artifact-output.ts'

interface BmapFlags {
  output?: string
  skipZeros?: boolean
  check?: string
}

const NOTES = `
The map (format 2.0, as bmaptool reads it) leaves out what lies in the free space of ext2, ext3, ext4 and FAT file systems. Partition
tables, gaps and everything unknown are mapped, and so is a file system whose own word for it cannot be trusted. The image does not have
to be a sparse file.

With --skip-zeros blocks of zeros are left out as well, also those inside files: flash such a map only onto a card that holds nothing but
zeros, or that was discarded before.`

/** `otabench image bmap FILE`. */
export function bmapCommand(context: CliContext): Command {
  return new Command('bmap')
    .description('make the block map of an image, or check an image with one')
    .argument('<file>')
    .option('-o, --output <file>', 'the map; default: FILE.bmap, and - for standard output')
    .option('--skip-zeros', 'leave out blocks of zeros as well; only for empty cards')
    .option('--check <map>', 'compare the image with this map, format 1.3, 1.4 or 2.0, and write nothing')
    .addHelpText('after', NOTES)
    .action((path: string, flags: BmapFlags) =>
      flags.check === undefined ? make(path, flags, context) : check(path, flags.check, context),
    )
}

async function make(path: string, { output = `${path}.bmap`, skipZeros = false }: BmapFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const read = readerOf(file)
  if (await isArtifact(read)) throw new AppError('BAD_INPUT', `${path} is an artifact`, 'Block maps are of disk images.')
  const imageBytes = await file.sizeBytes()
  const { ranges: mapped, warnings } = await mappedBlocks(read, imageBytes)
  for (const warning of warnings) out.important(`warning: ${warning}`)
  const ranges = skipZeros ? await withoutZeros(read, mapped, progress(mapped, 'searched for zeros', context)) : mapped
  const bmap = await makeBmap(read, { imageBytes, blockBytes: BLOCK_BYTES, ranges }, progress(ranges, 'read', context))
  const text = encodeBmap(bmap)
  if (output === '-') return await writeStdout(Buffer.from(text))
  const target = absolute(cwd, output)
  await refuseOwnInput(host.files, target, [absolute(cwd, path)])
  await writeBeside(host.files, target, (map) => map.write(Buffer.from(text), 0))
  const mappedBytes = Math.min(imageBytes, mappedBlockCount(ranges) * BLOCK_BYTES)
  const percent = imageBytes === 0 ? 0 : Math.round((100 * mappedBytes) / imageBytes)
  out.result(
    { map: target, imageBytes, mappedBytes, rangeCount: ranges.length, warnings },
    `${output}: ${size(mappedBytes)} of ${size(imageBytes)} are mapped (${percent} %), in ${ranges.length} ranges`,
  )
}

async function check(path: string, mapPath: string, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const bmap = await openMap(absolute(cwd, mapPath), context)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  await checkBmap(readerOf(file), await file.sizeBytes(), bmap, progress(bmap.ranges, 'checked', context))
  const checkedBlocks = mappedBlockCount(bmap.ranges.filter(({ checksum }) => checksum !== null))
  if (checkedBlocks < mappedBlockCount(bmap.ranges)) out.important(`warning: ${mapPath} has no checksum for some of its ranges`)
  const checkedBytes = Math.min(bmap.imageBytes, checkedBlocks * bmap.blockBytes)
  out.result({ imageBytes: bmap.imageBytes, checkedBytes }, `${path} is the image of ${mapPath}: ${size(checkedBytes)} checked`)
}

/** Reads no more of a file than a map can have: somebody may have named the image. */
async function openMap(path: string, { host }: CliContext): Promise<Bmap> {
  await using file = await host.files.open(path, 'read')
  const bytes = new Uint8Array(Math.min(await file.sizeBytes(), MAX_BMAP_BYTES + 1))
  return readBmap(bytes.subarray(0, await file.read(bytes, 0)))
}

/** Shows how far the blocks of some ranges are done, and stops when asked to. */
function progress(ranges: Parameters<typeof mappedBlockCount>[0], what: string, { out, signal }: CliContext): (count: number) => void {
  const total = mappedBlockCount(ranges)
  let done = 0
  return (count) => {
    signal.throwIfAborted()
    done += count
    out.progress(done, total, what)
  }
}
