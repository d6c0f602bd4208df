import type { Desktop, Engine } from './connection.ts'
import { useConnection } from './connection-context.tsx'
import { finishJob } from './finish-job.ts'
import { shell } from './shell.ts'
import { uploadArtifact } from './transfers.ts'
import { useAction } from './use-action.ts'

interface AddArtifacts {
  /** Adds files that were dropped. */
  drop: (files: File[]) => void
  /** Asks for files, then adds them. */
  pick: () => void
  isBusy: boolean
}

/** Brings `.mender` files into the library: by their paths in the app, by upload in a browser. `onAdded` hears the last one's id. */
export function useAddArtifacts(onAdded: (id: string) => void): AddArtifacts {
  const { desktop } = useConnection()
  const done = (id: string | null): void => {
    if (id !== null) onAdded(id)
  }
  const add = useAction<[File[]], string | null>(
    (engine, files) => (shell === null ? uploadAll(files) : addAll(engine, pathsOf(files))),
    done,
  )
  const pick = useAction(
    async (engine) => (desktop === null ? uploadAll(await pickFiles()) : addAll(engine, await pickPaths(desktop))),
    done,
  )
  return { drop: (files) => add.run(files), pick: () => pick.run(), isBusy: add.isBusy || pick.isBusy }
}

function pathsOf(files: readonly File[]): string[] {
  return files.map((file) => shell?.pathOf(file) ?? '').filter((path) => path !== '')
}

async function pickPaths(desktop: Desktop): Promise<string[]> {
  const { path } = await desktop.pickArtifact()
  return path === null ? [] : [path]
}

/** Asks the browser for files; none when the person thought better of it. */
function pickFiles(): Promise<File[]> {
  return new Promise((resolve) => {
    const input = Object.assign(document.createElement('input'), { type: 'file', accept: '.mender', multiple: true })
    input.addEventListener('change', () => resolve([...(input.files ?? [])]))
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}

async function addAll(engine: Engine, paths: readonly string[]): Promise<string | null> {
  let last: string | null = null
  for (const path of paths) {
    const { id, jobId } = await engine.artifacts.add({ path })
    await finishJob(engine, jobId)
    last = id
  }
  return last
}

async function uploadAll(files: readonly File[]): Promise<string | null> {
  let last: string | null = null
  for (const file of files) last = await uploadArtifact(file)
  return last
}
