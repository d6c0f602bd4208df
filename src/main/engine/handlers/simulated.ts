import { AppError } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { decommissionDevice, deviceOfIdentity } from '../server/device-actions.ts'
import { startBench } from '../start-bench.ts'
import { live } from './live.ts'

export function simulatedHandlers(os: Operations, parts: EngineParts) {
  const { bench, changes } = parts
  return {
    list: os.simulated.list.handler(live([changes.simulated], () => bench.list())),
    start: os.simulated.start.handler(() => ({ jobId: startBench(parts) })),
    remove: os.simulated.remove.handler(() => removeBench(parts)),
    setPower: os.simulated.setPower.handler(({ input }) => {
      if (!bench.list().some(({ id }) => id === input.id))
        throw new AppError('NOT_FOUND', `There is no virtual board ${input.id}`, 'See the bench.')
      return bench.setPower(input.id, input.isOn)
    }),
  }
}

/** The boards are gone for good, so the server forgets them too: a card without a board could never do anything again. */
async function removeBench({ bench, actions, store }: EngineParts): Promise<void> {
  const identities = bench.identities()
  await bench.removeAll()
  store.transaction(() => {
    for (const identity of identities) {
      const device = deviceOfIdentity(actions, identity)
      if (device) decommissionDevice(actions, device.id)
    }
  })
}
