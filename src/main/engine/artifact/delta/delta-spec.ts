import { AppError } from '../../../contract/errors.ts'
import type { Header } from '../header.ts'
import { withDefaults } from '../provides.ts'
import type { ArtifactSpec, BuildStamp, PayloadSource, ScriptSource } from '../write.ts'
import type { PatchFigures } from './make-patch.ts'
import { DELTA_PAYLOAD, PATCH_VERSION } from './patch-format.ts'

type Facts = Omit<Header, 'warnings'>

/** An image, and the header of the artifact that it came in; null for one that came as it is. */
export interface DeltaSide {
  label: string
  header: Facts | null
  sha256: string
}

/** What the artifact of an image without a header says of itself, and what is to be said otherwise than in the header. */
export interface DeltaName {
  name?: string | undefined
  deviceTypes?: readonly string[] | undefined
}

const CHECKSUM = 'rootfs-image.checksum'

/** A device that installed an artifact of mender-artifact's older flag has the checksum under this name. */
const LEGACY_CHECKSUM = 'rootfs_image_checksum'

/** The name and device types of the delta. BAD_INPUT where no delta between these two can be meant. */
export function namedDelta(from: DeltaSide, to: DeltaSide, given: DeltaName): { name: string; deviceTypes: readonly string[] } {
  for (const side of [from, to]) refuseOtherKind(side)
  const name = given.name ?? to.header?.name
  const deviceTypes = given.deviceTypes ?? to.header?.deviceTypes ?? []
  if (name === undefined || deviceTypes.length === 0) {
    const hint = 'Give the artifact name with -n NAME and the device type with -t TYPE.'
    throw new AppError('BAD_INPUT', `${to.label} is an image without a name`, hint)
  }
  const known = from.header?.deviceTypes ?? deviceTypes
  if (!known.some((type) => deviceTypes.includes(type))) {
    const message = `${from.label} is for ${known.join(', ')}, the delta for ${deviceTypes.join(', ')}`
    throw new AppError('BAD_INPUT', message, 'Make it between two artifacts for the same device type.')
  }
  if (from.sha256 !== to.sha256) return { name, deviceTypes }
  throw new AppError('BAD_INPUT', `${from.label} and ${to.label} hold the same image`, 'There is nothing to update.')
}

function refuseOtherKind({ header, label }: DeltaSide): void {
  if (header === null || header.payloadType === 'rootfs-image') return
  const hint = 'A delta is made between two rootfs-image artifacts, or their images.'
  throw new AppError('BAD_INPUT', `${label} is an artifact of type ${header.payloadType ?? 'bootstrap'}`, hint)
}

interface DeltaParts {
  from: DeltaSide
  to: DeltaSide
  named: { name: string; deviceTypes: readonly string[] }
  scripts: readonly ScriptSource[]
  figures: PatchFigures
  baseBytes: number
  imageBytes: number
  stamp: BuildStamp
  patch: Pick<PayloadSource, 'sizeBytes' | 'chunks'>
}

/**
 * The artifact around a patch: what the full artifact says, but it installs only where the old image is, and the update module rebuilds
 * what the checksums name.
 */
export function deltaSpec({ from, to, named, scripts, figures, stamp, patch, ...sizes }: DeltaParts): ArtifactSpec {
  const defaults = withDefaults({
    ...{ payloadType: 'rootfs-image', artifactName: named.name, provides: {}, clearsProvides: [] },
    ...{ hasDefaultSoftwareVersion: true, hasDefaultClearsProvides: true },
  })
  const { header } = to
  return {
    ...named,
    group: header?.group ?? null,
    payloadType: DELTA_PAYLOAD,
    dependsNames: header?.dependsNames ?? [],
    dependsGroups: header?.dependsGroups ?? [],
    provides: { ...(header?.provides ?? defaults.provides), [CHECKSUM]: figures.imageSha256 },
    depends: { ...plainDepends(header), [checksumKey(from)]: from.sha256 },
    clearsProvides: header?.clearsProvides ?? defaults.clearsProvides,
    metaData: {
      format_version: PATCH_VERSION,
      ...{ base_checksum: from.sha256, base_size: sizes.baseBytes },
      ...{ image_checksum: figures.imageSha256, image_size: sizes.imageBytes },
      ...{ copied_size: figures.copiedBytes, zero_size: figures.zeroBytes, compressed_size: figures.framedBytes },
    },
    scripts,
    files: [{ ...stamp, ...patch, name: 'rootfs.delta', mode: 0o644 }],
    checksumProvide: null,
    // The patch is compressed already.
    compression: 'none',
  }
}

/** Clients take one value for each key only. */
function plainDepends(header: Facts | null): Record<string, string> {
  return Object.fromEntries(
    Object.entries(header?.depends ?? {}).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
}

/** What devices with this image provide it as. */
export function checksumKey({ header, sha256 }: DeltaSide): string {
  return header?.provides[CHECKSUM] === undefined && header?.provides[LEGACY_CHECKSUM] === sha256 ? LEGACY_CHECKSUM : CHECKSUM
}

/** Above this part of the full artifact a delta saves too little for what it asks of the device. */
const PAYS_UP_TO = 0.7

/** What is to be known of a delta before it is sent, in sentences. */
export function deltaWarnings(from: DeltaSide, { sizeBytes, fullBytes }: { sizeBytes: number; fullBytes: number }): string[] {
  const warnings: string[] = []
  if (sizeBytes > PAYS_UP_TO * fullBytes) {
    warnings.push(`it has ${Math.round((100 * sizeBytes) / fullBytes)} % of the full artifact: that one asks less of the devices`)
  }
  if (from.header && Object.values(from.header.provides).every((value) => value !== from.sha256)) {
    warnings.push(`${from.label} provides no checksum of its image: devices that installed it will refuse the delta`)
  }
  return warnings
}
