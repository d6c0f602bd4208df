import { basename } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { type ContentProblem, type KindContent, type NewArtifactKind, contentProblems } from '../../contract/new-artifact-kinds.ts'
import { CONTENT_FLAGS } from '../../contract/write-command.ts'
import { storedGzip } from '../artifact/gzip-stored.ts'
import { type PackageFacts, readDeb } from '../artifact/package-deb.ts'
import { readRpm } from '../artifact/package-rpm.ts'
import { singleFilePayload, textFile } from '../artifact/single-file.ts'
import { type Content, treeTar } from '../artifact/tar-tree.ts'
import type { ArtifactSpec, BuildStamp, PayloadSource } from '../artifact/write.ts'
import type { Files } from '../host.ts'
import { type Stamping, payloadOf } from './sources.ts'
import { treeOf } from './tree.ts'

/** What a kind makes of what it is given. */
export interface PackedContent extends Pick<ArtifactSpec, 'payloadType' | 'files' | 'metaData'> {
  /** The name in the version provide, where the update module wants one of its own. */
  softwareName?: string
  /** Takes the place of the provides that are cleared by default. */
  clearsProvides?: readonly string[]
  /** What a person should see before it goes out. */
  notes: readonly string[]
}

export interface Packing {
  files: Files
  stamping: Stamping
  /** Owner and time of files that are made. */
  stamp: BuildStamp
  /** Runs what may fail because of a field, so that the failure can name it. */
  atField: <T>(field: ContentProblem[0], work: () => Promise<T>) => Promise<T>
}

type Packer = (content: KindContent, packing: Packing) => Promise<PackedContent>

/**
 * The payload of a new artifact: for stock update modules the files that they expect (Mender's generators: single-file, directory,
 * docker, docker-compose), else those that are given. BAD_INPUT for what a module could not install.
 */
export async function contentOf(content: KindContent, packing: Packing): Promise<PackedContent> {
  for (const [field, message] of contentProblems(content)) {
    await packing.atField(field, () => Promise.reject(new AppError('BAD_INPUT', message, `Say it with ${CONTENT_FLAGS[field]}.`)))
  }
  return PACKERS[content.kind](content, packing)
}

function given({ paths }: KindContent, { files, stamping, atField }: Packing): Promise<PayloadSource[]> {
  return atField('paths', () => Promise.all(paths.map((path) => payloadOf(files, path, stamping))))
}

/** The files as they are. */
const plain: Packer = async (content, packing) => {
  const payloadType = content.kind === 'module-image' ? content.payloadType : content.kind
  return { payloadType, files: await given(content, packing), metaData: null, notes: [] }
}

const singleFile: Packer = async (content, packing) => {
  const { stamp } = packing
  const files = (await given(content, packing)).flatMap((file) => singleFilePayload(file, { destination: content.destination, stamp }))
  return { payloadType: 'single-file', files, metaData: null, notes: [] }
}

/** The whole folder as a tar, and where it goes. */
const directory: Packer = async ({ paths, destination }, packing) => {
  const tree = await folderTar('update.tar', './', { path: paths[0] ?? '', field: 'paths', packing })
  return { payloadType: 'directory', files: [tree, textFile('dest_dir', destination, packing.stamp)], metaData: null, notes: [] }
}

function packages(read: (chunks: AsyncIterable<Uint8Array>, name: string) => Promise<PackageFacts>): Packer {
  return async (content, packing) => {
    const files = await given(content, packing)
    const facts = await packing.atField('paths', () => Promise.all(files.map((file) => read(file.chunks(), file.name))))
    const notes = facts.map(({ name, version, architecture }) => `package ${name} ${version} (${architecture})`)
    // The modules install whatever ends right, so a name that clients refuse can be another: 1.0+b1~rc2 is common in versions.
    const renamed = files.map((file) => ({ ...file, name: file.name.replace(/[^\w\-.,]/g, '_') }))
    return { payloadType: content.kind, files: renamed, metaData: null, notes }
  }
}

/** No files: the device pulls the images that the meta-data names. */
const docker: Packer = async ({ containers, runArgs }) => {
  const loose = containers.filter((name) => !name.includes('@sha256:'))
  const notes = loose.map((name) => `${name} is not pinned by a digest: every device gets what the name means when it pulls`)
  return Promise.resolve({ payloadType: 'docker', files: [], metaData: { containers: [...containers], run_args: runArgs }, notes })
}

/** Manifests and images as tars, each with one folder of that name in it; a new composition takes the place of any before. */
const dockerCompose: Packer = async ({ paths, imagesPath, projectName }, packing) => {
  const images = await folderTar('images.tar', 'images/', { path: imagesPath ?? '', field: 'imagesPath', packing })
  const manifests = await folderTar('manifests.tar', 'manifests/', { path: paths[0] ?? '', field: 'paths', packing })
  return {
    payloadType: 'docker-compose',
    files: [{ ...images, name: 'images.tar.gz', ...storedGzip(images) }, manifests],
    metaData: { version: '1', project_name: projectName },
    softwareName: `mender-docker-compose.${projectName}`,
    clearsProvides: ['*mender-docker-compose.*'],
    notes: [],
  }
}

const PACKERS: Readonly<Record<NewArtifactKind, Packer>> = {
  'rootfs-image': plain,
  'single-file': singleFile,
  directory,
  script: plain,
  deb: packages(readDeb),
  rpm: packages(readRpm),
  docker,
  'docker-compose': dockerCompose,
  'module-image': plain,
  'bootstrap-artifact': () => Promise.resolve({ payloadType: null, files: [], metaData: null, notes: [] }),
}

interface FolderSource {
  path: string
  field: ContentProblem[0]
  packing: Packing
}

async function folderTar(name: string, prefix: string, { path, field, packing }: FolderSource): Promise<PayloadSource> {
  const { files, stamping, stamp, atField } = packing
  const nodes = await atField(field, () => treeOf(files, path, stamping))
  const isInside = prefix !== './'
  if (isInside && !nodes.some(({ kind }) => kind === 'file')) {
    await atField(field, () => Promise.reject(new AppError('BAD_INPUT', `There is no file in ${basename(path)}`, 'Choose another folder.')))
  }
  return madeFile(name, treeTar(nodes, prefix), stamp)
}

function madeFile(name: string, content: Content, stamp: BuildStamp): PayloadSource {
  return { ...stamp, name, mode: 0o644, ...content }
}
