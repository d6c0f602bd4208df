import { AppError } from '../../contract/errors.ts'
import type { Clock, Files } from '../host.ts'
import type { ArtifactFiles } from './artifact-files.ts'
import { findTwin } from './artifact-twin.ts'
import type { StoredArtifact } from './artifacts.ts'
import type { Store } from './open.ts'

/** How long an artifact that was set aside can be put back. */
const KEPT_MS = 60_000

export interface SetAsideParts {
  files: Files
  store: Store
  clock: Clock
  artifactFiles: Pick<ArtifactFiles, 'path'>
  /** Where files wait; cleared at each start, so that what was removed stays removed. */
  folder: string
}

/** Artifacts that have left the library, and may come back for a while. Dispose of it in the end: then they are gone. */
export interface SetAside extends AsyncDisposable {
  /** The artifact leaves the library; its file waits. */
  remove(artifact: StoredArtifact): Promise<void>
  /** It is in the library as it was. NOT_FOUND when its time is over, CONFLICT when another has taken its place meanwhile. */
  putBack(id: string): Promise<void>
}

export function openSetAside({ files, store, clock, artifactFiles, folder }: SetAsideParts): SetAside {
  const kept = new Map<string, { artifact: StoredArtifact; waiting: AbortController }>()
  const waitsAt = (id: string): string => `${folder}/removed-${id}`

  async function forget(id: string): Promise<void> {
    kept.get(id)?.waiting.abort()
    kept.delete(id)
    await files.remove(waitsAt(id))
  }

  function keep(artifact: StoredArtifact): void {
    const waiting = new AbortController()
    kept.set(artifact.id, { artifact, waiting })
    const over = clock.sleep(KEPT_MS, waiting.signal).then(() => forget(artifact.id))
    // Put back, or closed. What cannot be removed goes at the next start.
    over.catch(() => undefined)
  }

  function refuseTwin({ content }: StoredArtifact): void {
    if (!findTwin(store, content)) return
    throw new AppError('CONFLICT', `Another artifact named ${content.name} has come into the library meanwhile`, 'Remove that one first.')
  }

  return {
    async remove(artifact) {
      const { id } = artifact
      store.artifacts.remove(id)
      await files.rename(artifactFiles.path(id), waitsAt(id))
      keep(artifact)
    },
    async putBack(id) {
      const found = kept.get(id)
      if (!found) throw new AppError('NOT_FOUND', 'The artifact is gone', 'It could be put back for a minute, until the bench was stopped.')
      const { artifact, waiting } = found
      refuseTwin(artifact)
      // From here on its time does not end, and nobody else puts it back.
      waiting.abort()
      kept.delete(id)
      await files.rename(waitsAt(id), artifactFiles.path(id))
      try {
        store.transaction(() => {
          refuseTwin(artifact)
          store.artifacts.add(artifact)
        })
      } catch (thrown) {
        await files.rename(artifactFiles.path(id), waitsAt(id))
        keep(artifact)
        throw thrown
      }
    },
    async [Symbol.asyncDispose]() {
      for (const id of kept.keys()) await forget(id)
    },
  }
}
