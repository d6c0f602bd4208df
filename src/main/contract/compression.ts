/** How an artifact can be compressed, as mender-artifact calls it. zstd came with its 4.0. */
export const COMPRESSION_IDS = ['none', 'gzip', 'lzma', 'zstd_fastest', 'zstd_fast', 'zstd_better', 'zstd_best'] as const

export type CompressionId = (typeof COMPRESSION_IDS)[number]

/** What a command line may call them: `zstd` alone is the level that leaves gzip behind in both time and size. */
export const COMPRESSION_NAMES: ReadonlyMap<string, CompressionId> = new Map([
  ...COMPRESSION_IDS.map((id) => [id, id] as const),
  ['zstd', 'zstd_fast'],
])
