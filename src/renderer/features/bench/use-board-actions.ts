import type { Board, BoardPower } from '@contract/boards.ts'
import { useDock } from '../../app/dock-state.ts'
import { useAction } from '../../app/use-action.ts'

export type BoardAction = BoardPower | 'console'

/** Why an action does nothing on a board as it is; null when it does something. */
export function whyNotOn(action: BoardAction, { name, isOn }: Pick<Board, 'name' | 'isOn'>): string | null {
  if (action === 'on') return isOn ? `${name} is on` : null
  return isOn || action === 'reset' ? null : `${name} is off`
}

/** Carries out what can be done with a virtual board. */
export function useBoardActions(): (action: BoardAction, name: string) => void {
  const show = useDock((state) => state.show)
  const open = useAction(
    (engine, name: string) => engine.consoles.openBoard({ name }),
    ({ id }) => show(id),
  )
  const power = useAction((engine, name: string, action: BoardPower) => engine.boards.power({ name, action }))
  return (action, name) => (action === 'console' ? open.run(name) : power.run(name, action))
}
