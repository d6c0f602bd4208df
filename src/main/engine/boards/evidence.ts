import type { TimelineEntry } from '../../contract/devices.ts'

/** How far a board has come since it was switched on or started anew, as its console shows. */
export type Phase = 'dark' | 'loader' | 'kernel' | 'init' | 'up' | 'panicked' | 'restarting' | 'halted'

export interface Evidence {
  phase: Phase
  /** Number of the partition on the card whose system was started; null before. */
  partition: number | null
  /** Whether that is an update which the boot loader tries. */
  isTrial: boolean
  /** The partition whose system was tried last, and has not been kept or given up yet. */
  tried: number | null
  /** The partition whose update was given up last; null while it was none. */
  givenUp: number | null
}

/** Of a board that has not said anything yet. */
export const NO_EVIDENCE: Evidence = { phase: 'dark', partition: null, isTrial: false, tried: null, givenUp: null }

/** What a new start of the board leaves of it. */
export function afresh({ tried, givenUp }: Evidence): Evidence {
  return { ...NO_EVIDENCE, tried, givenUp }
}

/** The boot loader's environment says whether the system that was started is an update to be tried. */
export function asTrial(now: Evidence, isTrial: boolean): Evidence {
  return { ...now, isTrial, tried: isTrial ? now.partition : null }
}

/** What the boot loader's environment says later: an update that runs and is no trial any more was kept. */
export function asKept(now: Evidence, boot: { partition: number; isTrial: boolean }): Evidence {
  const isKept = now.tried !== null && now.tried === boot.partition && !boot.isTrial
  return isKept ? { ...now, isTrial: false, tried: null } : now
}

/** What is worth an entry in the timeline of the board. */
export type Note = Pick<TimelineEntry, 'lane' | 'level' | 'text'>

interface Seen {
  evidence: Evidence
  note: Note | null
}

interface Pattern {
  find: RegExp
  see(now: Evidence, groups: readonly string[], line: string): Seen
}

const seen = (evidence: Evidence, note: Note | null = null): Seen => ({ evidence, note })
const boot = (text: string, level: Note['level'] = 'info'): Note => ({ lane: 'boot', level, text })
const serial = (text: string, level: Note['level'] = 'info'): Note => ({ lane: 'serial', level, text })

/**
 * The wordings of U-Boot, of the boot scripts that this bench writes, of Linux, systemd and getty. The first that fits a line decides:
 * what is said at the end of a boot stands in front.
 */
const PATTERNS: readonly Pattern[] = [
  {
    find: /kernel panic - not syncing|VFS: Unable to mount root fs/i,
    see: (now, _, line) => seen({ ...now, phase: 'panicked' }, serial(line.trim(), 'error')),
  },
  {
    find: /\breboot: Restarting system|^resetting \.\.\./,
    see: (now) => seen({ ...now, phase: 'restarting' }, serial('The system restarts the board')),
  },
  {
    find: /\breboot: (?:Power down|System halted)/,
    see: (now) => seen({ ...now, phase: 'halted' }, serial('The system switches the board off')),
  },
  {
    find: /^\s*U-Boot (?:SPL )?(\d{4}\.\d\d\S*)/,
    see: (now, [version]) => seen({ ...afresh(now), phase: 'loader' }, boot(`U-Boot ${version} starts`)),
  },
  {
    find: /boot ?count exceeded|Bootlimit \(\d+\) exceeded|the update did not start, going back/i,
    see: (now) => seen({ ...now, isTrial: false }, boot('The boot count is past its limit: U-Boot goes back to the other slot', 'warning')),
  },
  {
    find: /slot (\d{1,3}) does not boot|cannot load kernel/i,
    see: (now) => seen({ ...now, phase: 'loader', givenUp: now.partition }, boot('U-Boot could not start a kernel', 'error')),
  },
  {
    find: /(?:Failed to load|File not found) '?(\S*\/(?:vmlinu|Image|zImage|uImage)[^\s']*)/i,
    see: (now, [path]) => seen(now, boot(`The kernel is missing: U-Boot did not find ${path}`, 'error')),
  },
  {
    find: /^Mender: slot (\d{1,3}) is started|\bbooting partition (\d{1,3})\b/i,
    see: (now, [slot, partition]) => started(now, Number(slot ?? partition)),
  },
  {
    find: /Kernel command line:.*\broot=\/dev\/(?:[vs]d[a-z]|mmcblk\dp|nvme\dn\dp)(\d{1,3})\b/,
    see: (now, [partition]) => seen({ ...now, partition: Number(partition) }),
  },
  {
    find: /^board: no network: (.+)/,
    see: (now, [why]) => seen({ ...now, phase: 'init' }, serial(`The system has no network: ${why}`, 'error')),
  },
  { find: /^\s*Starting kernel \.\.\./, see: (now) => seen({ ...now, phase: 'kernel' }) },
  {
    find: /\bRun \/\S+ as init process|^INIT: version|systemd\[1\]: systemd \d|^board: up after/,
    see: (now) => seen({ ...now, phase: 'init' }),
  },
  { find: /\blogin: $/, see: (now) => seen({ ...now, phase: 'up' }, now.phase === 'up' ? null : up(now)) },
]

function started(now: Evidence, partition: number): Seen {
  const kept = now.givenUp === partition ? null : now.givenUp
  const givenUp = now.tried !== null && now.tried !== partition ? now.tried : kept
  const note = boot(`U-Boot starts the system on partition ${partition}`)
  return seen({ ...now, partition, givenUp, tried: now.tried === partition ? partition : null }, note)
}

function up({ partition }: Evidence): Note {
  return serial(
    partition === null ? 'The system is up: it asks for a login' : `The system on partition ${partition} is up: it asks for a login`,
  )
}

/** What is known of a board after a line of its console. */
export function see(now: Evidence, line: string): Seen {
  for (const pattern of PATTERNS) {
    const found = pattern.find.exec(line)
    if (found) return pattern.see(now, found.slice(1), line)
  }
  return seen(now)
}
