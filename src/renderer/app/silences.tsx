import { plural, t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMemo } from 'react'
import { useDevices } from './facts.tsx'
import { type Told, useCorner } from './use-corner.tsx'
import { useWindow } from './window-state.ts'

/** Says in a corner that a device has fallen silent. Boards of the virtual bench are silent because somebody made them so. */
export function Silences() {
  const devices = useDevices().value
  const silent = useMemo(
    () => devices?.filter(({ silentAt, virtual }) => silentAt !== null && !virtual?.boardId).map(toldOf) ?? null,
    [devices],
  )
  useCorner(silent, {
    title: (count) => plural(count, { one: '# device has fallen silent', other: '# devices have fallen silent' }),
    state: 'silent',
  })
  return null
}

function toldOf({ id, name, silentWhy }: Device): Told {
  return { id: `silent-${id}`, title: t`${name} has fallen silent`, message: () => <Why deviceId={id} why={silentWhy ?? ''} /> }
}

function Why({ deviceId, why }: { deviceId: string; why: string }) {
  const inspect = useWindow((state) => state.inspect)
  return (
    <>
      {why}
      <Group mt={6}>
        <Button
          size="compact-sm"
          onClick={() => {
            notifications.hide(`silent-${deviceId}`)
            inspect(deviceId, 'timeline')
          }}
        >
          {t`Show`}
        </Button>
      </Group>
    </>
  )
}
