import { existsSync, readFileSync } from 'node:fs'

const STATUS = '/proc/self/status'

/** The most memory that this process has had resident, in MiB. What getrusage says begins with the parent's on Linux, hence /proc. */
export function peakMemoryMiB(): number {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS / 1024
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(STATUS, 'utf8'))?.[1]) / 1024
}
