import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeHost } from '../../src/main/engine/host.node.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openLogin } from '../../src/main/engine/server/login.ts'
import { recordingsInMemory } from '../../src/main/engine/server/recordings.cases.ts'
import { createServer } from '../../src/main/engine/server/server.ts'
import { openArtifactFiles } from '../../src/main/engine/store/artifact-files.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'

export interface ConnectOrder {
  url: string
  tokens: string[]
}

const DEVICES = 1000
const SETTLE_MS = 3000

/** Memory of a server whose devices all hold an idle connection, and how long all of them take to come back after a restart. */
export async function benchConnect(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-connect-'))
  const { clock, files } = nodeHost()
  const now = () => clock.now()
  const store = openStore(join(folder, 'bench.db'))
  const artifactFiles = await openArtifactFiles({
    files,
    store,
    folder: join(folder, 'artifacts'),
    check: () => Promise.reject(new Error('unused')),
  })
  const tokens = openDeviceTokens({ store, now })
  const ids = Array.from({ length: DEVICES }, (_, index) => `device-${index}`)
  store.transaction(() => {
    for (const id of ids) {
      store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: now() })
      const authset = { id: `${id}-key`, deviceId: id, publicKeyPem: 'PEM', fingerprint: id, algorithm: 'ED25519', createdAt: now() }
      store.authsets.add({ ...authset, status: 'accepted' })
      store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at: now() })
    }
  })
  const server = createServer({
    actions: { store, artifactFiles, now, newId: randomUUID },
    login: openLogin({ store, clock }),
    recordings: recordingsInMemory(store),
  })
  const { http } = await server.start({ http: { host: '127.0.0.1', port: 0 } })
  await sleep(SETTLE_MS)
  const before = process.memoryUsage().rss
  const child = fork(join(import.meta.dirname, 'load', 'connect-load.ts'))
  try {
    const startedAt = performance.now()
    const all = once(child, 'message')
    const url = `${(http ?? '').replace('http', 'ws')}/api/devices/v1/deviceconnect/connect`
    child.send({ url, tokens: ids.map((id) => tokens.issue({ id: `${id}-key`, deviceId: id })) } satisfies ConnectOrder)
    await all
    const seconds = (performance.now() - startedAt) / 1000
    await sleep(SETTLE_MS)
    const { rss } = process.memoryUsage()
    const command = 'npm run bench connect'
    const what = `${DEVICES.toLocaleString('en')} idle device connections`
    return [
      { what: `memory of the server with ${what}`, ours: rss / 1e6, unit: 'MB', command },
      { what: `of that, for the connections`, ours: (rss - before) / 1e6, unit: 'MB', command },
      { what: `all of ${what} at once: time`, ours: seconds, unit: 's', command },
    ]
  } finally {
    child.kill()
    await server.stop(0)
    store.close()
    await rm(folder, { recursive: true })
  }
}
