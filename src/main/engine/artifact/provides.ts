/** What the flags of mender-artifact say about provides and clears-provides. */
export interface ProvidesOptions {
  payloadType: string
  artifactName: string
  softwareName?: string | undefined
  softwareVersion?: string | undefined
  softwareFilesystem?: string | undefined
  hasDefaultSoftwareVersion: boolean
  hasDefaultClearsProvides: boolean
  /** Given by the user; they win over the defaults. */
  provides: Readonly<Record<string, string>>
  clearsProvides: readonly string[]
}

export interface Provides {
  provides: Record<string, string>
  clearsProvides: string[]
}

const DEFAULT_FILESYSTEM = 'rootfs-image'

/**
 * Provides and clears-provides with mender-artifact's defaults (mender-artifact format, "Provides / depends / clears, defaults").
 * The checksum of a rootfs-image is not among them: the writer adds it.
 */
export function withDefaults(options: ProvidesOptions): Provides {
  return { provides: { ...softwareVersion(options), ...options.provides }, clearsProvides: clears(options) }
}

const isRootfs = ({ payloadType }: ProvidesOptions): boolean => payloadType === 'rootfs-image'

/** `rootfs-image`, `rootfs-image.NAME`, `FILESYSTEM.TYPE`…: what the version of this software is called without `.version`. */
function softwareKey(options: ProvidesOptions): string {
  const { softwareName, softwareFilesystem, payloadType, hasDefaultSoftwareVersion } = options
  const fallbackName = isRootfs(options) || !hasDefaultSoftwareVersion ? undefined : payloadType
  const name = softwareName ?? fallbackName
  return [softwareFilesystem ?? DEFAULT_FILESYSTEM, ...(name === undefined ? [] : [name])].join('.')
}

function softwareVersion(options: ProvidesOptions): Record<string, string> {
  const { softwareVersion: version, artifactName, hasDefaultSoftwareVersion } = options
  if (version === undefined && !hasDefaultSoftwareVersion) return {}
  return { [`${softwareKey(options)}.version`]: version ?? artifactName }
}

function clears(options: ProvidesOptions): string[] {
  const { softwareName, softwareFilesystem, clearsProvides, hasDefaultSoftwareVersion, hasDefaultClearsProvides } = options
  if (!hasDefaultClearsProvides || !hasDefaultSoftwareVersion) return [...clearsProvides]
  const isWholeRootfs = isRootfs(options) && softwareName === undefined && softwareFilesystem === undefined
  const legacy = isWholeRootfs ? ['artifact_group', 'rootfs_image_checksum'] : []
  return [...new Set([...clearsProvides, ...legacy, `${softwareKey(options)}.*`])]
}
