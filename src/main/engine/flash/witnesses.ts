import { basename, dirname, join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { FlashWitness } from '../../contract/flash.ts'
import type { Files, Programs } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'

export type SumKind = 'sha256' | 'sha512'
export type Sums = Readonly<Record<SumKind, string | null>>

const KINDS = ['sha256', 'sha512'] as const
const NAMES: Readonly<Record<SumKind, string>> = { sha256: 'SHA-256', sha512: 'SHA-512' }

/** Where sums are looked for: in files of the image's own, then in lists of its folder. */
function sumFiles(path: string, kind: SumKind): string[] {
  const lists = [`${kind.toUpperCase()}SUMS`, `${kind}sums.txt`, `${kind.toUpperCase()}SUMS.txt`, `${kind}sum.txt`]
  return [`${path}.${kind}`, `${path}.${kind}sum`, ...lists.map((name) => join(dirname(path), name))]
}

const SIGNATURES = ['.sig', '.asc', '.gpg', '.sign'] as const
/** No list of sums is longer. */
const SUMS_MAX_BYTES = 4 << 20

/** A sum that lies beside an image: which file says it, and what. */
export interface FoundSum {
  kind: SumKind
  path: string
  sum: string
}

/**
 * The sums that `NAME.sha256`, `NAME.sha512` and lists of sums in its folder say of an image, one of each kind at most. VERIFY_FAILED for
 * a file of its own that says nothing of it: it is cut short, or of another image.
 */
export async function sumsBeside(files: Files, path: string): Promise<FoundSum[]> {
  const found = await Promise.all(KINDS.map((kind) => sumBeside(files, path, kind)))
  return found.flatMap((each) => each ?? [])
}

async function sumBeside(files: Files, path: string, kind: SumKind): Promise<FoundSum | null> {
  for (const candidate of sumFiles(path, kind)) {
    const text = await sumsIn(files, candidate)
    if (text === null) continue
    const isOwn = candidate.startsWith(path)
    const sum = sumIn(text, basename(path), isOwn, kind)
    if (sum !== null) return { kind, path: candidate, sum }
    if (isOwn)
      throw new AppError(
        'VERIFY_FAILED',
        `${candidate} says no ${NAMES[kind]} of ${basename(path)}`,
        'Fetch it again; or remove it, to write the image unchecked.',
      )
  }
  return null
}

/** The text of a list of sums; null where there is none. */
async function sumsIn(files: Files, path: string): Promise<string | null> {
  const found = await files.stat(path)
  if (found?.kind !== 'file' || found.sizeBytes > SUMS_MAX_BYTES) return null
  return new TextDecoder().decode(await readWhole(files, path))
}

const LINES: Readonly<Record<SumKind, { plain: RegExp; tagged: RegExp }>> = {
  sha256: { plain: /^([\da-f]{64})(?: [ *](.+))?$/i, tagged: /^SHA(?:2-)?256 ?\((.+)\) ?= ([\da-f]{64})$/i },
  sha512: { plain: /^([\da-f]{128})(?: [ *](.+))?$/i, tagged: /^SHA(?:2-)?512 ?\((.+)\) ?= ([\da-f]{128})$/i },
}

/** What a list of sums, as of sha256sum, with --tag, or of openssl, says of a file. A file of its own may say the sum alone. */
function sumIn(text: string, name: string, isOwn: boolean, kind: SumKind): string | null {
  for (const line of text.split('\n')) {
    const isEscaped = line.startsWith('\\')
    const said = line.slice(isEscaped ? 1 : 0).trimEnd()
    const plain = LINES[kind].plain.exec(said)
    const tagged = LINES[kind].tagged.exec(said)
    const [sum, named] = plain ? [plain[1], plain[2]] : [tagged?.[2], tagged?.[1]]
    if (sum === undefined) continue
    if (named === undefined ? isOwn : basename(isEscaped ? unescaped(named) : named) === name) return sum.toLowerCase()
  }
  return null
}

const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' }

/** A name as sha256sum writes it in a line that begins with a backslash. */
function unescaped(name: string): string {
  return name.replaceAll(/\\[\\nr]/g, (escape) => ESCAPES[escape] ?? escape)
}

/** VERIFY_FAILED when an image has another sum than it should. */
export function checkSum(path: string, found: Sums, { kind, path: saidBy, sum }: FoundSum): void {
  if (found[kind] === sum.toLowerCase()) return
  throw new AppError('VERIFY_FAILED', `${path} has the ${NAMES[kind]} ${found[kind]}; ${saidBy} says ${sum}`, 'Fetch it again.')
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
