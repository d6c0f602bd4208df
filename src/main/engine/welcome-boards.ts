import { toAppError } from '../contract/errors.ts'
import { liveValue } from './lib/changes.ts'
import type { EngineParts } from './parts.ts'
import { setAuthsetStatus } from './server/device-actions.ts'

const PAGE = 1000

type Welcome = Pick<EngineParts, 'actions' | 'bench' | 'boards' | 'logDefect'>

/** Accepts simulated devices and virtual boards of this bench when they ask to join, whatever the accept mode: who started them has said yes already. */
export async function welcomeBoards(parts: Welcome, signal: AbortSignal): Promise<void> {
  for await (const _ of liveValue(signal, [parts.actions.store.changes.devices], () => undefined)) {
    try {
      welcome(parts)
    } catch (thrown) {
      // A full disk: they ask again, and are welcome then.
      parts.logDefect(toAppError(thrown))
    }
  }
}

function welcome({ actions, bench, boards }: Welcome): void {
  const { store } = actions
  if (bench.list().length + boards.list().length === 0) return
  for (const { id, identity } of store.devices.page({ status: 'pending', offset: 0, limit: PAGE })) {
    if (!bench.observe(identity) && !boards.byMac(identity['mac'])) continue
    const asking = store.authsets.ofDevice(id).find(({ status }) => status === 'pending')
    if (asking) setAuthsetStatus(actions, { deviceId: id, authsetId: asking.id, status: 'accepted' })
  }
}
