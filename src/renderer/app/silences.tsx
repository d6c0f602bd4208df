import { t } from '@lingui/core/macro'
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useEffectEvent, useRef } from 'react'
import { useDevices } from './facts.tsx'
import { useWindow } from './window-state.ts'

/**
 * Says in a corner that a device has fallen silent. What was silent before the window opened is not told again; boards of the virtual bench
 * are silent because somebody made them so.
 */
export function Silences() {
  const devices = useDevices().value
  const told = useRef<Set<string> | null>(null)
  const { inspect } = useWindow()
  const tell = useEffectEvent((id: string, name: string, why: string) =>
    notifications.show({
      ...{ id: `silent-${id}`, title: t`${name} has fallen silent`, withBorder: true, color: 'yellow', autoClose: 30_000 },
      message: (
        <>
          {why}
          <Group mt={6}>
            <Button
              size="compact-sm"
              onClick={() => {
                notifications.hide(`silent-${id}`)
                inspect(id, 'timeline')
              }}
            >
              {t`Show`}
            </Button>
          </Group>
        </>
      ),
    }),
  )
  useEffect(() => {
    if (devices === null) return
    const silent = devices.filter(({ silentAt, virtual }) => silentAt !== null && !virtual?.boardId)
    const known = told.current
    told.current = new Set(silent.map(({ id }) => id))
    for (const { id, name, silentWhy } of known === null ? [] : silent) if (known?.has(id) === false) tell(id, name, silentWhy ?? '')
    for (const id of known ?? []) if (!told.current.has(id)) notifications.hide(`silent-${id}`)
  }, [devices])
  return null
}
