import type { Artifact } from '@contract/artifacts.ts'
import { signatureWord } from '../../ui/artifact-facts.ts'

export type SortBy = 'name' | 'payloadType' | 'sizeBytes' | 'installedCount' | 'addedAt'

/** The artifacts of one name: one, or several for different device types. */
export interface Release {
  name: string
  artifacts: Artifact[]
}

const byText = new Intl.Collator('en', { numeric: true })

/** The releases that fit a search, in the order asked for; a release stands where its first artifact stands. */
export function releasesOf(artifacts: readonly Artifact[], query: string, sort: { by: SortBy; isDown: boolean }): Release[] {
  const sign = sort.isDown ? -1 : 1
  const fitting = artifacts
    .filter((artifact) => fits(artifact, query))
    .toSorted((one, other) => sign * compare(one[sort.by], other[sort.by]) || byText.compare(one.name, other.name))
  const releases = Map.groupBy(fitting, ({ name }) => name)
  return [...releases].map(([name, members]) => ({ name, artifacts: members }))
}

function compare(one: string | number | null, other: string | number | null): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : byText.compare(String(one ?? ''), String(other ?? ''))
}

/** Whether every word of the search is said of the artifact: in its name, type, device types, provides, signature or description. */
function fits(artifact: Artifact, query: string): boolean {
  const { name, payloadType, deviceTypes, provides, description, signature, compression } = artifact
  const words = Object.entries(provides).map(([key, value]) => `${key}:${value}`)
  // "unsigned" is what people type; "signed" must not find it.
  const signed = signature.present ? signatureWord(signature) : 'unsigned'
  const said = [name, payloadType ?? 'bootstrap', ...deviceTypes, ...words, description, compression].join('\n').toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(
      (word) =>
        said.includes(word) ||
        signed
          .toLowerCase()
          .split(' ')
          .some((each) => each.startsWith(word)),
    )
}

/** The ids from one row to another, both included, in the order of the rows. */
export function rangeOf(ids: readonly string[], from: string, to: string): string[] {
  const [first = 0, last = 0] = [ids.indexOf(from), ids.indexOf(to)].toSorted((one, other) => one - other)
  return ids.slice(Math.max(0, first), last + 1)
}
