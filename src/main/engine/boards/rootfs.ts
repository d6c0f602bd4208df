import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { sizeBytes } from '../../contract/sizes.ts'
import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { editFileSystem } from '../image/edit-file-system.ts'
import { makeExt4 } from '../image/ext4-make.ts'
import type { EditImage, EditableFileSystem } from '../image/file-system.ts'
import { replaceFile, writeAtomic } from '../lib/file-streams.ts'
import { derivedGuid } from '../lib/identifiers.ts'
import { copySparse, partEditor } from '../lib/image-edit.ts'
import { baseTree } from './base-tree.ts'
import type { Definition } from './definition.ts'
import type { PackageSet } from './packages.ts'
import { once, writeTree } from './tree.ts'

/** How a root file system fails; `commit-fails` is a good one, with a state script beside it. */
export type RootfsKind = 'good' | 'init-panics' | 'no-kernel' | 'init-hangs' | 'no-network' | 'commit-fails'

/** Counts up when the same packages and files are made into something else. */
const MAKING = 1

interface RootfsJob {
  files: Files
  signal: AbortSignal
  onProgress(done: number, total: number): void
}

/** The root file system that others are made from, and the boot loader of the same packages. */
export interface BaseFiles {
  rootfsPath: string
  ubootPath: string
  /** The time of everything in it. */
  madeAt: number
}

/** Builds them once for the same packages and files; what was built from others is removed. */
export async function baseFiles(definition: Definition, set: PackageSet, job: RootfsJob): Promise<BaseFiles> {
  const { files, signal } = job
  const { madeAt } = definition
  const key = keyOf(definition, set)
  const made = { madeAt, rootfsPath: join(set.folder, `rootfs-${key}.ext4`), ubootPath: join(set.folder, `u-boot-${key}.bin`) }
  if ((await files.stat(made.rootfsPath)) && (await files.stat(made.ubootPath))) return made
  const { rootfs, uboot } = await baseTree(definition, set, job)
  await writeAtomic(files, made.ubootPath, uboot)
  await replaceFile(files, made.rootfsPath, async (file) => {
    const bytes = sizeBytes(definition.board.rootfs.size)
    await file.truncate(bytes)
    const target = await makeExt4(partEditor(file, { startBytes: 0, sizeBytes: bytes }, signal), {
      ...{ label: 'rootfs', madeAt, hasJournal: false, reservedPercent: 0, bytesPerInode: 16_384 },
      ...{ uuid: derivedGuid(key, 'rootfs file system'), hashSeed: derivedGuid(key, 'rootfs hash') },
    })
    await writeTree(target, rootfs, { madeAt, signal })
    await target.finish()
  })
  for (const name of await files.list(set.folder))
    if (/^(rootfs|u-boot)-[\da-f]{16}\./.test(name) && !name.includes(key)) await files.remove(join(set.folder, name))
  return made
}

/** The same for the same outcome. */
function keyOf({ board, madeAt, rootfs, initramfs }: Definition, { packages }: PackageSet): string {
  const own = [rootfs, initramfs].map((all) => all.map(({ path, content }) => [path, Buffer.from(content).toString('base64')]))
  const words = JSON.stringify([MAKING, board, madeAt, own, packages.map(({ name, sha256 }) => [name, sha256])])
  return createHash('sha256').update(words).digest('hex').slice(0, 16)
}

export interface RootfsWish {
  artifactName: string
  kind: RootfsKind
}

/** Makes a root file system of a name out of the base. The same wish makes the same bytes. */
export async function writeRootfs({ rootfsPath, madeAt }: BaseFiles, path: string, wish: RootfsWish & RootfsJob): Promise<number> {
  const { files } = wish
  await using base = await files.open(rootfsPath, 'read')
  const bytes = await base.sizeBytes()
  await replaceFile(files, path, async (file) => {
    await file.truncate(bytes)
    const image = partEditor(file, { startBytes: 0, sizeBytes: bytes }, wish.signal)
    await copySparse({ file: base, startBytes: 0, sizeBytes: bytes }, image, wish)
    await edit(image, wish, madeAt)
  })
  return bytes
}

async function edit(image: EditImage, { artifactName, kind }: RootfsWish, madeAt: number): Promise<void> {
  const target = await editFileSystem(image, madeAt)
  if (target === null) throw new AppError('ARTIFACT_INVALID', 'The root file system of boards is damaged', 'Remove it from the cache.')
  const { texts, removed = [] } = CHANGES[kind]
  for (const [path, { text, mode }] of Object.entries({ ...namesOf(artifactName), ...texts })) {
    const content = Buffer.from(text)
    await target.writeFile(path, { mode, sizeBytes: content.length, content: once(content), modifiedAt: madeAt })
  }
  for (const path of removed) await target.remove(await pathOf(target, path))
  await target.finish()
}

/** A path in which `*` stands for the only name in its folder. */
async function pathOf(target: EditableFileSystem, path: string): Promise<string> {
  const [folder = '', rest] = path.split('/*/')
  if (rest === undefined) return path
  const [only] = await target.list(folder)
  return `${folder}/${only?.name}/${rest}`
}

type Texts = Readonly<Record<string, { text: string; mode: number }>>

function namesOf(artifactName: string): Texts {
  const system = `NAME="Virtual board"\nID=virtual-board\nPRETTY_NAME="Virtual board ${artifactName}"\nVERSION_ID="${artifactName}"\n`
  return {
    '/etc/mender/artifact_info': { text: `artifact_name=${artifactName}\n`, mode: 0o644 },
    '/etc/issue': { text: `${artifactName} \\l\n`, mode: 0o644 },
    '/etc/os-release': { text: system, mode: 0o644 },
  }
}

const init = (says: string, does: string): Texts => ({
  '/sbin/init': { text: `#!/bin/sh\necho "board: ${says}" >/dev/console\n${does}\n`, mode: 0o755 },
})

const CHANGES: Readonly<Record<RootfsKind, { texts: Texts; removed?: readonly string[] }>> = {
  good: { texts: {} },
  'commit-fails': { texts: {} },
  'init-panics': { texts: init('init ends', 'exit 1') },
  'init-hangs': { texts: init('init hangs', 'while :; do sleep 1000; done') },
  'no-kernel': { texts: {}, removed: ['/boot/vmlinuz'] },
  'no-network': { texts: {}, removed: ['/lib/modules/*/virtio_net.ko'] },
}

/** State scripts that belong into an artifact with such a root file system, by their names. */
export const SCRIPTS: Readonly<Partial<Record<RootfsKind, Readonly<Record<string, string>>>>> = {
  'commit-fails': { ArtifactCommit_Enter_10_refuse: '#!/bin/sh\necho "this version does not want to stay" >&2\nexit 1\n' },
}
