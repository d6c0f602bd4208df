import { AppError } from '../../contract/errors.ts'
import type { StageOptions } from '../store/artifact-files.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { SetAside } from '../store/set-aside.ts'
import type { ActionParts } from './actions.ts'

/** The artifact of this id, or NOT_FOUND. */
export function findArtifact({ store }: Pick<ActionParts, 'store'>, id: string): StoredArtifact {
  const found = store.artifacts.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no artifact ${id}`, 'It may have been removed.')
  return found
}

/**
 * Takes the bytes of a `.mender` file into the library: checked while they are written, visible only when they are on disk.
 * ARTIFACT_INVALID, EXPANSION_LIMIT or CONFLICT (name taken for one of its device types) leave nothing behind.
 */
export async function addArtifact(
  { artifactFiles, now }: ActionParts,
  { id, description, chunks, ...options }: StageOptions & { id: string; description: string; chunks: AsyncIterable<Uint8Array> },
): Promise<StoredArtifact> {
  await using staged = await artifactFiles.stage(chunks, options)
  return await staged.keep({ id, description, addedAt: now() })
}

/** Removes an artifact and its file, or sets it aside. CONFLICT while an unfinished deployment names it. */
export async function removeArtifact(parts: ActionParts, id: string, aside?: Pick<SetAside, 'remove'>): Promise<void> {
  const found = findArtifact(parts, id)
  refuseWhileDeployed(parts, found.content.name)
  if (aside) await aside.remove(found)
  else await parts.artifactFiles.remove(id)
}

/** CONFLICT once a device was offered it, and while an unfinished deployment names it: the history would tell something else. */
export function describeArtifact(parts: ActionParts, { id, description }: { id: string; description: string }): void {
  const { content } = findArtifact(parts, id)
  refuseWhileDeployed(parts, content.name)
  if (parts.store.artifacts.wasOffered(id))
    throw new AppError('CONFLICT', `The artifact ${content.name} was deployed already`, 'Its description stays as it was then.')
  parts.store.artifacts.setDescription(id, description, parts.now())
}

function refuseWhileDeployed({ store }: ActionParts, name: string): void {
  const count = store.artifacts.activeDeploymentCount(name)
  if (count === 0) return
  const deployments = count === 1 ? 'an unfinished deployment' : `${count} unfinished deployments`
  throw new AppError('CONFLICT', `The artifact ${name} is in ${deployments}`, 'Wait until it is finished, or abort it.')
}
