import { randomBytes } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Signer } from '../artifact/sign.ts'
import { writeArtifact } from '../artifact/write.ts'
import type { Host } from '../host.ts'
import { readChunks } from '../lib/file-streams.ts'

export const BENCH_ARTIFACT_NAMES = { first: 'virtual-os-v1', good: 'virtual-os-v2', broken: 'virtual-os-v2-broken' } as const

/** What the maker of artifacts tells whoever waits for it. */
export interface BuildProgress {
  readonly signal: AbortSignal
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
  log(line: string): void
}

export interface BuiltArtifact {
  /** The .mender file. */
  path: string
  /** The artifact name. */
  name: string
  description: string
  imageBytes: number
  sizeBytes: number
}

export interface RootfsOptions {
  /** A folder to work in, absolute; the image is left in it. */
  folder: string
  name: string
  /** Without /sbin/init no kernel comes up on it. */
  hasInit: boolean
  /** Bytes of content that do not compress. */
  fillBytes: number
  sizeMiB: number
  signal?: AbortSignal
}

/** Builds a small real ext4 root file system with mke2fs and answers its path. TOOL_MISSING without e2fsprogs. */
export async function buildRootfs(host: Host, options: RootfsOptions): Promise<string> {
  const { folder, name, hasInit, fillBytes, sizeMiB, signal } = options
  const tree = `${folder}/${name}.root`
  const image = `${folder}/${name}.ext4`
  await host.files.remove(tree)
  await host.files.remove(image)
  const files: { path: string; content: Uint8Array; mode: number }[] = [
    { path: 'etc/os-release', content: textBytes(`NAME="Virtual OS"\nVERSION_ID="${name}"\n`), mode: 0o644 },
    { path: 'etc/mender/artifact_info', content: textBytes(`artifact_name=${name}\n`), mode: 0o644 },
    { path: 'usr/lib/content.bin', content: randomBytes(fillBytes), mode: 0o644 },
  ]
  if (hasInit) files.push({ path: 'sbin/init', content: textBytes('#!/bin/sh\nexec sleep infinity\n'), mode: 0o755 })
  for (const { path, content, mode } of files) {
    await host.files.makeFolder(`${tree}/${path.slice(0, path.lastIndexOf('/'))}`)
    await using file = await host.files.open(`${tree}/${path}`, 'create')
    await file.write(content, 0)
    await host.files.setMode(`${tree}/${path}`, mode)
  }
  const args = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-m', '0', '-E', 'root_owner=0:0', '-d', tree, image, `${sizeMiB}M`]
  const made = await runMke2fs(host, args, signal)
  if (made.exitCode !== 0) throw new AppError('INTERNAL', `mke2fs failed: ${made.stderr.trim()}`, 'See whether the disk is full.')
  await host.files.remove(tree)
  return image
}

const MKE2FS = ['mke2fs', '/usr/sbin/mke2fs', '/sbin/mke2fs']

/** On many systems sbin is not on an ordinary user's path. */
async function runMke2fs(host: Host, args: readonly string[], signal: AbortSignal | undefined) {
  for (const name of MKE2FS) {
    try {
      return await host.programs.run(name, args, signal ? { signal } : {})
    } catch (thrown) {
      if (!(thrown instanceof AppError && thrown.code === 'TOOL_MISSING')) throw thrown
    }
  }
  throw new AppError('TOOL_MISSING', 'mke2fs is not installed', 'Install e2fsprogs (apt install e2fsprogs) and try again.')
}

/** Writes a signed rootfs-image artifact of an image for virtual boards; answers its size. */
export async function writeRootfsArtifact(
  host: Host,
  parts: { image: string; path: string; name: string; deviceType: string; signer: Signer },
  options: { signal?: AbortSignal; onProgress?: (doneBytes: number) => void } = {},
): Promise<{ sizeBytes: number; imageBytes: number }> {
  const { image, path, name, deviceType, signer } = parts
  await using source = await host.files.open(image, 'read')
  await host.files.remove(path)
  await using target = await host.files.open(path, 'create')
  const imageBytes = await source.sizeBytes()
  const stamp = { uid: 0, gid: 0, uname: 'root', gname: 'root', modifiedAt: Math.floor(host.clock.now() / 1000) * 1000 }
  const { sizeBytes } = await writeArtifact(
    {
      ...{ name, group: null, deviceTypes: [deviceType], payloadType: 'rootfs-image', dependsNames: [], dependsGroups: [], depends: {} },
      provides: { 'rootfs-image.version': name },
      clearsProvides: ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*'],
      ...{ metaData: null, scripts: [], checksumProvide: 'rootfs-image.checksum', compression: 'gzip' },
      files: [{ name: 'rootfs.ext4', sizeBytes: imageBytes, mode: 0o644, ...stamp, chunks: () => readChunks(source) }],
    },
    target,
    { stamp, signer, ...options },
  )
  await target.sync()
  return { sizeBytes, imageBytes }
}

const PLAN = [
  { name: BENCH_ARTIFACT_NAMES.first, hasInit: true, description: 'The system that virtual boards leave the factory with' },
  { name: BENCH_ARTIFACT_NAMES.good, hasInit: true, description: 'An update that works' },
  { name: BENCH_ARTIFACT_NAMES.broken, hasInit: false, description: 'An update that does not boot: it has no init' },
] as const

/** Builds the three signed artifacts of the virtual bench, about 10 MB each, in `folder`. */
export async function buildBenchArtifacts(parts: {
  host: Host
  folder: string
  deviceType?: string
  signer: Signer
  job: BuildProgress
}): Promise<BuiltArtifact[]> {
  const { host, folder, signer, job, deviceType = 'virtual' } = parts
  await host.files.makeFolder(folder)
  const built: BuiltArtifact[] = []
  for (const [index, { name, hasInit, description }] of PLAN.entries()) {
    job.progress(index, PLAN.length, 'items')
    const image = await buildRootfs(host, { folder, name, hasInit, fillBytes: 10 << 20, sizeMiB: 16, signal: job.signal })
    const path = `${folder}/${name}.mender`
    const sizes = await writeRootfsArtifact(host, { image, path, name, deviceType, signer }, { signal: job.signal })
    await host.files.remove(image)
    job.log(`${name}.mender: ${sizes.sizeBytes} bytes, for device type ${deviceType}`)
    built.push({ path, name, description, ...sizes })
  }
  job.progress(PLAN.length, PLAN.length, 'items')
  return built
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
