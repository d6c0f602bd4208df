import { AppError } from '../../contract/errors.ts'
import { checkArtifact } from '../../engine/artifact/read.ts'
import { findSignature, signatureEntry } from '../../engine/artifact/resign.ts'
import { signerOf } from '../../engine/artifact/sign.ts'
import type { HostFile } from '../../engine/host.ts'
import { readChunks } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { absolute, readText } from './artifact-files.ts'
import { writeBeside } from './artifact-output.ts'

export interface SignFlags {
  key?: string
  outputPath?: string
  force?: boolean
}

/** `otabench artifact sign FILE -k KEY [-o OUT] [-f]`: checks the file, then copies it with a signature; the payload stays as it is. */
export async function signFile(path: string, flags: SignFlags, { host, out, cwd, signal }: CliContext): Promise<void> {
  if (flags.key === undefined) throw new AppError('BAD_INPUT', 'The key is missing', 'Give it with -k PRIVATE_KEY.')
  const signer = signerOf(await readText(host.files, absolute(cwd, flags.key)))
  const source = absolute(cwd, path)
  await using file = await host.files.open(source, 'read')
  const place = await findSignature(readChunks(file))
  if (place.isSigned && !flags.force) throw new AppError('CONFLICT', `${path} is already signed`, 'Use -f to replace the signature.')
  await checkArtifact(readChunks(file), { signal })
  const entry = signatureEntry(await signer.sign(place.manifest))
  const target = flags.outputPath ?? path
  const mode = (await host.files.stat(source))?.mode ?? 0o644
  await writeBeside(host.files, absolute(cwd, target), async (copy) => {
    await copyRange(file, { start: 0, end: place.signatureStartsAt }, { copy, position: 0, signal })
    await copy.write(entry, place.signatureStartsAt)
    const position = place.signatureStartsAt + entry.length
    await copyRange(file, { start: place.restStartsAt, end: Infinity }, { copy, position, signal })
    await host.files.setMode(copy.path, mode)
  })
  out.result({ path: target, isSigned: true }, `${target}: signed`)
}

interface Destination {
  copy: HostFile
  position: number
  signal: AbortSignal
}

async function copyRange(
  file: HostFile,
  { start, end }: { start: number; end: number },
  { copy, position, signal }: Destination,
): Promise<void> {
  let at = position
  for await (const chunk of readChunks(file, start, end)) {
    signal.throwIfAborted()
    await copy.write(chunk, at)
    at += chunk.length
  }
}
