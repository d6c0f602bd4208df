import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { KeyboardEvent } from 'react'
import { useOffers } from '../../app/offers.ts'
import { useWindow } from '../../app/window-state.ts'
import { useLibrary } from './library-state.ts'

interface TableKeys {
  /** The rows, in their order. */
  artifacts: readonly Artifact[]
  onCompare: (artifacts: readonly Artifact[]) => void
  onRemove: (artifacts: readonly Artifact[]) => void
}

const rowOf = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-artifact]')?.dataset.artifact : undefined

/** Offers what can be done with the library's rows: what is marked is acted on, else the row that has the focus, or is inspected. */
function useRowOffers({ artifacts, onCompare, onRemove }: TableKeys): void {
  const { artifactId, askDeploy } = useWindow()
  const { marked, toggle, mark } = useLibrary()
  useOffers((target) => {
    const here = artifacts.find(({ id }) => id === rowOf(target)) ?? artifacts.find(({ id }) => id === artifactId)
    const chosen = artifacts.filter(({ id }) => marked.includes(id))
    const acted = chosen.length > 0 ? chosen : here === undefined ? [] : [here]
    const all = { 'artifact.mark-all': { run: () => mark(artifacts.map(({ id }) => id)) } }
    const clear = marked.length > 0 && { 'window.close': { run: () => mark([]) } }
    const [first] = acted
    if (first === undefined) return all
    const on = acted.length === 1 ? first.name : plural(acted.length, { one: '# artifact', other: '# artifacts' })
    const about = here ?? first
    return {
      ...all,
      ...clear,
      'artifact.mark': { run: () => toggle(about.id), on: about.name },
      'artifact.deploy': { run: () => askDeploy({ deviceIds: [], artifactId: about.id }), on: about.name },
      'artifact.compare': { run: () => onCompare(acted), why: acted.length > 2 ? t`Mark two to compare them` : null, on },
      'artifact.remove': { run: () => onRemove(acted), on },
    }
  })
}

/** The keys that move through the library's rows; what is done with them is offered beside. */
export function useTableKeys(table: TableKeys): (event: KeyboardEvent<HTMLElement>) => void {
  const { artifacts } = table
  const { artifactId, selectArtifact } = useWindow()
  const { marked, mark } = useLibrary()
  useRowOffers(table)
  return (event) => {
    const { target, currentTarget, key } = event
    const at = artifacts.findIndex(({ id }) => id === rowOf(target))
    const here = artifacts[at]
    if (here === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    function move(to: number): void {
      const next = artifacts[to]
      if (next === undefined) return
      currentTarget.querySelector<HTMLElement>(`[data-artifact="${CSS.escape(next.id)}"]`)?.focus()
      if (event.shiftKey) mark([...new Set([...marked, artifacts[at]?.id ?? next.id, next.id])])
      // The inspector follows where it is open.
      else if (artifactId !== null) selectArtifact(next.id)
    }
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      Home: () => move(0),
      End: () => move(artifacts.length - 1),
      Enter: () => selectArtifact(here.id),
    }
    const run = moves[key]
    if (run === undefined) return
    event.preventDefault()
    event.stopPropagation()
    run()
  }
}
