/** What a reader takes before it gives up, in bytes unless named otherwise. The format itself has no limits. */
export interface Limits {
  version: number
  manifest: number
  signature: number
  /** header.tar as stored. */
  header: number
  /** header.tar after decompression. */
  headerExpanded: number
  json: number
  script: number
  /** Sum of all payload files after decompression. */
  payload: number
  /** What data/0000.tar may expand to however little is stored. */
  expandedFloor: number
  /** How many times what is stored it may expand to beyond that. */
  expandedRatio: number
  /** One PAX record block. */
  pax: number
  /** Entries of the header and lines of the manifest. */
  entries: number
}

const MiB = 1 << 20

export const DEFAULT_LIMITS: Readonly<Limits> = {
  version: 1024,
  manifest: MiB,
  signature: 8 * 1024,
  header: 16 * MiB,
  // One script as large as may be, and what stands around it.
  headerExpanded: 18 * MiB,
  json: MiB / 2,
  script: 16 * MiB,
  payload: 1024 * 1024 * MiB,
  // An image of 40 MiB and its tar. With the header it takes less than 2 s of xz, the slowest decoder, also where the data is made to be
  // slow: 47 MB/s then, of zeros 160.
  expandedFloor: 41 * MiB,
  // A root file system of 4 GiB that is 10 % full reaches 25 to 40; of zeros gzip packs 1000 to 1, xz 7000, zstd 30000.
  expandedRatio: 100,
  pax: 64 * 1024,
  entries: 10_000,
}

/** The limits of a reader who was told, or not, that a payload may expand as far as it likes. */
export function limitsWith({ allowExpansion = false }: { allowExpansion?: boolean | undefined }): Readonly<Limits> {
  return allowExpansion ? { ...DEFAULT_LIMITS, expandedRatio: Number.POSITIVE_INFINITY } : DEFAULT_LIMITS
}

/** A client keeps one manifest line in 64 + 2 + 100 bytes, of which `data/0000/` takes ten. */
export const CLIENT_PAYLOAD_NAME_BYTES = 90

/** Longest artifact name that Mender's tools write, in bytes of UTF-8. */
export const ARTIFACT_NAME_BYTES = 256
