import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildWriter } from './build-writer.ts'
import { attach, bin, root } from './program.ts'

/** What electron-vite builds the window's own code for: the oldest Electron that may run it (Node 20.18, Chromium 130). */
export const electronTargets = { ELECTRON_MAJOR_VER: '33' }

/**
 * Builds out/ beside itself and puts it in place at the end, so that a failed build leaves the last good one. The stamp
 * bears the time the build began: a source saved meanwhile is newer, and the next start builds again.
 */
export async function build(): Promise<number> {
  const began = new Date()
  const [out, fresh, old] = ['out', 'out.new', 'out.old'].map((name) => join(root, name))
  if (out === undefined || fresh === undefined || old === undefined) return 1
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh)
  const code = await attach(bin('electron-vite'), ['build', '--outDir', fresh, '--logLevel', 'warn'], { env: electronTargets })
  if (code !== 0) return code
  await buildWriter(join(fresh, 'writer'))
  await writeFile(join(fresh, '.stamp'), '')
  await utimes(join(fresh, '.stamp'), began, began)
  await rm(old, { recursive: true, force: true })
  await rename(out, old).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown
  })
  await rename(fresh, out)
  await rm(old, { recursive: true, force: true })
  return 0
}

if (import.meta.main) process.exitCode = await build()
