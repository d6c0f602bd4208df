import { notifications } from '@mantine/notifications'
import type { Engine } from './connection.ts'
import { useConnection } from './connection-context.tsx'
import { finishJob } from './finish-job.ts'
import { shell } from './shell.ts'
import { useAction } from './use-action.ts'

interface AddArtifacts {
  /** Adds files that were dropped. */
  drop: (files: File[]) => void
  /** Asks for a file, then adds it. */
  pick: () => void
  isBusy: boolean
}

/** Copies `.mender` files into the library; `onAdded` hears the last one's id. */
export function useAddArtifacts(onAdded: (id: string) => void): AddArtifacts {
  const connection = useConnection()
  const add = useAction(
    (engine, paths: string[]) => addAll(engine, paths),
    (id) => {
      if (id !== null) onAdded(id)
    },
  )
  const pick = useAction(
    async (engine) => {
      const path = (await connection.desktop?.pickArtifact())?.path ?? null
      return path === null ? null : addAll(engine, [path])
    },
    (id) => {
      if (id !== null) onAdded(id)
    },
  )
  return {
    drop: (files) => {
      if (shell === null) sayBrowser()
      else add.run(files.map((file) => shell?.pathOf(file) ?? '').filter((path) => path !== ''))
    },
    pick: () => (shell === null ? sayBrowser() : pick.run()),
    isBusy: add.isBusy || pick.isBusy,
  }
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

function sayBrowser(): void {
  notifications.show({
    title: 'A browser cannot hand over files by their path',
    message: 'Add them with `otabench artifacts upload FILE`, or use the app.',
    withBorder: true,
  })
}
