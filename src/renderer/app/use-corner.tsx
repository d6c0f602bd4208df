import { t } from '@lingui/core/macro'
import type { DeviceState } from '@contract/device-states.ts'
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'
import { EMPTY_CORNER, look } from './corner.ts'
import { useWindow } from './window-state.ts'

/** What is said of one device. */
export interface Told {
  id: string
  title: string
  message: () => ReactNode
}

interface Together {
  /** What is said of so many at once. */
  title: (count: number) => string
  /** The state that all of them are in, by which the bench shows them. */
  state: DeviceState
}

/**
 * Says in a corner of whom something has come to be so, as long as it is; of many at once in one word. What was so before the window opened is
 * not told again; null is not known yet.
 */
export function useCorner(now: readonly Told[] | null, together: Together): void {
  const showFiltered = useWindow((state) => state.showFiltered)
  const corner = useRef(EMPTY_CORNER)
  const all = `all-${together.state}`
  const say = (id: string, title: string, message: ReactNode): void => {
    const onClose = (): void => {
      const { known, open, isTogether } = corner.current
      corner.current = id === all ? { known, open: [], isTogether: false } : { known, open: open.filter((each) => each !== id), isTogether }
    }
    const said = { id, title, message, onClose, withBorder: true, color: 'yellow', autoClose: 30_000 }
    notifications.show(said)
    // It may be there, with another number.
    notifications.update(said)
  }
  const sayAll = (count: number): void =>
    say(
      all,
      together.title(count),
      <Group mt={6}>
        <Button
          size="compact-sm"
          onClick={() => {
            notifications.hide(all)
            showFiltered({ text: '', chips: [{ facet: 'state', value: together.state }] })
          }}
        >
          {t`Show`}
        </Button>
      </Group>,
    )
  const tell = useEffectEvent((devices: readonly Told[]) => {
    const before = corner.current
    const next = look(
      devices.map(({ id }) => id),
      before,
    )
    const stays = new Set(next.isTogether ? [all] : next.open)
    for (const id of before.isTogether ? [all] : before.open) if (!stays.has(id)) notifications.hide(id)
    corner.current = next
    if (next.isTogether) {
      if (!before.isTogether || before.open.length !== next.open.length) sayAll(next.open.length)
    } else for (const { id, title, message } of devices) if (stays.has(id) && !before.open.includes(id)) say(id, title, message())
  })
  useEffect(() => {
    if (now !== null) tell(now)
  }, [now])
}
