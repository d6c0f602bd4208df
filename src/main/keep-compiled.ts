import { statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Keeps what V8 makes of the program's files among the caches of this user, so that it starts quicker the next time. */
export function keepCompiled(environment: Environment): void {
  const caches = cacheFolder(environment)
  if (caches !== null) enableCompileCache(join(caches, 'ota-bench', 'compiled'))
}

/** null where there is none, or where it belongs to somebody else: as after `sudo -E`, which would run what that user has put there. */
export function cacheFolder({ XDG_CACHE_HOME, HOME, LOCALAPPDATA }: Environment): string | null {
  if (process.platform === 'win32') return LOCALAPPDATA || null
  const own = XDG_CACHE_HOME || HOME
  if (!own || statSync(own, { throwIfNoEntry: false })?.uid !== process.geteuid?.()) return null
  return XDG_CACHE_HOME || join(own, '.cache')
}
