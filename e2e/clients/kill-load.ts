import { createHash, randomBytes } from 'node:crypto'
import { authBody, makeDevice } from '../../src/main/engine/server/device.cases.ts'
import { MemorySink, STAMP, moduleSpec, payload } from '../../src/main/engine/artifact/samples.cases.ts'
import { writeArtifact } from '../../src/main/engine/artifact/write.ts'
import type { BenchProcess } from './bench-process.ts'
import type { Ledger } from './kill-ledger.ts'

/** Between two writes of one lane, so that fifty rounds do not make a million of them. */
const PAUSE_MS = 15

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

export interface Load {
  bench: BenchProcess
  ledger: Ledger
  /** Begins names, so that those of two rounds differ. */
  round: string
  /** Aborted when the server was killed. */
  killed: AbortSignal
}

/** Everything that writes, side by side, until the server is killed. */
export async function runLoad(load: Load): Promise<void> {
  const lanes = [join(load, 'a'), join(load, 'b'), manage(load), uploadAndRemove(load), makeTokens(load)]
  await Promise.all(lanes)
}

/** A request whose answer is the acknowledgement; null when the server died under it. What it refuses while it lives is written down. */
async function write({ bench, ledger, killed }: Load, path: string, init: RequestInit, isManagement = true): Promise<Response | null> {
  try {
    const headers = { ...(isManagement && { authorization: `Bearer ${bench.token}` }), ...Object.fromEntries(new Headers(init.headers)) }
    const answer = await fetch(bench.http + path, { ...init, headers })
    const body = await answer.arrayBuffer()
    if (answer.ok) return new Response(body.byteLength === 0 ? null : body, { status: 200, headers: answer.headers })
    if (!killed.aborted) ledger.refusals.push(`${init.method ?? ''} ${path} was answered ${answer.status}: ${Buffer.from(body).toString()}`)
    return null
  } catch (thrown) {
    // The answer did not come: nothing was acknowledged. A server that was not killed has no excuse.
    if (!killed.aborted) await sleepUntilKilled(killed, thrown)
    return null
  }
}

/** The connection may break a moment before the killer has said so: on a busy machine a long one. */
async function sleepUntilKilled(killed: AbortSignal, thrown: unknown): Promise<void> {
  for (let tries = 0; tries < 600 && !killed.aborted; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100))
  if (!killed.aborted) throw thrown
}

const json = (body: unknown): RequestInit => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

/** Devices that join, and say what they are. */
async function join(load: Load, lane: string): Promise<void> {
  for (let count = 0; !load.killed.aborted; count += 1) {
    const device = makeDevice(`${load.round}:${lane}:${count}`)
    const body = authBody(device)
    const headers = { 'x-men-signature': device.sign(body), 'content-type': 'application/json' }
    const answer = await write(load, '/api/devices/v1/authentication/auth_requests', { method: 'POST', body, headers }, false)
    const token = await answer?.text()
    if (token === undefined) continue
    const serial = randomBytes(8).toString('hex')
    const attributes = [
      { name: 'serial', value: serial },
      { name: 'device_type', value: 'raw' },
    ]
    const said = await write(
      load,
      '/api/devices/v1/inventory/device/attributes',
      {
        method: 'PUT',
        body: JSON.stringify(attributes),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
      false,
    )
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const id = String(Object(claims)['sub'])
    if (said) load.ledger.devices.set(device.mac, { id, serial, note: null, group: null })
    await pause()
  }
}

/** Tags, written over and over, and groups of the devices that have joined. */
async function manage(load: Load): Promise<void> {
  for (let count = 0; !load.killed.aborted; count += 1) {
    await pause()
    const devices = [...load.ledger.devices.values()]
    const device = devices[(count * 7) % Math.max(1, devices.length)]
    if (!device) continue
    const note = `${load.round}-${count}`
    const before = device.note
    device.note = { acknowledged: before?.acknowledged ?? 'undefined', sent: [...(before?.sent ?? []), note] }
    const path = `/api/management/v1/inventory/devices/${device.id}`
    if (await write(load, `${path}/tags`, { method: 'PUT', ...json([{ name: 'note', value: note }]) }))
      device.note = { acknowledged: note, sent: [] }
    if (device.group !== null) continue
    const group = `group-${count % 5}`
    if (await write(load, `${path}/group`, { method: 'PUT', ...json({ group }) })) device.group = group
  }
}

/** An artifact in memory, of random content. */
export async function makeArtifact(name: string, sizeBytes: number): Promise<Uint8Array> {
  const sink = new MemorySink()
  const files = [payload('file', randomBytes(sizeBytes))]
  await writeArtifact(moduleSpec({ name, deviceTypes: ['virtual'], files, payloadType: 'single-file' }), sink, { stamp: STAMP })
  return sink.bytes
}

/** Sends an artifact; answers its id once it is acknowledged. */
export async function upload(load: Load, name: string, bytes: Uint8Array): Promise<string | null> {
  const form = new FormData()
  form.set('artifact', new Blob([Buffer.from(bytes)]), `${name}.mender`)
  const answer = await write(load, '/api/management/v1/deployments/artifacts', { method: 'POST', body: form })
  const id = answer?.headers.get('location')?.split('/').at(-1) ?? null
  if (id !== null) load.ledger.artifacts.set(id, { name, sha256: createHash('sha256').update(bytes).digest('hex') })
  return id
}

/** Artifacts that come, and two of three that go again. */
async function uploadAndRemove(load: Load): Promise<void> {
  for (let count = 0; !load.killed.aborted; count += 1) {
    const name = `${load.round}-app-${count}`
    const id = await upload(load, name, await makeArtifact(name, 200_000))
    await pause()
    if (id === null || count % 3 === 0) continue
    const removal = { isAcknowledged: false }
    load.ledger.removals.set(id, removal)
    removal.isAcknowledged = (await write(load, `/api/management/v1/deployments/artifacts/${id}`, { method: 'DELETE' })) !== null
  }
}

/** One personal access token a round, as long as a person may have more. */
async function makeTokens(load: Load): Promise<void> {
  if (load.ledger.tokens.length >= 15) return
  const body = json({ name: `${load.round}-token`, expires_in: 86_400 })
  const answer = await write(load, '/api/management/v1/useradm/settings/tokens', { method: 'POST', ...body })
  if (answer) load.ledger.tokens.push(String(await answer.json()))
}
