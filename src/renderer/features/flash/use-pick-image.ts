import { useConnection } from '../../app/connection-context.tsx'
import { useAction } from '../../app/use-action.ts'

/** Asks for a file of this machine; `onPath` hears which. */
export function usePickImage(title: string, onPath: (path: string) => void): () => void {
  const { desktop } = useConnection()
  const pick = useAction(
    () => desktop?.pickFiles({ title, isSeveral: false, isFolder: false }) ?? Promise.resolve({ paths: [] }),
    ({ paths: [path] }) => {
      if (path !== undefined) onPath(path)
    },
  )
  return () => pick.run()
}
