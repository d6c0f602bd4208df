/**
 * The structures of ext2, 3 and 4 as they lie on disk, with the field names and offsets of the kernel's documentation, "ext4 Data
 * Structures and Algorithms". Everything is little-endian.
 */

/** A number in a structure: where it begins, and its size in bytes. */
export interface Field {
  at: number
  bytes: 1 | 2 | 4
}

const u8 = (at: number): Field => ({ at, bytes: 1 })
const u16 = (at: number): Field => ({ at, bytes: 2 })
const u32 = (at: number): Field => ({ at, bytes: 4 })

export function get(view: DataView, { at, bytes }: Field): number {
  if (bytes === 4) return view.getUint32(at, true)
  return bytes === 2 ? view.getUint16(at, true) : view.getUint8(at)
}

export function put(view: DataView, { at, bytes }: Field, value: number): void {
  if (bytes === 4) view.setUint32(at, value, true)
  else if (bytes === 2) view.setUint16(at, value, true)
  else view.setUint8(at, value)
}

/** A number of which the lower part and the upper part stand apart. The upper part is not there in structures that are too short. */
export interface Halves {
  lo: Field
  hi: Field
}

export function getWide(view: DataView, { lo, hi }: Halves): number {
  return get(view, lo) + (hi.at < view.byteLength ? get(view, hi) * 2 ** (lo.bytes * 8) : 0)
}

export function putWide(view: DataView, { lo, hi }: Halves, value: number): void {
  const unit = 2 ** (lo.bytes * 8)
  put(view, lo, value % unit)
  if (hi.at < view.byteLength) put(view, hi, Math.floor(value / unit))
}

export const SUPERBLOCK_AT = 1024
export const SUPERBLOCK_BYTES = 1024
export const EXT_MAGIC = 0xef53

export const SUPER = {
  s_inodes_count: u32(0x0),
  s_blocks_count: { lo: u32(0x4), hi: u32(0x150) },
  s_r_blocks_count: { lo: u32(0x8), hi: u32(0x154) },
  s_free_blocks_count: { lo: u32(0xc), hi: u32(0x158) },
  s_free_inodes_count: u32(0x10),
  s_first_data_block: u32(0x14),
  s_log_block_size: u32(0x18),
  s_log_cluster_size: u32(0x1c),
  s_blocks_per_group: u32(0x20),
  s_clusters_per_group: u32(0x24),
  s_inodes_per_group: u32(0x28),
  s_mtime: u32(0x2c),
  s_wtime: u32(0x30),
  s_max_mnt_count: u16(0x36),
  s_magic: u16(0x38),
  s_state: u16(0x3a),
  s_errors: u16(0x3c),
  s_lastcheck: u32(0x40),
  s_rev_level: u32(0x4c),
  s_first_ino: u32(0x54),
  s_inode_size: u16(0x58),
  s_block_group_nr: u16(0x5a),
  s_feature_compat: u32(0x5c),
  s_feature_incompat: u32(0x60),
  s_feature_ro_compat: u32(0x64),
  /** 16 bytes. */
  s_uuid: u32(0x68),
  /** 16 bytes. */
  s_volume_name: u32(0x78),
  s_reserved_gdt_blocks: u16(0xce),
  s_journal_inum: u32(0xe0),
  s_last_orphan: u32(0xe8),
  /** Four numbers. */
  s_hash_seed: u32(0xec),
  s_def_hash_version: u8(0xfc),
  s_jnl_backup_type: u8(0xfd),
  s_desc_size: u16(0xfe),
  s_default_mount_opts: u32(0x100),
  s_first_meta_bg: u32(0x104),
  s_mkfs_time: u32(0x108),
  /** Seventeen numbers: i_block of the journal, and its size. */
  s_jnl_blocks: u32(0x10c),
  s_min_extra_isize: u16(0x15c),
  s_want_extra_isize: u16(0x15e),
  s_flags: u32(0x160),
  s_log_groups_per_flex: u8(0x174),
  s_checksum_type: u8(0x175),
  s_overhead_blocks: u32(0x248),
  s_backup_bgs: [u32(0x24c), u32(0x250)],
  s_checksum_seed: u32(0x270),
  s_checksum: u32(0x3fc),
} as const

/** s_state */
export const STATE = { VALID: 1, ERROR: 2 } as const
/** s_flags */
export const SUPER_FLAGS = { SIGNED_HASH: 1, UNSIGNED_HASH: 2 } as const

/** The group descriptor; the upper halves exist where s_desc_size is 64. */
export const GROUP = {
  bg_block_bitmap: { lo: u32(0x0), hi: u32(0x20) },
  bg_inode_bitmap: { lo: u32(0x4), hi: u32(0x24) },
  bg_inode_table: { lo: u32(0x8), hi: u32(0x28) },
  bg_free_blocks_count: { lo: u16(0xc), hi: u16(0x2c) },
  bg_free_inodes_count: { lo: u16(0xe), hi: u16(0x2e) },
  bg_used_dirs_count: { lo: u16(0x10), hi: u16(0x30) },
  bg_flags: u16(0x12),
  bg_block_bitmap_csum: { lo: u16(0x18), hi: u16(0x38) },
  bg_inode_bitmap_csum: { lo: u16(0x1a), hi: u16(0x3a) },
  bg_itable_unused: { lo: u16(0x1c), hi: u16(0x32) },
  bg_checksum: u16(0x1e),
} as const

/** bg_flags */
export const GROUP_FLAGS = { INODE_UNINIT: 1, BLOCK_UNINIT: 2, INODE_ZEROED: 4 } as const

/** The inode; from 0x80 on only where s_inode_size is more than 128, and as far as i_extra_isize says. */
export const INODE = {
  i_mode: u16(0x0),
  i_uid: { lo: u16(0x2), hi: u16(0x78) },
  i_size: { lo: u32(0x4), hi: u32(0x6c) },
  i_atime: u32(0x8),
  i_ctime: u32(0xc),
  i_mtime: u32(0x10),
  i_dtime: u32(0x14),
  i_gid: { lo: u16(0x18), hi: u16(0x7a) },
  i_links_count: u16(0x1a),
  i_blocks: { lo: u32(0x1c), hi: u16(0x74) },
  i_flags: u32(0x20),
  /** 60 bytes. */
  i_block: u32(0x28),
  i_generation: u32(0x64),
  i_file_acl: { lo: u32(0x68), hi: u16(0x76) },
  i_checksum: { lo: u16(0x7c), hi: u16(0x82) },
  i_extra_isize: u16(0x80),
  i_ctime_extra: u32(0x84),
  i_mtime_extra: u32(0x88),
  i_atime_extra: u32(0x8c),
  i_crtime: u32(0x90),
  i_crtime_extra: u32(0x94),
} as const

export const GOOD_OLD_INODE_BYTES = 128
export const I_BLOCK_BYTES = 60

/** i_flags */
export const INODE_FLAGS = {
  INDEX: 0x1000,
  HUGE_FILE: 0x4_0000,
  EXTENTS: 0x8_0000,
  VERITY: 0x10_0000,
  EA_INODE: 0x20_0000,
  INLINE_DATA: 0x1000_0000,
  CASEFOLD: 0x4000_0000,
} as const

export const EXTENT_HEADER = {
  eh_magic: u16(0x0),
  eh_entries: u16(0x2),
  eh_max: u16(0x4),
  eh_depth: u16(0x6),
} as const

export const EXTENT_MAGIC = 0xf30a
/** Of the header, of an extent and of an index. */
export const EXTENT_BYTES = 12

export const EXTENT = { ee_block: u32(0x0), ee_len: u16(0x4), ee_start: { lo: u32(0x8), hi: u16(0x6) } } as const
export const EXTENT_INDEX = { ei_block: u32(0x0), ei_leaf: { lo: u32(0x4), hi: u16(0x8) } } as const

/** An entry of a folder; without the feature filetype the type is the upper half of the length. */
export const DIR_ENTRY = { inode: u32(0x0), rec_len: u16(0x4), name_len: u8(0x6), file_type: u8(0x7) } as const
export const DIR_ENTRY_BYTES = 8
/** ext4_dir_entry_tail: looks like an unused entry at the end of a block, and carries its checksum. */
export const DIR_TAIL = { det_rec_len: u16(0x4), det_reserved_ft: u8(0x7), det_checksum: u32(0x8) } as const
export const DIR_TAIL_BYTES = 12
export const DIR_TAIL_TYPE = 0xde

/** dx_root, behind the entries `.` and `..`. */
export const DX_ROOT = { hash_version: u8(0x1c), info_length: u8(0x1d), indirect_levels: u8(0x1e) } as const
/** Where limit and count stand, in the place of the first entry's hash: in the root, and in the nodes below it. */
export const DX_ROOT_AT = 0x20
export const DX_NODE_AT = 0x8
export const DX_COUNT = { limit: u16(0x0), count: u16(0x2) } as const
export const DX_ENTRY = { hash: u32(0x0), block: u32(0x4) } as const
export const DX_ENTRY_BYTES = 8
/** dx_tail: behind as many entries as `limit` says. */
export const DX_TAIL = { dt_checksum: u32(0x4) } as const
export const DX_TAIL_BYTES = 8

/** ext4_xattr_header in a block of its own. */
export const XATTR_HEADER = {
  h_magic: u32(0x0),
  h_refcount: u32(0x4),
  h_blocks: u32(0x8),
  h_hash: u32(0xc),
  h_checksum: u32(0x10),
} as const
export const XATTR_HEADER_BYTES = 32
export const XATTR_MAGIC = 0xea02_0000
export const XATTR_ENTRY = {
  e_name_len: u8(0x0),
  e_name_index: u8(0x1),
  e_value_offs: u16(0x2),
  e_value_inum: u32(0x4),
  e_value_size: u32(0x8),
  e_hash: u32(0xc),
} as const
export const XATTR_ENTRY_BYTES = 16
