import { readFile } from 'node:fs/promises'

/** What is in memory of a process, with the parts of libraries that it shares with others. */
export async function residentBytes(pid: number): Promise<number> {
  return bytesOf(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS')
}

/** What of it is the process's alone. */
export async function privateBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return bytesOf(rollup, 'Private_Clean') + bytesOf(rollup, 'Private_Dirty')
}

/** The files of /proc give kibibytes. */
function bytesOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) * 1024
}
