import { t } from '@lingui/core/macro'
import type { Board } from '@contract/boards.ts'
import { Menu } from '@mantine/core'
import { ClipboardCheck, type LucideIcon, PackagePlus, Power, PowerOff, RotateCw, SquareTerminal, Unplug } from 'lucide-react'
import { useBoard } from '../../app/facts.tsx'
import { useMachine } from '../../app/machine.ts'
import { type BoardAction, useBoardActions, whyNotOn } from './use-board-actions.ts'

const ITEMS: readonly (readonly [BoardAction, string, LucideIcon])[] = [
  ['console', t`Console`, SquareTerminal],
  ['provision', t`Provision…`, ClipboardCheck],
  ['on', t`Power on`, Power],
  ['off', t`Power off`, PowerOff],
  ['cut', t`Cut the power`, Unplug],
  ['reset', t`Reset`, RotateCw],
]

/** What can be done with a virtual board besides what can be done with every device. */
export function BoardItems({ name, onUpdate }: { name: string; onUpdate: () => void }) {
  const board = useBoard(name)
  if (board === undefined) return null
  return (
    <>
      <Menu.Divider />
      <PowerItems board={board} />
      <Menu.Item leftSection={<PackagePlus size={14} />} onClick={onUpdate}>
        {t`Make an update…`}
      </Menu.Item>
    </>
  )
}

/** Its console and its power switch. */
export function PowerItems({ board }: { board: Board }) {
  const act = useBoardActions()
  const machine = useMachine()
  const items = machine === null ? ITEMS.filter(([action]) => action !== 'provision') : ITEMS
  return (
    <>
      {items.map(([action, label, Icon]) => (
        <Menu.Item
          key={action}
          leftSection={<Icon size={14} />}
          disabled={whyNotOn(action, board) !== null}
          onClick={() => act(action, board)}
        >
          {label}
        </Menu.Item>
      ))}
    </>
  )
}
