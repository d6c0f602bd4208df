import { resolve } from 'node:path'
import type { Files } from '../../engine/host.ts'
import { readWhole } from '../../engine/lib/file-streams.ts'

const decoder = new TextDecoder()

export async function readText(files: Files, path: string): Promise<string> {
  return decoder.decode(await readWhole(files, path))
}

/** A path of the command line, from the folder the command was called in. */
export function absolute(cwd: string, path: string): string {
  return path.startsWith('ssh://') ? path : resolve(cwd, path)
}
