import { randomUUID } from 'node:crypto'
import { fakeHost } from '../host.fake.ts'
import { nodeHost } from '../host.node.ts'
import type { Store } from '../store/open.ts'
import { Recordings } from './recordings.ts'

/** Recordings whose files are on a simulated disk. */
export function recordingsInMemory(store: Store): Recordings {
  const { files } = fakeHost()
  return new Recordings({ store, files, clock: nodeHost().clock, newId: randomUUID, folder: '/recordings', onDefect: () => undefined })
}
