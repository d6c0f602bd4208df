import type { Host } from '../host.ts'
import { systemFiles } from '../lib/system-files.ts'

export interface Holding {
  pid: number
  /** The program: `bash`. */
  name: string
}

/**
 * Processes that keep a mounted folder or a device busy: by an open file, a working or root folder, or the program itself. Those of other users
 * are seen by root alone; the engine itself, which may be looking into a drive, is left out.
 */
export async function whoHolds({ files, machine }: Pick<Host, 'files' | 'machine'>, paths: readonly string[]): Promise<Holding[]> {
  const system = systemFiles(files)
  const isWithin = (target: string) => paths.some((path) => target === path || target.startsWith(`${path}/`))
  const others = (await system.names('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== machine.processId)
  const found = await Promise.all(
    others.map(async (pid): Promise<Holding[]> => {
      if (!(await machine.filesOf(pid)).some(isWithin)) return []
      return [{ pid: Number(pid), name: await system.text(`/proc/${pid}/comm`) }]
    }),
  )
  return found.flat()
}

/** `bash (1234), cp (1240)`; empty for nobody. */
export function inWords(holding: readonly Holding[]): string {
  const shown = holding.slice(0, 5).map(({ pid, name }) => `${name} (${pid})`)
  return holding.length > shown.length ? `${shown.join(', ')} and ${holding.length - shown.length} more` : shown.join(', ')
}
