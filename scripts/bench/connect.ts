import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BenchProcess } from '../../e2e/clients/bench-process.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { residentBytes } from '../process-memory.ts'

export interface ConnectOrder {
  url: string
  tokens: string[]
}

const DEVICES = 1000
const SETTLE_MS = 3000

/** Memory of `otabench serve`, as it is built, whose devices all hold an idle connection, and how long all of them take to come back after a restart. */
export async function benchConnect(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-connect-'))
  try {
    const tokens = acceptedDevices(join(folder, 'bench.db'))
    await using bench = await BenchProcess.start('none', folder)
    await sleep(SETTLE_MS)
    const before = await residentBytes(bench.pid)
    const child = fork(join(import.meta.dirname, 'load', 'connect-load.ts'))
    try {
      const startedAt = performance.now()
      const all = once(child, 'message')
      child.send({ url: `${bench.http.replace('http', 'ws')}/api/devices/v1/deviceconnect/connect`, tokens } satisfies ConnectOrder)
      await all
      const seconds = (performance.now() - startedAt) / 1000
      await sleep(SETTLE_MS)
      const resident = await residentBytes(bench.pid)
      const command = 'npm run bench connect'
      const what = `${DEVICES.toLocaleString('en')} idle device connections`
      return [
        { what: `memory of the server with ${what}`, ours: resident / 1e6, unit: 'MB', command },
        { what: `of that, for the connections`, ours: (resident - before) / 1e6, unit: 'MB', command },
        { what: `all of ${what} at once: time`, ours: seconds, unit: 's', command },
      ]
    } finally {
      child.kill()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Puts devices into a database, all of them accepted; answers a token for each. */
function acceptedDevices(path: string): string[] {
  const now = () => Date.now()
  const store = openStore(path)
  try {
    const tokens = openDeviceTokens({ store, now })
    return store.transaction(() =>
      Array.from({ length: DEVICES }, (_, index) => {
        const id = `device-${index}`
        const authset = { id: `${id}-key`, deviceId: id, publicKeyPem: 'PEM', fingerprint: id, algorithm: 'ED25519', createdAt: now() }
        store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: now() })
        store.authsets.add({ ...authset, status: 'accepted' })
        store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at: now() })
        return tokens.issue({ id: authset.id, deviceId: id })
      }),
    )
  } finally {
    store.close()
  }
}
