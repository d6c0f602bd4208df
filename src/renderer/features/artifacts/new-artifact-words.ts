import { COMPRESSION_IDS, type CompressionId } from '@contract/compression.ts'
import type { NewArtifactKind } from '@contract/new-artifact-kinds.ts'
import { Boxes, Container, FileCode, FileText, Flag, Folder, HardDrive, type LucideIcon, Package, Puzzle } from 'lucide-react'

interface KindWords {
  title: string
  icon: LucideIcon
  about: string
  /** What its paths are called; null where it has none. */
  paths: string | null
}

/** What the form calls each kind, in the order of its list. */
export const KIND_WORDS: Readonly<Record<NewArtifactKind, KindWords>> = {
  'rootfs-image': {
    ...{ title: 'Root file system', icon: HardDrive, paths: 'Image' },
    about: 'A whole system for the other slot. The device reboots into it, and back when it does not come up.',
  },
  'single-file': { title: 'Single file', icon: FileText, paths: 'File', about: 'One file, put into a folder of the device.' },
  directory: {
    ...{ title: 'Directory', icon: Folder, paths: 'Folder' },
    about: 'A folder that takes the place of one on the device, with all that is in it.',
  },
  script: { title: 'Script', icon: FileCode, paths: 'Scripts', about: 'Programs that the device runs once, in the order of their names.' },
  deb: { title: 'Debian packages', icon: Package, paths: 'Packages', about: 'Installed with dpkg.' },
  rpm: { title: 'RPM packages', icon: Package, paths: 'Packages', about: 'Installed with rpm.' },
  docker: {
    title: 'Docker images',
    icon: Container,
    paths: null,
    about: 'The device pulls the images and runs them; it needs their registry.',
  },
  'docker-compose': {
    ...{ title: 'Docker Compose', icon: Boxes, paths: 'Folder with the manifests' },
    about: 'A composition with its images inside: the device needs no registry.',
  },
  'module-image': {
    ...{ title: 'Update module', icon: Puzzle, paths: 'Files' },
    about: 'Any update module by its name, with the files and meta-data that it takes.',
  },
  'bootstrap-artifact': {
    ...{ title: 'Bootstrap', icon: Flag, paths: null },
    about: 'No payload. Tells a freshly written device what it runs.',
  },
}

/** Which clients take a compression, and what it costs. */
const COMPRESSION_WORDS: Readonly<Record<CompressionId, string>> = {
  none: 'Every client. Large',
  gzip: 'Every client',
  lzma: 'Clients built with lzma. Small, slow',
  zstd_fastest: 'Client 4.0 and later. The quickest',
  zstd_fast: 'Client 4.0 and later. Quick and small',
  zstd_better: 'Client 4.0 and later. Smaller',
  zstd_best: 'Client 4.0 and later. The smallest, slow',
}

export const COMPRESSIONS = COMPRESSION_IDS.map((value) => ({ value, label: value, about: COMPRESSION_WORDS[value] }))

interface OwnWords {
  label: string
  placeholder: string
  /** Several, one a line. */
  isLines?: boolean
  /** A path of this machine: of a file or of a folder. */
  path?: 'file' | 'folder'
}

/** The fields that belong to some kinds alone. */
export const OWN_WORDS = {
  destination: { label: 'Folder on the device', placeholder: '/etc/myapp' },
  payloadType: { label: 'Name of the update module', placeholder: 'my-module' },
  containers: { label: 'Images', placeholder: 'One a line, best NAME@sha256:DIGEST', isLines: true },
  projectName: { label: 'Project name', placeholder: 'shop' },
  imagesPath: { label: 'Folder with the images (docker save)', placeholder: '/path/to/images', path: 'folder' },
  runArgs: { label: 'Arguments of docker run', placeholder: '-p 80:80 --restart=always' },
  metaDataPath: { label: 'Meta-data (JSON file)', placeholder: 'None', path: 'file' },
} as const satisfies Readonly<Record<string, OwnWords>>

export type OwnField = keyof typeof OWN_WORDS

/** What a field of a kind's own is called, with all that may be said of one. */
export function ownWords(field: OwnField): OwnWords {
  return OWN_WORDS[field]
}
