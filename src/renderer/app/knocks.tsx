import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useEffectEvent, useRef } from 'react'
import { May } from './may.tsx'
import { useDevices } from './facts.tsx'
import { useAction } from './use-action.ts'

interface Knock {
  deviceId: string
  authsetId: string
  title: string
}

/** Says in a corner that a device asks to join, with the click that lets it in. What waited before the window opened is not told again. */
export function Knocks() {
  const devices = useDevices().value
  const told = useRef<Set<string> | null>(null)
  const accept = useAction(
    (engine, { deviceId, authsetId }: Knock) => engine.devices.setAuthStatus({ id: deviceId, authsetId, status: 'accepted' }),
    (_answer, { authsetId }) => notifications.hide(authsetId),
  )
  const tell = useEffectEvent((knock: Knock) =>
    notifications.show({
      ...{ id: knock.authsetId, title: knock.title, withBorder: true, color: 'yellow', autoClose: 30_000 },
      message: (
        <Group mt={6}>
          <May group="devices">
            <Button size="compact-sm" onClick={() => accept.run(knock)}>
              {t`Accept`}
            </Button>
          </May>
        </Group>
      ),
    }),
  )
  useEffect(() => {
    if (devices === null) return
    const knocks = devices.flatMap(knockOf)
    const known = told.current
    told.current = new Set(knocks.map(({ authsetId }) => authsetId))
    for (const knock of known === null ? [] : knocks) if (known?.has(knock.authsetId) === false) tell(knock)
    for (const authsetId of known ?? []) if (!told.current.has(authsetId)) notifications.hide(authsetId)
  }, [devices])
  return null
}

/** Boards of the virtual bench come in by themselves. */
function knockOf({ id, name, status, authsets, newKey, virtual }: Device): Knock[] {
  if (virtual?.boardId) return []
  if (newKey !== null) return [{ deviceId: id, authsetId: newKey.authsetId, title: t`${name} asks with a new key, as after re-flashing` }]
  const asking = authsets.findLast((authset) => authset.status === 'pending')
  return status === 'pending' && asking ? [{ deviceId: id, authsetId: asking.id, title: t`${name} asks to join` }] : []
}
