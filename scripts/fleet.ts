// A fleet of simulated devices against a running server, for measuring.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { root } from './program.ts'

const run = promisify(execFile)
const cli = join(root, 'out', 'main', 'cli.js')
const TYPE = 'virtual'
const ARTIFACT = 'fleet-update'
const PAYLOAD_BYTES = 8 << 20
const WAIT_MS = 200

export interface Fleet extends AsyncDisposable {
  server: string
  token: string
  artifactBytes: number
}

interface FleetOptions {
  server: string
  count: number
  folder: string
  password: string
}

const pending = z.array(z.object({ id: z.string(), auth_sets: z.array(z.object({ id: z.string() })) }))

/** Starts the devices, accepts them all, and puts an artifact for them into the library. */
export async function startFleet({ server, count, folder, password }: FleetOptions): Promise<Fleet> {
  const token = await login(server, password)
  const artifact = join(folder, 'update.mender')
  const payload = join(folder, 'payload.bin')
  await writeFile(payload, randomFillSync(new Uint8Array(PAYLOAD_BYTES)))
  await otabench(['artifact', 'write', 'module-image', '-T', 'single-file', '-n', ARTIFACT, '-t', TYPE, '-f', payload, '-o', artifact])
  await otabench(['artifacts', 'upload', artifact, '--server', server, '--token', token])
  const sim = ['sim', '--count', String(count), '--type', TYPE, '--poll', '1', '--server', server, '--data', join(folder, 'sim')]
  const devices = spawn(process.execPath, [cli, ...sim], { stdio: 'ignore' })
  const { size: artifactBytes } = await stat(artifact)
  await acceptAll(server, token, count)
  return { server, token, artifactBytes, [Symbol.asyncDispose]: () => stop(devices) }
}

/** Deploys the artifact to all devices, and answers when the last one has reported. */
export async function deployToAll({ server, token }: Fleet): Promise<void> {
  await otabench(['deploy', ARTIFACT, '--all', '--wait', '--server', server, '--token', token])
}

async function login(server: string, password: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  const answer = await fetch(`${server}/api/management/v1/useradm/auth/login`, { method: 'POST', headers: { authorization } })
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`)
  return answer.text()
}

async function acceptAll(server: string, token: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const base = `${server}/api/management/v2/devauth/devices`
  for (let accepted = 0; accepted < count; await sleep(WAIT_MS)) {
    const waiting = pending.parse(await (await fetch(`${base}?status=pending&per_page=500`, { headers })).json())
    for (const {
      id,
      auth_sets: [set],
    } of waiting) {
      const body = JSON.stringify({ status: 'accepted' })
      await fetch(`${base}/${id}/auth/${set?.id ?? ''}/status`, { method: 'PUT', headers, body })
      accepted += 1
    }
  }
}

async function otabench(args: readonly string[]): Promise<void> {
  await run(process.execPath, [cli, ...args])
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
