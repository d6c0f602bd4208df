/** How an artifact can be compressed, as mender-artifact calls it. zstd came with its 4.0. */
export const COMPRESSION_IDS = ['none', 'gzip', 'lzma', 'zstd_fastest', 'zstd_fast', 'zstd_better', 'zstd_best'] as const

export type CompressionId = (typeof COMPRESSION_IDS)[number]
