import { Command } from 'commander'
import { compareCard } from '../../engine/flash/compare-card.ts'
import { readCard } from '../../engine/flash/read-card.ts'
import { refuseMounted } from '../../engine/safety/admit.ts'
import type { CliContext } from '../context.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { cardCalled } from './card-called.ts'
import { rawImage } from './image-unpacked.ts'

const READ_NOTES = `
DRIVE is one of otabench drives list, by its path or name, or a file. Nothing on it may be mounted.

The free space of ext2, ext3, ext4 and FAT file systems is not read, and what lies behind the last partition of an MBR is cut off. An OUT that
ends with .gz, .zst or .xz is packed. OUT.bmap and OUT.sha256 are written beside it: otabench flash reads and checks them.`

/** `otabench image read DRIVE -o OUT`. */
export function readCommand(context: CliContext): Command {
  return new Command('read')
    .description('read a card into an image, with its block map and checksum')
    .argument('<drive>')
    .requiredOption('-o, --output <file>', 'the image')
    .addHelpText('after', READ_NOTES)
    .action((path: string, { output }: { output: string }) => read(path, output, context))
}

async function read(named: string, output: string, context: CliContext): Promise<void> {
  const { host, cwd, out, signal } = context
  const { path: from, drive } = await cardCalled(named, context)
  if (drive) refuseMounted(drive)
  const to = absolute(cwd, output)
  const warn = (text: string): void => out.important(`warning: ${text}`)
  const onProgress = (done: number, total: number): void => out.progress(done, total, 'read')
  const image = await readCard(from, { files: host.files, to, signal, onProgress, warn })
  out.result(
    { image: to, ...image },
    `${output}: ${size(image.mappedBytes)} of ${size(image.imageBytes)} are mapped, SHA-256 ${image.sha256}`,
  )
}

const COMPARE_NOTES = `
DRIVE is one of otabench drives list, by its path or name, or a file; IMAGE may be packed.

What is flashed of the image is compared, in blocks of 4 KiB: what the block map beside it (IMAGE.bmap) says, else all but the free space of
its file systems. What a card has behind it does not matter. It exits with 5 where something differs.`

/** `otabench image compare DRIVE IMAGE`. */
export function compareCommand(context: CliContext): Command {
  return new Command('compare')
    .description('say whether a card holds an image, and where it does not')
    .argument('<drive>')
    .argument('<image>')
    .addHelpText('after', COMPARE_NOTES)
    .action((drive: string, image: string) => compare(drive, image, context))
}

async function compare(drive: string, path: string, context: CliContext): Promise<void> {
  const { host, cwd, out, signal } = context
  const { path: card } = await cardCalled(drive, context)
  await using image = await rawImage(absolute(cwd, path), context)
  for await (const now of compareCard(host.files, { card, image: image.rawPath, named: absolute(cwd, path) }, signal)) {
    if (now.state === 'running') out.progress(now.doneBytes, now.totalBytes, 'compared')
    else {
      const { comparedBytes, differentBytes, placeCount, places, partitions } = now
      const where = partitions.map(
        ({ number, differentBytes: count }) => `  ${number === 0 ? 'outside of partitions' : `partition ${number}`}: ${size(count)}`,
      )
      const listed = places.map(({ startBytes, endBytes }) => `  bytes ${startBytes} to ${endBytes - 1}`)
      const text =
        differentBytes === 0
          ? `${drive} holds ${path}: ${size(comparedBytes)} compared`
          : [
              `${drive} differs from ${path}: ${size(differentBytes)} of ${size(comparedBytes)}, in ${placeCount} places`,
              ...where,
              ...listed,
            ].join('\n')
      out.result({ isSame: differentBytes === 0, comparedBytes, differentBytes, placeCount, places, partitions }, text)
      if (differentBytes > 0) throw new NegativeOutcome(EXIT_NEGATIVE)
    }
  }
}
