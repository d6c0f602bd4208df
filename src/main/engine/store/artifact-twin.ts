import type { ArtifactContent } from '../../contract/artifacts.ts'
import type { StoredArtifact } from './artifacts.ts'
import type { Store } from './open.ts'

type Choice = Pick<ArtifactContent, 'name' | 'depends'> &
  Readonly<Record<'deviceTypes' | 'dependsNames' | 'dependsGroups', readonly string[]>>

/**
 * The artifact of the library that stands in the way of this one, because a device could not choose between them: same name, a device
 * type of both, and they depend on the same. A delta depends on the image that it is made for, and so may stand beside the full artifact.
 */
export function findTwin(store: Store, wanted: Choice): StoredArtifact | null {
  const isTwin = ({ content }: StoredArtifact): boolean =>
    content.deviceTypes.some((type) => wanted.deviceTypes.includes(type)) && dependsOf(content) === dependsOf(wanted)
  return store.artifacts.byName(wanted.name).find(isTwin) ?? null
}

function dependsOf({ dependsNames, dependsGroups, depends }: Choice): string {
  const values = Object.keys(depends)
    .toSorted()
    .map((key) => [key, ...[depends[key] ?? []].flat().toSorted()])
  return JSON.stringify([dependsNames.toSorted(), dependsGroups.toSorted(), values])
}
