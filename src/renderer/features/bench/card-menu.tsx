import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { ActionIcon, Menu } from '@mantine/core'
import { Ellipsis, Pencil, Power, PowerOff, RefreshCw, SquareTerminal, Tags, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useDock } from '../../app/dock-state.ts'
import { useSimulated } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { BoardItems } from './board-items.tsx'
import { RemoveBoard } from './remove-board.tsx'
import { AskText, GroupDialog } from './ask-text.tsx'
import { connectionWords } from './connection-words.ts'

type MenuDevice = Pick<Device, 'id' | 'name' | 'virtual' | 'board' | 'group' | 'connection'>
type Asking = 'name' | 'group' | 'decommission' | 'remove' | null

/** The rarer things that can be done to a board. */
export function CardMenu({ device }: { device: MenuDevice }) {
  const [asking, setAsking] = useState<Asking>(null)
  // Its dialogs are there from the first time that one is asked for: of many cards nobody is asked anything.
  const [hasDialogs, setHasDialogs] = useState(false)
  const ask = (what: Asking): void => {
    setHasDialogs(true)
    setAsking(what)
  }
  const askConsole = useDock((state) => state.ask)
  const askUpdate = useWindow((state) => state.askUpdate)
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t`More for ${device.name}`} ml="auto">
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <May group="devices">
            <Menu.Item leftSection={<Pencil size={14} />} onClick={() => ask('name')}>
              {t`Rename…`}
            </Menu.Item>
            <Menu.Item leftSection={<Tags size={14} />} onClick={() => ask('group')}>
              {t`Group…`}
            </Menu.Item>
            <PollItem device={device} />
            {device.virtual === null && device.board === null && (
              <Menu.Item leftSection={<SquareTerminal size={14} />} onClick={() => askConsole({ deviceId: device.id })}>
                {t`Console…`}
              </Menu.Item>
            )}
            {device.virtual?.boardId && <PowerItem boardId={device.virtual.boardId} />}
            {device.board !== null && <BoardItems name={device.board} onUpdate={() => askUpdate(device.id)} />}
            <Menu.Divider />
            {device.board === null ? (
              <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => ask('decommission')}>
                {t`Decommission…`}
              </Menu.Item>
            ) : (
              <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => ask('remove')}>
                {t`Remove virtual board…`}
              </Menu.Item>
            )}
          </May>
        </Menu.Dropdown>
      </Menu>
      {hasDialogs && <Dialogs device={device} asking={asking} onClose={() => setAsking(null)} />}
    </>
  )
}

function Dialogs({ device, asking, onClose }: { device: MenuDevice; asking: Asking; onClose: () => void }) {
  const move = useAction((engine, group: string | null) => engine.devices.setGroup({ ids: [device.id], group }))
  return (
    <>
      <NameDialog device={device} isOpen={asking === 'name'} onClose={onClose} />
      <GroupDialog
        of={device.name}
        initial={device.group ?? ''}
        isOpen={asking === 'group'}
        onClose={onClose}
        onSave={(group) => move.run(group)}
      />
      {device.board !== null && <RemoveBoard name={device.board} isOpen={asking === 'remove'} onClose={onClose} />}
      <DecommissionDialog device={device} isOpen={asking === 'decommission'} onClose={onClose} />
    </>
  )
}

/** Asks the device to poll at once; without a connection it polls at its time. */
function PollItem({ device }: { device: MenuDevice }) {
  const poll = useAction((engine) => engine.remote.pollNow({ deviceId: device.id }))
  const isConnected = device.connection.state === 'connected'
  return (
    <Menu.Item
      leftSection={<RefreshCw size={14} />}
      disabled={!isConnected}
      title={isConnected ? undefined : connectionWords(device).text}
      onClick={() => poll.run()}
    >
      {isConnected ? t`Poll now` : t`Poll now: not connected`}
    </Menu.Item>
  )
}

function PowerItem({ boardId }: { boardId: string }) {
  const board = useSimulated().value?.find((each) => each.id === boardId)
  const power = useAction((engine, isOn: boolean) => engine.simulated.setPower({ id: boardId, isOn }))
  if (board === undefined) return null
  return board.isRunning ? (
    <Menu.Item leftSection={<PowerOff size={14} />} onClick={() => power.run(false)}>
      {t`Cut the power`}
    </Menu.Item>
  ) : (
    <Menu.Item leftSection={<Power size={14} />} onClick={() => power.run(true)}>
      {t`Power on`}
    </Menu.Item>
  )
}

interface DialogProps {
  device: Pick<Device, 'id' | 'name'>
  isOpen: boolean
  onClose: () => void
}

function NameDialog({ device, isOpen, onClose }: DialogProps) {
  const rename = useAction((engine, name: string) => engine.devices.rename({ id: device.id, name }))
  return (
    <AskText
      title={t`Rename ${device.name}`}
      label={t`Name on this bench; empty for the identity`}
      initial={device.name}
      isOpen={isOpen}
      onClose={onClose}
      onSave={(name) => rename.run(name)}
    />
  )
}

function DecommissionDialog({ device, isOpen, onClose }: DialogProps) {
  const decommission = useAction((engine) => engine.devices.decommission({ id: device.id }))
  return (
    <Confirm
      title={t`Decommission ${device.name}?`}
      action={t`Decommission`}
      isOpen={isOpen}
      onConfirm={() => decommission.run()}
      onClose={onClose}
    >
      {t`Its keys and its history leave the server, and a deployment that it is part of counts it as decommissioned. If it polls again it asks to join like a new device.`}
    </Confirm>
  )
}
