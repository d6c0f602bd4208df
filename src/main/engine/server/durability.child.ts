import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { nodeHost } from '../host.node.ts'
import { openArtifactFiles } from '../store/artifact-files.ts'
import { openStore } from '../store/open.ts'
import { ACCEPT_MODE } from './device-auth.ts'
import { openLogin } from './login.ts'
import { recordingsInMemory } from './recordings.cases.ts'
import { createServer } from './server.ts'

/** A server in a process of its own, to be killed; its data folder is the first argument. */
const folder = process.argv[2] ?? ''
const { clock, files } = nodeHost()
const store = openStore(join(folder, 'bench.db'))
const check = () => Promise.reject(new Error('no artifacts here'))
const artifactFiles = await openArtifactFiles({ files, store, folder: join(folder, 'artifacts'), check })
store.settings.set(ACCEPT_MODE, 'all')
const actions = { store, artifactFiles, now: () => clock.now(), newId: randomUUID }
const server = createServer({ actions, login: openLogin({ store, clock }), recordings: recordingsInMemory(store) })
const { http } = await server.start({ http: { host: '127.0.0.1', port: 0 } })
process.send?.({ url: http })
