import type { Device } from '@contract/devices.ts'
import { useDevices } from '../../app/facts.tsx'
import { type Offers, useOffers } from '../../app/offers.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'

/** Offers what can be done with the device that has the focus, or is inspected, from wherever one is. */
export function BenchOffers() {
  const devices = useDevices().value ?? []
  const { inspect, askDeploy, inspector } = useWindow()
  const accept = useAction((engine, id: string, authsetId: string) => engine.devices.setAuthStatus({ id, authsetId, status: 'accepted' }))
  useOffers((target): Offers => {
    const card = target?.closest<HTMLElement>('[data-device]')?.dataset.device ?? inspector?.deviceId
    const device = devices.find(({ id }) => id === card)
    if (device === undefined) return {}
    const { id, name: on } = device
    const asks = askingAuthset(device)
    return {
      'device.inspect': { on, run: () => inspect(id) },
      'device.timeline': { on, run: () => inspect(id, 'timeline') },
      'device.deploy': {
        on,
        run: () => askDeploy({ deviceIds: [id], artifactId: null }),
        why: device.status === 'accepted' ? null : 'It is not accepted yet',
      },
      ...(asks !== null && { 'device.accept': { on, run: () => accept.run(id, asks) } }),
    }
  })
  return null
}

/** The key that waits to be accepted; null when none does. */
function askingAuthset({ newKey, authsets }: Device): string | null {
  return newKey?.authsetId ?? authsets.find(({ status }) => status === 'pending')?.id ?? null
}
