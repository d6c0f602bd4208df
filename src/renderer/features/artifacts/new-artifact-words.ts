import { t } from '@lingui/core/macro'
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
    ...{ title: t`Root file system`, icon: HardDrive, paths: t`Image` },
    about: t`A whole system for the other slot. The device reboots into it, and back when it does not come up.`,
  },
  'single-file': { title: t`Single file`, icon: FileText, paths: t`File`, about: t`One file, put into a folder of the device.` },
  directory: {
    ...{ title: t`Directory`, icon: Folder, paths: t`Folder` },
    about: t`A folder that takes the place of one on the device, with all that is in it.`,
  },
  script: {
    title: t`Script`,
    icon: FileCode,
    paths: t`Scripts`,
    about: t`Programs that the device runs once, in the order of their names.`,
  },
  deb: { title: t`Debian packages`, icon: Package, paths: t`Packages`, about: t`Installed with dpkg.` },
  rpm: { title: t`RPM packages`, icon: Package, paths: t`Packages`, about: t`Installed with rpm.` },
  docker: {
    title: t`Docker images`,
    icon: Container,
    paths: null,
    about: t`The device pulls the images and runs them; it needs their registry.`,
  },
  'docker-compose': {
    ...{ title: t`Docker Compose`, icon: Boxes, paths: t`Folder with the manifests` },
    about: t`A composition with its images inside: the device needs no registry.`,
  },
  'module-image': {
    ...{ title: t`Update module`, icon: Puzzle, paths: t`Files` },
    about: t`Any update module by its name, with the files and meta-data that it takes.`,
  },
  'bootstrap-artifact': {
    ...{ title: t`Bootstrap`, icon: Flag, paths: null },
    about: t`No payload. Tells a freshly written device what it runs.`,
  },
}

/** Which clients take a compression, and what it costs. */
const COMPRESSION_WORDS: Readonly<Record<CompressionId, string>> = {
  none: t`Every client. Large`,
  gzip: t`Every client`,
  lzma: t`Clients built with lzma. Small, slow`,
  zstd_fastest: t`Client 4.0 and later. The quickest`,
  zstd_fast: t`Client 4.0 and later. Quick and small`,
  zstd_better: t`Client 4.0 and later. Smaller`,
  zstd_best: t`Client 4.0 and later. The smallest, slow`,
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
  destination: { label: t`Folder on the device`, placeholder: '/etc/myapp' },
  payloadType: { label: t`Name of the update module`, placeholder: 'my-module' },
  containers: { label: t`Images`, placeholder: t`One a line, best NAME@sha256:DIGEST`, isLines: true },
  projectName: { label: t`Project name`, placeholder: 'shop' },
  imagesPath: { label: t`Folder with the images (docker save)`, placeholder: '/path/to/images', path: 'folder' },
  runArgs: { label: t`Arguments of docker run`, placeholder: '-p 80:80 --restart=always' },
  metaDataPath: { label: t`Meta-data (JSON file)`, placeholder: t`None`, path: 'file' },
} as const satisfies Readonly<Record<string, OwnWords>>

export type OwnField = keyof typeof OWN_WORDS

/** What a field of a kind's own is called, with all that may be said of one. */
export function ownWords(field: OwnField): OwnWords {
  return OWN_WORDS[field]
}
