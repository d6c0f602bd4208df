import { execFileSync } from 'node:child_process'
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

export const CARD_BYTES = 2 ** 30
export const IN_MEMORY = '/dev/shm'
const MIB = 2 ** 20
const THROTTLE = '/sys/fs/cgroup/blkio/blkio.throttle'

/** Whether this kernel can make cards slow: by cgroup v1. */
export const canThrottle = existsSync(`${THROTTLE}.write_bps_device`)

interface Loops extends AsyncDisposable {
  paths: string[]
}

/** Loop devices of 1 GiB on files of a folder. */
export async function loops(place: string, count: number): Promise<Loops> {
  const folder = await mkdtemp(join(place, 'otabench-bench-cards-'))
  const paths = Array.from({ length: count }, (_, index) => {
    const file = join(folder, `card-${index}`)
    writeFileSync(file, '')
    truncateSync(file, CARD_BYTES)
    const direct = place === IN_MEMORY ? [] : ['--direct-io=on']
    return execFileSync('losetup', ['--find', '--show', ...direct, file], { encoding: 'utf8' }).trim()
  })
  return {
    paths,
    async [Symbol.asyncDispose]() {
      for (const path of paths) {
        if (canThrottle) throttle(path, 0, 0)
        execFileSync('losetup', ['--detach', path])
      }
      await rm(folder, { recursive: true })
    },
  }
}

export async function loop(place: string): Promise<{ path: string } & AsyncDisposable> {
  const all = await loops(place, 1)
  return { path: all.paths[0] ?? '', [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() }
}

/** MiB a second; 0: as fast as it goes. */
export function throttle(path: string, writeMib: number, readMib: number): void {
  const name = execFileSync('lsblk', ['--noheadings', '--nodeps', '--output', 'MAJ:MIN', path], { encoding: 'utf8' }).trim()
  for (const [what, mib] of [['write', writeMib] as const, ['read', readMib] as const])
    writeFileSync(`${THROTTLE}.${what}_bps_device`, `${name} ${mib * MIB}`)
}
