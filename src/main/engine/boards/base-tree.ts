import { gzipSync } from 'node:zlib'
import { basename, join } from 'node:path'
import { debFiles } from '../artifact/deb-archive.ts'
import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import type { OfferedPackage } from './apt.ts'
import { encodeCpio } from './cpio.ts'
import type { Definition, OwnFile } from './definition.ts'
import { type PackageSet, checkPackage } from './packages.ts'
import { Tree, takeTar } from './tree.ts'

export interface BaseJob {
  files: Files
  signal: AbortSignal
  /** Bytes of the packages. */
  onProgress(done: number, total: number): void
}

export interface Base {
  rootfs: Tree
  uboot: Uint8Array
}

/** What all root file systems of a board have, out of its packages and its own files. VERIFY_FAILED, ARTIFACT_INVALID. */
export async function baseTree(definition: Definition, set: PackageSet, job: BaseJob): Promise<Base> {
  const { board } = definition
  const { rootfs, kernel, uboot } = await unpacked(definition, set, job)
  for (const folder of board.rootfs.folders) rootfs.folder(folder)
  for (const applet of board.rootfs.applets.split(/\s+/)) rootfs.put(`/bin/${applet}`, { kind: 'link', target: 'busybox' })
  for (const [path, target] of Object.entries(board.rootfs.links)) rootfs.put(path, { kind: 'link', target })
  for (const file of definition.rootfs) putOwn(rootfs, file)
  rootfs.putFile('/etc/shadow', contentAt(rootfs, '/etc/shadow'), 0o600)
  putKernel(rootfs, kernel, definition)
  return { rootfs, uboot: contentAt(uboot, board.uboot.file) }
}

/** A script is what begins with #!, whatever modes were lost on the way here. */
function putOwn(tree: Tree, { path, content }: OwnFile): void {
  const isScript = Buffer.from(content.subarray(0, 2)).toString() === '#!'
  tree.putFile(path, content, isScript ? 0o755 : 0o644)
}

async function unpacked({ board }: Definition, { folder, packages }: PackageSet, job: BaseJob) {
  const trees = { rootfs: new Tree(), kernel: new Tree(), uboot: new Tree() }
  const left = board.rootfs.leaveOut.map((path) => (path.endsWith('*') ? path.slice(0, -1) : `${path}/`))
  const modules = new Set([...board.modules.early, ...board.modules.late].map((name) => `${name}.ko`))
  const copied = new Set(Object.values(board.rootfs.copies))
  const isWanted = {
    rootfs: (path: string) => !left.some((start) => `${path}/`.startsWith(start)) || copied.has(path),
    kernel: (path: string) => path.startsWith('/boot/vmlinuz') || modules.has(basename(path)),
    uboot: (path: string) => path === board.uboot.file,
  }
  const total = packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let done = 0
  for (const each of packages) {
    job.signal.throwIfAborted()
    const kind = partOf(each, board)
    await checkPackage(job.files, folder, each)
    await using file = await job.files.open(join(folder, each.file), 'read')
    await takeTar(trees[kind], await debFiles(readAhead(file), each.file), isWanted[kind])
    done += each.sizeBytes
    job.onProgress(done, total)
  }
  for (const [path, from] of Object.entries(board.rootfs.copies)) trees.rootfs.putFile(path, contentAt(trees.rootfs, from), 0o755)
  for (const from of copied) trees.rootfs.remove(from)
  return trees
}

function partOf({ name }: OfferedPackage, { uboot }: Definition['board']): 'rootfs' | 'kernel' | 'uboot' {
  if (name.startsWith('linux-image-')) return 'kernel'
  return name === uboot.package ? 'uboot' : 'rootfs'
}

/** The kernel, the few modules that it needs in the order of their loading, and what mounts the root file system. */
function putKernel(rootfs: Tree, kernel: Tree, { board, initramfs }: Definition): void {
  const [image] = kernel.entries().find(([path]) => path.startsWith('/boot/vmlinuz-')) ?? []
  if (image === undefined) throw new AppError('ARTIFACT_INVALID', 'The package of the kernel holds none', 'Remove it and try again.')
  const modules = `/lib/modules/${image.slice('/boot/vmlinuz-'.length)}`
  const early = new Tree()
  for (const folder of ['/dev', '/proc', '/root']) early.folder(folder)
  for (const file of initramfs) putOwn(early, file)
  early.putFile('/bin/busybox', contentAt(rootfs, '/bin/busybox'), 0o755)
  putModules(early, kernel, { names: board.modules.early, folder: '/modules' })
  putModules(rootfs, kernel, { names: board.modules.late, folder: modules })
  rootfs.putFile('/boot/vmlinuz', contentAt(kernel, image))
  rootfs.putFile('/boot/initrd.img', gzipSync(encodeCpio(early)))
}

function putModules(tree: Tree, kernel: Tree, { names, folder }: { names: readonly string[]; folder: string }): void {
  const all = kernel.entries()
  for (const name of names) {
    const [, found] = all.find(([path]) => path.endsWith(`/${name}.ko`)) ?? []
    if (found?.kind !== 'file')
      throw new AppError('NOT_FOUND', `The kernel has no module ${name}`, 'It is none that virtual boards were tried with.')
    tree.putFile(`${folder}/${name}.ko`, found.content)
  }
  tree.putFile(`${folder}/order`, `${names.join('\n')}\n`)
}

function contentAt(tree: Tree, path: string): Uint8Array {
  const found = tree.get(path)
  if (found?.kind === 'file') return found.content
  throw new AppError('NOT_FOUND', `No package of the virtual board holds ${path}`, 'They are none that virtual boards were tried with.')
}
