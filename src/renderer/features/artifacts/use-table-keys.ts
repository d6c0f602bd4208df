import type { Artifact } from '@contract/artifacts.ts'
import type { KeyboardEvent } from 'react'
import { isTyping } from '../../app/use-shortcuts.ts'
import { useWindow } from '../../app/window-state.ts'
import { useLibrary } from './library-state.ts'

interface TableKeys {
  /** The rows, in their order. */
  artifacts: readonly Artifact[]
  onCompare: (artifacts: readonly Artifact[]) => void
  onRemove: (artifacts: readonly Artifact[]) => void
}

/** The keys of the library's rows: what is marked is acted on, else the row that has the focus. */
export function useTableKeys({ artifacts, onCompare, onRemove }: TableKeys): (event: KeyboardEvent<HTMLElement>) => void {
  const { artifactId, selectArtifact, askDeploy } = useWindow()
  const { marked, toggle, mark } = useLibrary()
  return (event) => {
    const { target, currentTarget, key } = event
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-artifact]') : null
    const at = artifacts.findIndex(({ id }) => id === row?.dataset.artifact)
    const here = artifacts[at]
    if (here === undefined || event.altKey || (isTyping(event) && key !== 'Escape')) return
    const isCommand = event.ctrlKey || event.metaKey
    const chosen = artifacts.filter(({ id }) => marked.includes(id))
    const acted = chosen.length > 0 ? chosen : [here]
    function move(to: number): void {
      const next = artifacts[to]
      if (next === undefined) return
      currentTarget.querySelector<HTMLElement>(`[data-artifact="${CSS.escape(next.id)}"]`)?.focus()
      if (event.shiftKey) mark([...new Set([...marked, artifacts[at]?.id ?? next.id, next.id])])
      // The inspector follows where it is open.
      else if (artifactId !== null) selectArtifact(next.id)
    }
    const actions: Readonly<Record<string, () => void>> = isCommand
      ? { a: () => mark(artifacts.map(({ id }) => id)) }
      : {
          ArrowDown: () => move(at + 1),
          ArrowUp: () => move(at - 1),
          Home: () => move(0),
          End: () => move(artifacts.length - 1),
          Enter: () => selectArtifact(here.id),
          ' ': () => toggle(here.id),
          c: () => onCompare(acted),
          d: () => askDeploy({ deviceIds: [], artifactId: here.id }),
          Delete: () => onRemove(acted),
          ...(marked.length > 0 && { Escape: () => mark([]) }),
        }
    const run = actions[key]
    if (run === undefined) return
    event.preventDefault()
    event.stopPropagation()
    run()
  }
}
