import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { BOARD_DEVICE_TYPE, type NewBoard } from '../contract/boards.ts'
import { AppError } from '../contract/errors.ts'
import { generateKeyPair } from './artifact/keys.ts'
import { buildParts } from './board-parts.ts'
import { cardPathIn, packagesIn, ubootPathIn } from './boards/boards.ts'
import { BUILD_STEPS, buildCard } from './boards/build.ts'
import { hostKeyLine } from './boards/host-key.ts'
import { requireQemu } from './boards/qemu-process.ts'
import type { JobContext } from './jobs/runner.ts'
import { copyFile, readWhole, writeAtomic } from './lib/file-streams.ts'
import { HOST_OF_BOARDS } from './lib/qemu-network.ts'
import type { EngineParts } from './parts.ts'
import { preauthorizeDevice } from './server/device-actions.ts'
import { identityOfBoard } from './views/board-view.ts'

/** Starts the job that makes a virtual board; answers its id. CONFLICT for a name that is taken, and where no server listens. */
export function createBoard(wish: NewBoard, parts: EngineParts): string {
  const { boards, jobs } = parts
  boards.requireFree(wish.name)
  const verifyKeyPem = verifyKey(wish, parts)
  const server = serverFor(parts)
  const steps = [...BUILD_STEPS, 'Device', ...(wish.isOn ? ['Start'] : [])]
  const request = { kind: 'board-create', title: `Make the board ${wish.name}`, steps, locks: [`board:${wish.name}`] }
  const started = jobs.start(request, (job) => make(job, { wish, verifyKeyPem, server }, parts))
  return started.id
}

interface Making {
  wish: NewBoard
  verifyKeyPem: string | null
  server: { url: string; caPem: string | null }
}

async function make(job: JobContext, { wish, verifyKeyPem, server }: Making, parts: EngineParts): Promise<void> {
  const { host, boards, boardFolder } = parts
  const { name, artifactName, memoryMiB, silenceSeconds, pollSeconds } = wish
  await requireQemu(host)
  const folder = `${boardFolder}/${name}`
  // What a job that broke off has left.
  await host.files.remove(folder)
  const deviceKey = await generateKeyPair('rsa-3072')
  const hostKeyPem = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const mac = newMac()
  try {
    await host.files.makeFolder(folder)
    const spec = {
      ...{ name, artifactName, pollSeconds, verifyKeyPem, hostKeyPem },
      ...{ deviceType: BOARD_DEVICE_TYPE, serverUrl: server.url, caPem: server.caPem, deviceKeyPem: deviceKey.privateKeyPem },
      authorizedKeys: [await sshKeyOf(parts)],
    }
    const into = { cacheFolder: packagesIn(boardFolder), cardPath: cardPathIn(folder) }
    const { ubootPath } = await buildCard(job, buildParts(host), spec, into)
    await copyFile(host.files, ubootPath, ubootPathIn(folder), job.signal)
    job.step('Device')
    await boards.add({
      ...{ name, mac, memoryMiB, silenceMs: silenceSeconds * 1000 },
      ...{ serverUrl: server.url, hostKey: hostKeyLine(hostKeyPem), createdAt: host.clock.now() },
    })
  } catch (thrown) {
    await host.files.remove(folder)
    throw thrown
  }
  expect({ name, mac, publicKeyPem: deviceKey.publicKeyPem }, parts)
  if (!wish.isOn) return
  job.step('Start')
  await boards.power(name, 'on')
}

/** Its first request is accepted without a click, and it is called as the board is. */
function expect({ name, mac, publicKeyPem }: { name: string; mac: string; publicKeyPem: string }, { actions, store }: EngineParts): void {
  const { id } = preauthorizeDevice(actions, { identity: identityOfBoard(mac), publicKeyPem, isForced: true })
  store.devices.rename(id, name)
}

function verifyKey({ verifyKeyId }: NewBoard, { store }: EngineParts): string | null {
  if (verifyKeyId === null) return null
  const key = store.keys.get(verifyKeyId)
  if (!key) throw new AppError('NOT_FOUND', `There is no key ${verifyKeyId}`, 'See the list of keys.')
  return key.publicKeyPem
}

/** The server as a board names it. */
function serverFor({ serverStatus }: EngineParts): Making['server'] {
  const { https, http, caPem } = serverStatus()
  const url = https ?? http
  if (url === null) throw new AppError('CONFLICT', 'The server does not run', 'Start otabench serve, and give this command --server.')
  const { protocol, port } = new URL(url)
  return { url: `${protocol}//${HOST_OF_BOARDS}:${port}`, caPem: protocol === 'https:' ? caPem : null }
}

/** The public half of the key that boards let in as root; made with the first of them. */
async function sshKeyOf({ host: { files }, boardSources: { sshKeyPath } }: EngineParts): Promise<string> {
  const publicPath = `${sshKeyPath}.pub`
  if (!(await files.stat(publicPath))) {
    // An engine that makes none does without its 40 files.
    const ssh2 = await import('ssh2')
    const made = ssh2.default.utils.generateKeyPairSync('ed25519', { comment: 'OTA Bench' })
    await files.makeFolder(dirname(sshKeyPath))
    await writeAtomic(files, sshKeyPath, Buffer.from(made.private), 0o600)
    await writeAtomic(files, publicPath, Buffer.from(`${made.public}\n`))
  }
  return new TextDecoder().decode(await readWhole(files, publicPath))
}

/** A random address of those that QEMU's machines have. */
export function newMac(): string {
  return ['52', '54', '00', ...Array.from(randomBytes(3), (byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
