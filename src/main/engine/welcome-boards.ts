import type { VirtualBench } from './device/bench.ts'
import { liveValue } from './lib/changes.ts'
import type { ActionParts } from './server/actions.ts'
import { setAuthsetStatus } from './server/device-actions.ts'

const PAGE = 1000

/** Accepts the boards of the virtual bench when they ask to join, whatever the accept mode: who started them has said yes already. */
export async function welcomeBoards(actions: ActionParts, bench: VirtualBench, signal: AbortSignal): Promise<void> {
  const { store } = actions
  for await (const _ of liveValue(signal, [store.changes.devices], () => undefined)) {
    if (bench.list().length === 0) continue
    for (const { id, identity } of store.devices.page({ status: 'pending', offset: 0, limit: PAGE })) {
      if (!bench.observe(identity)) continue
      const asking = store.authsets.ofDevice(id).find(({ status }) => status === 'pending')
      if (asking) setAuthsetStatus(actions, { deviceId: id, authsetId: asking.id, status: 'accepted' })
    }
  }
}
