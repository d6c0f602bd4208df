import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { Files, Host } from '../host.ts'
import { readAhead, readWhole, writeAtomic } from '../lib/file-streams.ts'
import { Apt, type OfferedPackage } from './apt.ts'
import type { Definition } from './definition.ts'

const fetched = z.object({
  /** What was asked for. */
  wanted: z.string(),
  packages: z.array(z.object({ name: z.string(), version: z.string(), file: z.string(), sizeBytes: z.number(), sha256: z.string() })),
})

/** The packages of a board, on this machine. */
export interface PackageSet {
  folder: string
  packages: readonly OfferedPackage[]
}

export interface PackageWish {
  host: Pick<Host, 'files' | 'programs'>
  /** Where packages are kept. */
  folder: string
  definition: Definition
  signal: AbortSignal
  onProgress(done: number, total: number): void
}

const LIST = 'packages.json'
/** Begins the name of a folder that apt works in. */
const PASSING = 'apt-'
/** Ends the name of a file that is not whole yet. */
const UNFINISHED = '.new'

/**
 * The packages of a board: those that were fetched before, all of one time, else those that the package sources offer now. TOOL_MISSING,
 * NOT_FOUND where they are neither here nor to be had.
 */
export async function packagesFor(wish: PackageWish): Promise<PackageSet> {
  const { folder, definition } = wish
  const wanted = wantedBy(definition)
  const known = await knownPackages(wish, wanted)
  if (known !== null) return { folder, packages: known }
  const { files } = wish.host
  const passing = join(folder, `${PASSING}${randomUUID()}`)
  try {
    await files.makeFolder(passing)
    const apt = await Apt.open({ ...wish, folder: passing, architecture: definition.board.architecture })
    const kernel = await apt.dependency(definition.board.kernel, 'linux-image-')
    const packages = await apt.offered([...definition.board.packages, definition.board.uboot.package, kernel])
    await fetch(packages, apt, { ...wish, passing })
    await writeAtomic(files, join(folder, LIST), Buffer.from(`${JSON.stringify({ wanted, packages }, null, 2)}\n`))
    await removeOthers(files, folder, packages)
    return { folder, packages }
  } finally {
    await files.remove(passing)
  }
}

/** Removes what was left by who was killed in the midst of fetching or making. Behind a link others may be at work. */
export async function removePassing(files: Files, folder: string): Promise<void> {
  if ((await files.statName(folder))?.kind !== 'folder') return
  for (const name of await files.list(folder))
    if (name.startsWith(PASSING) || name.endsWith(UNFINISHED)) await files.remove(join(folder, name))
}

/** Packages that were fetched before these. */
async function removeOthers(files: Files, folder: string, packages: readonly OfferedPackage[]): Promise<void> {
  const kept = new Set(packages.map(({ file }) => file))
  for (const name of await files.list(folder)) if (name.endsWith('.deb') && !kept.has(name)) await files.remove(join(folder, name))
}

function wantedBy({ board: { architecture, packages, kernel, uboot } }: Definition): string {
  return [architecture, ...packages, kernel, uboot.package].join(' ')
}

/** null where they are not all here, or others are wanted now. */
async function knownPackages({ host: { files }, folder }: PackageWish, wanted: string): Promise<OfferedPackage[] | null> {
  if ((await files.stat(join(folder, LIST))) === null) return null
  const said = fetched.safeParse(jsonOf(await readWhole(files, join(folder, LIST))))
  if (!said.success || said.data.wanted !== wanted) return null
  for (const each of said.data.packages) if (!(await isHere(files, folder, each))) return null
  return said.data.packages
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

async function isHere(files: Files, folder: string, { file, sizeBytes }: OfferedPackage): Promise<boolean> {
  return (await files.stat(join(folder, file)))?.sizeBytes === sizeBytes
}

/** Fetches what is not here yet. */
async function fetch(
  packages: readonly OfferedPackage[],
  apt: Apt,
  { host: { files }, folder, passing, onProgress }: PackageWish & { passing: string },
): Promise<void> {
  const missing: OfferedPackage[] = []
  for (const each of packages) if (!(await isHere(files, folder, each))) missing.push(each)
  if (missing.length === 0) return
  const total = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  await apt.fetch(missing, passing, (done) => onProgress(done, total))
  for (const each of missing) {
    await checkPackage(files, passing, each)
    await files.rename(join(passing, each.file), join(folder, each.file))
  }
}

/** VERIFY_FAILED for a file that is not what the package sources said. */
export async function checkPackage(files: Files, folder: string, { file, sha256 }: OfferedPackage): Promise<void> {
  await using open = await files.open(join(folder, file), 'read')
  const hash = createHash('sha256')
  for await (const piece of readAhead(open)) hash.update(piece)
  if (hash.digest('hex') === sha256) return
  throw new AppError('VERIFY_FAILED', `${join(folder, file)} is damaged: its SHA-256 is not ${sha256}`, 'Remove it and try again.')
}
