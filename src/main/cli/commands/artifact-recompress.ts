import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type Limits, limitsWith } from '../../engine/artifact/limits.ts'
import { COMPRESSORS, type Compressor, recompress } from '../../engine/artifact/recompress.ts'
import { readFront } from '../../engine/artifact/resign.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { writeBeside } from './artifact-output.ts'
import { bytesOf, keepOwner, writeFront } from './artifact-sign-output.ts'

interface RecompressFlags extends ExpansionFlag {
  compression: string
  outputPath?: string
}

const NOTES = `
The header keeps its bytes and its compression. The manifest has the checksums of the payload's files, not of their compressed form: a
signature stays valid, and no key is needed.`

/** `otabench artifact recompress FILE --compression X`. */
export function recompressCommand(context: CliContext): Command {
  return new Command('recompress')
    .description('compress the payload otherwise; a signature stays valid')
    .argument('<file>')
    .addOption(new Option('--compression <id>', 'how to compress').choices([...COMPRESSORS.keys()]).makeOptionMandatory())
    .option('-o, --output-path <file>', 'where to write; default: in place')
    .addOption(allowExpansionOption())
    .addHelpText('after', NOTES)
    .action((path: string, flags: RecompressFlags) => recompressFile(path, flags, context))
}

async function recompressFile(path: string, flags: RecompressFlags, context: CliContext): Promise<void> {
  const target = flags.outputPath ?? path
  const { before, ...answer } = await recompressTo(target, { path, id: flags.compression, limits: limitsWith(flags) }, context)
  const text = answer.isChanged
    ? `${target}: ${answer.name}, ${size(before)} -> ${size(answer.sizeBytes)}`
    : `${target}: the payload is compressed with ${flags.compression} already`
  context.out.result(answer, text)
}

interface Source {
  path: string
  /** What stands before the payload from now on; default: what stood there. */
  bytes?: Uint8Array
  /** One of COMPRESSORS. */
  id: string
  limits: Limits
}

/** BAD_INPUT for a compression that is not known. */
export function compressorOf(id: string): Compressor {
  const found = COMPRESSORS.get(id)
  if (found) return found
  throw new AppError('BAD_INPUT', `The compression "${id}" is not supported`, `Use one of ${[...COMPRESSORS.keys()].join(', ')}.`)
}

/** Writes the artifact with its payload compressed otherwise; what is so already is copied as it is. */
export async function recompressTo(target: string, { path, id, limits, bytes }: Source, context: CliContext) {
  const { host, out, cwd, signal } = context
  const compressor = compressorOf(id)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const artifact = await bytesOf(file)
  const front = await readFront(artifact)
  // How well zstd was compressed is not written in it: its four names all make it anew.
  const isChanged = front.dataCompression !== compressor.compression || compressor.compression === 'zstd'
  const { name } = front.header
  const answer = { path: target, name, compression: compressor.compression, isChanged, isSigned: front.signature !== null }
  const before = artifact.sizeBytes
  if (!isChanged) {
    await writeFront({ source: file, front, bytes: bytes ?? front.stored, target: absolute(cwd, target) }, context)
    return { ...answer, before, sizeBytes: before, warnings: [] }
  }
  const { sizeBytes, warnings } = await writeBeside(host.files, absolute(cwd, target), async (copy) => {
    const options = { limits, signal, bytes, onProgress: (done: number, total: number) => out.progress(done, total, 'recompressed') }
    const written = await recompress(artifact, compressor, copy, options)
    await readFront(await bytesOf(copy))
    await keepOwner(file.path, copy.path, context)
    return written
  })
  for (const warning of warnings) out.important(`warning: ${warning}`)
  return { ...answer, before, sizeBytes, warnings }
}
