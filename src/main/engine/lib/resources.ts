import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What is shipped beside the code, wherever this code was bundled to: a file or folder below `resources`. */
export function resourcePath(name: string, from = import.meta.dirname): string {
  const place = join(from, 'resources', name)
  return existsSync(place) || dirname(from) === from ? place : resourcePath(name, dirname(from))
}
