import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { CardLayout } from '../../contract/card-layout.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import type { Host } from '../host.ts'
import { encodeBootScript } from '../image/boot-script.ts'
import { masterScript } from '../image/uboot-script.ts'
import { writeAtomic } from '../lib/file-streams.ts'
import { type BoardSpec, boardSeed } from './board-seed.ts'
import { type Definition, readDefinition } from './definition.ts'
import { dropbearKey } from './host-key.ts'
import { packagesFor } from './packages.ts'
import { type BaseFiles, type RootfsWish, SCRIPTS, baseFiles, writeRootfs } from './rootfs.ts'

export const BUILD_STEPS = ['Packages', 'Root file system', 'Card'] as const

/** The job that a build runs in. */
export interface BuildJob {
  readonly signal: AbortSignal
  step(name: (typeof BUILD_STEPS)[number]): void
  progress(done: number, total: number | null, unit: 'bytes'): void
  log(line: string): void
}

export interface BuildParts {
  host: Pick<Host, 'files' | 'programs'>
  /** The definition of the board: `resources/boards/NAME`. */
  definitionFolder: string
  /** Writes a card image. Relative paths of the layout start at `folder`. */
  composeCard(job: BuildJob, card: { layout: CardLayout; folder: string; output: string }): Promise<{ sizeBytes: number }>
}

export interface BuiltCard {
  readonly cardPath: string
  readonly cardBytes: number
  /** What the machine starts, for QEMU's -bios. */
  readonly ubootPath: string
}

/**
 * Makes the card of a new board. Packages are fetched where `cacheFolder` has them not, and made into a root file system once for all
 * boards. TOOL_MISSING, NOT_FOUND, VERIFY_FAILED.
 */
export async function buildCard(
  job: BuildJob,
  parts: BuildParts,
  spec: BoardSpec,
  { cacheFolder, cardPath }: { cacheFolder: string; cardPath: string },
): Promise<BuiltCard> {
  const { files } = parts.host
  const { definition, base } = await prepared(job, parts, cacheFolder)
  const folder = `${cardPath}.${randomUUID()}.parts`
  try {
    await files.makeFolder(join(folder, 'boot'))
    await writeRootfs(base, join(folder, 'rootfs.ext4'), { artifactName: spec.artifactName, kind: 'good', ...listening(job, files) })
    job.step('Card')
    await writeAtomic(files, join(folder, 'boot/boot.scr'), bootScript(definition))
    const hostKeyPath = spec.hostKeyPem === null ? null : join(folder, 'host-key')
    if (spec.hostKeyPem !== null) await writeAtomic(files, join(folder, 'host-key'), dropbearKey(spec.hostKeyPem), 0o600)
    const layout = { ...definition.card, seed: boardSeed(definition.card.seed, spec, hostKeyPath) }
    const card = await parts.composeCard(job, { layout, folder, output: cardPath })
    return { cardPath, cardBytes: card.sizeBytes, ubootPath: base.ubootPath }
  } finally {
    await files.remove(folder)
  }
}

/** The boot loader alone, for a card that was made elsewhere; answers where it lies. */
export async function bootLoader(job: BuildJob, parts: BuildParts, cacheFolder: string): Promise<string> {
  return (await prepared(job, parts, cacheFolder)).base.ubootPath
}

export interface BuiltRootfs {
  readonly path: string
  readonly sizeBytes: number
  /** Paths of the state scripts that belong into the artifact. */
  readonly scripts: readonly string[]
}

/** Makes a root file system to write an artifact from, a good one or one that fails in a way of its own; its state scripts beside it. */
export async function buildRootfs(
  job: BuildJob,
  parts: BuildParts,
  wish: RootfsWish,
  { cacheFolder, path }: { cacheFolder: string; path: string },
): Promise<BuiltRootfs> {
  const { files } = parts.host
  const { base } = await prepared(job, parts, cacheFolder)
  const bytes = await writeRootfs(base, path, { ...wish, ...listening(job, files) })
  const scripts: string[] = []
  for (const [name, text] of Object.entries(SCRIPTS[wish.kind] ?? {})) {
    await files.makeFolder(`${path}.scripts`)
    scripts.push(join(`${path}.scripts`, name))
    await writeAtomic(files, join(`${path}.scripts`, name), Buffer.from(text), 0o755)
  }
  return { path, sizeBytes: bytes, scripts }
}

async function prepared(job: BuildJob, parts: BuildParts, cacheFolder: string): Promise<{ base: BaseFiles; definition: Definition }> {
  const { host, definitionFolder } = parts
  const definition = await readDefinition(host.files, definitionFolder)
  job.step('Packages')
  await host.files.makeFolder(cacheFolder)
  const set = await packagesFor({ ...{ host, folder: cacheFolder, definition }, ...listening(job, host.files) })
  job.step('Root file system')
  return { definition, base: await baseFiles(definition, set, listening(job, host.files)) }
}

function listening({ signal, progress }: BuildJob, files: Host['files']) {
  return { files, signal, onProgress: (done: number, total: number) => progress(done, total, 'bytes') }
}

function bootScript({ board, madeAt, card: { loader, seed } }: Definition): Uint8Array {
  const { at = 0, size = 0 } = loader.uboot ?? {}
  const place = { at: sizeBytes(at), size: sizeBytes(size) }
  const roots = { a: `${seed.storage}2`, b: `${seed.storage}3` }
  return encodeBootScript(masterScript(place, roots, board.boot.trim().split('\n')), { name: 'virtual board', madeAt })
}
