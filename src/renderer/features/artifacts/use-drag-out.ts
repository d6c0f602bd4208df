import type { Artifact } from '@contract/artifacts.ts'
import type { DragEvent } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useAction } from '../../app/use-action.ts'

/** Makes an element one that its artifact's file can be dragged from, to the file manager or another program. Nothing in a browser. */
export function useDragOut({ id, name }: Artifact) {
  const { desktop } = useConnection()
  const start = useAction(async (engine) => {
    const { path } = await engine.artifacts.location({ id })
    await desktop?.dragOut({ path, name: `${name}.mender` })
  })
  if (desktop === null) return {}
  return {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      // The page's own drag gives way to the shell's, which carries the file.
      event.preventDefault()
      start.run()
    },
  }
}
