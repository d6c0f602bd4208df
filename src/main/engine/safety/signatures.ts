import type { ReadImage } from '../image/image-bytes.ts'

/** A mark in a volume: text, or bytes in hexadecimal digits. A position below zero counts from the end. */
interface Mark {
  at: number
  text?: string
  hex?: string
  /** Counted from an end that is rounded down to so many bytes. */
  alignedTo?: number
}

/** Two pages of a sector each end of the label of an LVM volume may lie in. */
const LVM_SECTORS = [0, 512, 1024, 1536] as const
const KIB = 1024

/** What a volume may be besides ext and FAT, as blkid names it, with marks of which one is enough. The first that fits counts. */
const KNOWN: readonly [string, readonly Mark[]][] = [
  ['crypto_LUKS', [{ at: 0, hex: '4c554b53babe' }]],
  ['LVM2_member', LVM_SECTORS.map((at) => ({ at: at + 24, text: 'LVM2 001' }))],
  [
    'linux_raid_member',
    // Versions 1.2, 1.1, 1.0 and 0.90, and the last one of the other byte order.
    [
      { at: 4 * KIB, hex: 'fc4e2ba9' },
      { at: 0, hex: 'fc4e2ba9' },
      { at: -8 * KIB, alignedTo: 4 * KIB, hex: 'fc4e2ba9' },
      { at: -64 * KIB, alignedTo: 64 * KIB, hex: 'fc4e2ba9' },
      { at: -64 * KIB, alignedTo: 64 * KIB, hex: 'a92b4efc' },
    ],
  ],
  ['isw_raid_member', [{ at: -2 * 512, text: 'Intel Raid ISM Cfg Sig. ' }]],
  ['ddf_raid_member', [{ at: -512, hex: 'de11de11' }]],
  ['bcache', [{ at: 4 * KIB + 24, hex: 'c68573f64e1a45ca8265f57f48ba6d81' }]],
  ['stratis', [{ at: 512 + 4, hex: '2153747261746973' }]],
  ['BitLocker', [{ at: 3, text: '-FVE-FS-' }]],
  ['zfs_member', zfsMarks()],
  ['swap', [4, 8, 16, 64].map((kib) => ({ at: kib * KIB - 10, text: 'SWAPSPACE2' }))],
  ['btrfs', [{ at: 64 * KIB + 64, text: '_BHRfS_M' }]],
  ['xfs', [{ at: 0, text: 'XFSB' }]],
  ['ntfs', [{ at: 3, text: 'NTFS    ' }]],
  ['exfat', [{ at: 3, text: 'EXFAT   ' }]],
  ['f2fs', [{ at: KIB, hex: '1020f5f2' }]],
  ['iso9660', [{ at: 32 * KIB + 1, text: 'CD001' }]],
  ['squashfs', [{ at: 0, text: 'hsqs' }]],
  ['erofs', [{ at: KIB, hex: 'e2e1f5e0' }]],
]

/** The ring of uberblocks in each of the first two labels: any of them may be in use, of either byte order. */
function zfsMarks(): Mark[] {
  const at = [0, 256 * KIB].flatMap((label) => Array.from({ length: 128 }, (_, index) => label + 128 * KIB + index * KIB))
  return at.flatMap((position) => ['0cb1ba0000000000', '0000000000bab10c'].map((hex) => ({ at: position, hex })))
}

const FRONT_BYTES = 512 * KIB
const BACK_BYTES = 128 * KIB

/** What a volume is by its marks; empty when it has none that is known here. Reads its first 512 KiB and its last 128. */
export async function signatureOf(read: ReadImage, sizeBytes: number): Promise<string> {
  const front = await bytesAt(read, 0, Math.min(FRONT_BYTES, sizeBytes))
  const backAt = Math.max(0, sizeBytes - BACK_BYTES)
  const back = await bytesAt(read, backAt, sizeBytes - backAt)
  const isThere = ({ at, alignedTo = 1, text, hex }: Mark): boolean => {
    const wanted = text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text, 'latin1')
    const end = Math.floor(sizeBytes / alignedTo) * alignedTo
    const [bytes, position] = at < 0 ? [back, end + at - backAt] : [front, at]
    return position >= 0 && wanted.equals(bytes.subarray(position, position + wanted.length))
  }
  return KNOWN.find(([, marks]) => marks.some(isThere))?.[0] ?? ''
}

async function bytesAt(read: ReadImage, position: number, length: number): Promise<Buffer> {
  const view = await read(position, length)
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
