import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMemo } from 'react'
import { May } from './may.tsx'
import { useDevices } from './facts.tsx'
import { useAction } from './use-action.ts'
import { useCorner } from './use-corner.tsx'

interface Knock {
  deviceId: string
  authsetId: string
  title: string
}

/** Says in a corner that a device asks to join, with the click that lets it in. */
export function Knocks() {
  const devices = useDevices().value
  const knocks = useMemo(() => devices?.flatMap(knockOf).map(toldOf) ?? null, [devices])
  useCorner(knocks, { title: (count) => plural(count, { one: '# device asks to join', other: '# devices ask to join' }), state: 'pending' })
  return null
}

const toldOf = (knock: Knock) => ({ id: knock.authsetId, title: knock.title, message: () => <Accept knock={knock} /> })

function Accept({ knock: { deviceId, authsetId } }: { knock: Knock }) {
  const accept = useAction(
    (engine) => engine.devices.setAuthStatus({ id: deviceId, authsetId, status: 'accepted' }),
    () => notifications.hide(authsetId),
  )
  return (
    <Group mt={6}>
      <May group="devices">
        <Button size="compact-sm" onClick={() => accept.run()}>
          {t`Accept`}
        </Button>
      </May>
    </Group>
  )
}

/** Boards of the virtual bench come in by themselves. */
function knockOf({ id, name, status, authsets, newKey, virtual }: Device): Knock[] {
  if (virtual?.boardId) return []
  if (newKey !== null) return [{ deviceId: id, authsetId: newKey.authsetId, title: t`${name} asks with a new key, as after re-flashing` }]
  const asking = authsets.findLast((authset) => authset.status === 'pending')
  return status === 'pending' && asking ? [{ deviceId: id, authsetId: asking.id, title: t`${name} asks to join` }] : []
}
