import type { Board } from '@contract/boards.ts'
import { Menu } from '@mantine/core'
import { type LucideIcon, Power, PowerOff, RotateCw, SquareTerminal, Unplug } from 'lucide-react'
import { useBoard } from '../../app/facts.tsx'
import { type BoardAction, useBoardActions, whyNotOn } from './use-board-actions.ts'

const ITEMS: readonly (readonly [BoardAction, string, LucideIcon])[] = [
  ['console', 'Console', SquareTerminal],
  ['on', 'Power on', Power],
  ['off', 'Power off', PowerOff],
  ['cut', 'Cut the power', Unplug],
  ['reset', 'Reset', RotateCw],
]

/** What can be done with a virtual board besides what can be done with every device. */
export function BoardItems({ name }: { name: string }) {
  const board = useBoard(name)
  if (board === undefined) return null
  return <Items board={board} />
}

function Items({ board }: { board: Board }) {
  const act = useBoardActions()
  return (
    <>
      <Menu.Divider />
      {ITEMS.map(([action, label, Icon]) => (
        <Menu.Item
          key={action}
          leftSection={<Icon size={14} />}
          disabled={whyNotOn(action, board) !== null}
          onClick={() => act(action, board.name)}
        >
          {label}
        </Menu.Item>
      ))}
    </>
  )
}
