import type { Artifact } from '@contract/artifacts.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { plural } from '../../ui/format.ts'
import { useLibrary } from './library-state.ts'

/** Asks before artifacts leave the library, and says whom it touches. Nothing is asked for none. */
export function RemoveArtifacts({ artifacts, onClose }: { artifacts: readonly Artifact[]; onClose: () => void }) {
  const { artifactId, selectArtifact } = useWindow()
  const { mark } = useLibrary()
  const remove = useAction(async (engine, ids: readonly string[]) => {
    for (const id of ids) {
      await engine.artifacts.remove({ id })
      if (id === artifactId) selectArtifact(null)
    }
    mark([])
  })
  const [first] = artifacts
  const what = artifacts.length === 1 ? (first?.name ?? '') : plural(artifacts.length, 'artifact')
  const installed = artifacts.reduce((sum, { installedCount }) => sum + installedCount, 0)
  return (
    <Confirm
      title={`Remove ${what}?`}
      action={artifacts.length > 1 ? `Remove ${plural(artifacts.length, 'artifact')}` : 'Remove'}
      isOpen={artifacts.length > 0}
      onConfirm={() => remove.run(artifacts.map(({ id }) => id))}
      onClose={onClose}
    >
      {artifacts.length > 1 && <p>{artifacts.map(({ name }) => name).join(', ')}</p>}
      {artifacts.length === 1 ? 'The file leaves' : 'The files leave'} the library and this disk.{' '}
      {installed > 0 && `${plural(installed, 'device')} ${installed === 1 ? 'runs' : 'run'} it and will keep running it. `}
      Save a copy first if it may be needed again: a deployment of it cannot be repeated without it.
    </Confirm>
  )
}
