import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { showOffer } from '../../app/show-offer.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { useLibrary } from './library-state.ts'

/** Takes artifacts out of the library, and offers to put them back. */
export function useRemoveArtifacts(): (artifacts: readonly Artifact[]) => void {
  const { artifactId, selectArtifact } = useWindow()
  const { mark } = useLibrary()
  const putBack = useAction(async (engine, ids: readonly string[]) => {
    for (const id of ids) await engine.artifacts.putBack({ id })
  })
  const remove = useAction(async (engine, artifacts: readonly Artifact[]) => {
    const gone: Artifact[] = []
    try {
      for (const artifact of artifacts) {
        await engine.artifacts.remove({ id: artifact.id, canUndo: true })
        gone.push(artifact)
        if (artifact.id === artifactId) selectArtifact(null)
      }
    } finally {
      mark([])
      const ids = gone.map(({ id }) => id)
      if (gone.length > 0) showOffer({ ...wordsOf(gone), color: 'gray', action: t`Undo`, onAccept: () => putBack.run(ids) })
    }
  })
  return remove.run
}

function wordsOf(gone: readonly Artifact[]): { title: string; text: string } {
  const [first] = gone
  const installed = gone.reduce((sum, { installedCount }) => sum + installedCount, 0)
  return {
    title:
      gone.length === 1 ? t`${first?.name ?? ''} removed` : t`${plural(gone.length, { one: '# artifact', other: '# artifacts' })} removed`,
    text: installed === 0 ? '' : plural(installed, { one: '# device keeps running it.', other: '# devices keep running it.' }),
  }
}
