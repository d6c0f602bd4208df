import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'

/** Asks for a file of this machine; `onPath` hears which. */
export function usePickImage(title: string, onPath: (path: string) => void): () => void {
  const machine = useMachine()
  const pick = useAction(
    () => machine?.pickFiles({ title, isSeveral: false, isFolder: false }) ?? Promise.resolve({ paths: [] }),
    ({ paths: [path] }) => {
      if (path !== undefined) onPath(path)
    },
  )
  return () => pick.run()
}
