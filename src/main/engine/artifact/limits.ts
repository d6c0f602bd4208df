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
  headerExpanded: 64 * MiB,
  json: MiB / 2,
  script: 16 * MiB,
  payload: 1024 * 1024 * MiB,
  pax: 64 * 1024,
  entries: 10_000,
}

/** A client keeps one manifest line in 64 + 2 + 100 bytes, of which `data/0000/` takes ten. */
export const CLIENT_PAYLOAD_NAME_BYTES = 90

/** Longest artifact name that Mender's tools write, in bytes of UTF-8. */
export const ARTIFACT_NAME_BYTES = 256
