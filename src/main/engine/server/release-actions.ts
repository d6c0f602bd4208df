import { AppError } from '../../contract/errors.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { ReleaseNote } from '../store/releases.ts'
import type { ActionParts } from './actions.ts'

const MAX_TAGS = 20
/** Of all releases together, as with Mender. */
const MAX_DIFFERENT_TAGS = 100
const MAX_NOTES = 1024

/** All artifacts of one name, and what people have written about it. */
export interface Release {
  name: string
  artifacts: StoredArtifact[]
  note: ReleaseNote
}

/** The artifacts of a release, or NOT_FOUND. */
export function findRelease({ store }: Pick<ActionParts, 'store'>, name: string): StoredArtifact[] {
  const artifacts = store.artifacts.byName(name)
  if (artifacts.length === 0) throw new AppError('NOT_FOUND', `There is no release ${name}`, 'Upload an artifact of that name.')
  return artifacts
}

/** Replaces the tags of a release; they are kept in small letters. BAD_INPUT for what is no tag, CONFLICT above the limit of all. */
export function tagRelease(parts: ActionParts, { name, tags }: { name: string; tags: readonly string[] }): void {
  const { store, now } = parts
  findRelease(parts, name)
  const wanted = [...new Set(tags.map((tag) => tag.toLowerCase()))].toSorted()
  const bad = wanted.find((tag) => !/^[\w.-]{1,1024}$/.test(tag))
  if (bad !== undefined) throw new AppError('BAD_INPUT', `"${bad}" is not a tag`, 'A tag has letters, digits and . _ - only.')
  if (wanted.length > MAX_TAGS) throw new AppError('BAD_INPUT', `A release has at most ${MAX_TAGS} tags`, 'Leave some out.')
  const others = [...store.releases.byName()].filter(([other]) => other !== name).flatMap(([, note]) => note.tags)
  if (new Set([...others, ...wanted]).size > MAX_DIFFERENT_TAGS)
    throw new AppError('CONFLICT', `There are at most ${MAX_DIFFERENT_TAGS} different tags`, 'Use one that is there already.')
  store.releases.set(name, { ...store.releases.get(name), tags: wanted, updatedAt: now() })
}

/** Replaces the notes of a release. */
export function noteRelease(parts: ActionParts, { name, notes }: { name: string; notes: string }): void {
  const { store, now } = parts
  findRelease(parts, name)
  if (notes.length > MAX_NOTES) throw new AppError('BAD_INPUT', `Notes have at most ${MAX_NOTES} characters`, 'Shorten them.')
  store.releases.set(name, { ...store.releases.get(name), notes, updatedAt: now() })
}

/** Removes every artifact of these releases; ones that are gone are fine. Answers the unfinished deployments that forbid it, or none. */
export async function removeReleases({ store, artifactFiles }: ActionParts, names: readonly string[]): Promise<string[]> {
  const active = store.artifacts.activeDeploymentIds(names)
  if (active.length > 0) return active
  // All at once: while a file is removed, somebody may order what is left.
  const removing = names.flatMap((name) => store.artifacts.byName(name)).map(({ id }) => artifactFiles.remove(id))
  for (const name of names) store.releases.remove(name)
  await Promise.all(removing)
  return []
}
