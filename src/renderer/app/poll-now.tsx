import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { RefreshCw } from 'lucide-react'
import { useDevices } from './facts.tsx'
import { useAction } from './use-action.ts'

/** Asks a device to poll at once; nothing while it holds no connection: it polls at its time. */
export function PollNow({ deviceId }: { deviceId: string }) {
  const device = useDevices().value?.find(({ id }) => id === deviceId)
  const poll = useAction((engine) => engine.remote.pollNow({ deviceId }))
  if (device?.connection.state !== 'connected') return null
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<RefreshCw size={11} />}
      aria-label={t`Poll now: ${device.name}`}
      loading={poll.isBusy}
      onClick={() => poll.run()}
    >
      {t`Poll now`}
    </Button>
  )
}
