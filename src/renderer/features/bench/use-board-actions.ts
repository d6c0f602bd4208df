import { t } from '@lingui/core/macro'
import type { Board, BoardPower } from '@contract/boards.ts'
import { useDock } from '../../app/dock-state.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'

export type BoardAction = BoardPower | 'console' | 'provision'

/** Why an action does nothing on a board as it is; null when it does something. */
export function whyNotOn(action: BoardAction, { name, isOn }: Pick<Board, 'name' | 'isOn'>): string | null {
  if (action === 'on') return isOn ? t`${name} is on` : null
  return isOn || action === 'reset' ? null : t`${name} is off`
}

/** Carries out what can be done with a virtual board. */
export function useBoardActions(): (action: BoardAction, board: Board) => void {
  const askProvision = useWindow((state) => state.askProvision)
  const show = useDock((state) => state.show)
  const open = useAction(
    (engine, name: string) => engine.consoles.openBoard({ name }),
    ({ id }) => show(id),
  )
  const power = useAction((engine, name: string, action: BoardPower) => engine.boards.power({ name, action }))
  return (action, board) => {
    if (action === 'console') open.run(board.name)
    else if (action === 'provision') askProvision({ road: 'ssh', place: '', board })
    else power.run(board.name, action)
  }
}
