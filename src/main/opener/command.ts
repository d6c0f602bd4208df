/** The exit code of the lock when somebody else has the drive. */
export const LOCKED = 75

/**
 * The whole disk is locked for as long as the writer runs: udev and everything else that keeps to it leaves the disk alone meanwhile
 * (systemd.io/BLOCK_DEVICE_LOCKING). Whoever looks at it for a moment is waited for.
 */
export const LOCK = ['flock', '--exclusive', '--timeout', '10', '--conflict-exit-code', String(LOCKED)] as const

/** The opener's option to have nobody asked for a password. */
export const UNASKED = '--unasked'

/** What the opener ends with when it becomes no writer; the numbers are pkexec's where that has one. */
export const OPENER_EXIT = { refused: 77, dismissed: 126, noWay: 127 } as const
