import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/** Long enough to be reached by keyboard too. */
const SHOWN_MS = 20_000

interface Offer {
  title: string
  text: string
  color: 'gray' | 'yellow'
  /** The word on the button. */
  action: string
  onAccept: () => void
}

/** Says something in a corner, with one click that answers it. */
export function showOffer({ title, text, color, action, onAccept }: Offer): void {
  const id = notifications.show({
    ...{ title, color, withBorder: true, autoClose: SHOWN_MS },
    message: (
      <>
        {text}
        <Group mt={6}>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(id)
              onAccept()
            }}
          >
            {action}
          </Button>
        </Group>
      </>
    ),
  })
}
