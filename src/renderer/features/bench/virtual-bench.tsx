import { plural, t } from '@lingui/core/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { Cpu, Ellipsis, FlaskConical, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useSimulated } from '../../app/facts.tsx'
import { startBench } from '../../app/start-bench.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Confirm } from '../../ui/confirm.tsx'

/** What can be done to the virtual bench as a whole. */
export function VirtualBenchMenu() {
  const boards = useSimulated().value ?? []
  const [isAsking, setAsking] = useState(false)
  const showSheet = useWindow((state) => state.showSheet)
  const start = useAction(startBench)
  const remove = useAction((engine) => engine.simulated.remove())
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t`Virtual bench`}>
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Cpu size={14} />} onClick={() => showSheet('board')}>
            {t`Add virtual board…`}
          </Menu.Item>
          <Menu.Item leftSection={<FlaskConical size={14} />} onClick={() => start.run()}>
            {boards.length === 0 ? t`Start virtual bench` : t`Complete the virtual bench`}
          </Menu.Item>
          <Menu.Item leftSection={<Trash2 size={14} />} disabled={boards.length === 0} onClick={() => setAsking(true)}>
            {t`Remove virtual bench…`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        title={t`Remove the virtual bench?`}
        action={t`Remove`}
        isOpen={isAsking}
        onConfirm={() => remove.run()}
        onClose={() => setAsking(false)}
      >
        {t`${plural(boards.length, { one: '# virtual device', other: '# virtual devices' })} stop and leave the bench, with their history. Real devices are not touched.`}
      </Confirm>
    </>
  )
}
