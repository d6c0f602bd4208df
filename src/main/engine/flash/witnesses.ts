import { basename, dirname, join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { FlashWitness } from '../../contract/flash.ts'
import type { Files, Programs } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'

const SUM_FILES = ['SHA256SUMS', 'sha256sums.txt', 'SHA256SUMS.txt', 'sha256sum.txt'] as const
const SIGNATURES = ['.sig', '.asc', '.gpg', '.sign'] as const
/** No list of sums is longer. */
const SUMS_MAX_BYTES = 4 << 20

/** A sum that lies beside an image: which file says it, and what. */
export interface FoundSum {
  path: string
  sha256: string
}

/**
 * The sum that `NAME.sha256` or a list of sums in its folder says of an image; null where none does. VERIFY_FAILED for a file of its own
 * that says nothing of it: it is cut short, or of another image.
 */
export async function sumBeside(files: Files, path: string): Promise<FoundSum | null> {
  const candidates = [`${path}.sha256`, `${path}.sha256sum`, ...SUM_FILES.map((name) => join(dirname(path), name))]
  for (const candidate of candidates) {
    const found = await files.stat(candidate)
    if (found?.kind !== 'file' || found.sizeBytes > SUMS_MAX_BYTES) continue
    const text = new TextDecoder().decode(await readWhole(files, candidate))
    const isOwn = candidate.startsWith(path)
    const sha256 = sumIn(text, basename(path), isOwn)
    if (sha256 !== null) return { path: candidate, sha256 }
    if (isOwn)
      throw new AppError(
        'VERIFY_FAILED',
        `${candidate} says no SHA-256 of ${basename(path)}`,
        'Fetch it again; or remove it, to write the image unchecked.',
      )
  }
  return null
}

/** What a list of sums, as of sha256sum, with --tag, or of openssl, says of a file. A file of its own may say the sum alone. */
export function sumIn(text: string, name: string, isOwn: boolean): string | null {
  for (const line of text.split('\n')) {
    const plain = /^([\da-f]{64})(?: [ *](.+))?\s*$/i.exec(line.trimEnd())
    const tagged = /^SHA(?:2-)?256 ?\((.+)\) ?= ([\da-f]{64})$/i.exec(line.trimEnd())
    const [sum, named] = plain ? [plain[1], plain[2]] : [tagged?.[2], tagged?.[1]]
    if (sum === undefined) continue
    if (named === undefined ? isOwn : basename(named) === name) return sum.toLowerCase()
  }
  return null
}

/** VERIFY_FAILED when an image has another sum than it should. */
export function checkSum(path: string, sha256: string, wanted: string, saidBy: string): void {
  if (sha256 === wanted.toLowerCase()) return
  throw new AppError('VERIFY_FAILED', `${path} has the SHA-256 ${sha256}; ${saidBy} says ${wanted}`, 'Fetch it again.')
}

/**
 * Checks the signatures that lie beside some files, with the keys that gpg has. SIGNATURE_INVALID for a wrong one. One that cannot be
 * checked, because gpg or the key is missing, is answered as such.
 */
export async function checkSignatures(
  paths: readonly string[],
  { files, programs }: { files: Files; programs: Programs },
): Promise<FlashWitness[]> {
  const witnesses: FlashWitness[] = []
  for (const path of paths) {
    for (const signature of SIGNATURES.map((extension) => `${path}${extension}`)) {
      if ((await files.stat(signature))?.kind !== 'file') continue
      witnesses.push({ kind: 'signature', path: signature, isChecked: await isGood(path, signature, programs), heldAt: null })
    }
  }
  return witnesses
}

/** False when it cannot be said. */
async function isGood(path: string, signature: string, programs: Programs): Promise<boolean> {
  if ((await programs.find('gpg')) === null) return false
  const { stdout, stderr } = await programs.run('gpg', ['--batch', '--status-fd', '1', '--verify', signature, path])
  if (/^\[GNUPG:\] (BADSIG|EXPSIG|EXPKEYSIG|REVKEYSIG) /m.test(stdout)) {
    const said = stderr.trim().split('\n').at(-1) ?? ''
    throw new AppError(
      'SIGNATURE_INVALID',
      `${path}: ${signature} is not its signature (${said})`,
      'Fetch both again, from whom you trust.',
    )
  }
  return /^\[GNUPG:\] VALIDSIG /m.test(stdout)
}
