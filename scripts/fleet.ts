// A fleet of virtual devices against a running server, for measuring.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { randomFillSync } from 'node:crypto'
import { setPriority } from 'node:os'
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
const POLL_SECONDS = 1
const WAIT_MS = 200
/** Virtual devices stand for other machines: what has to be quick on this one goes before them. */
const NICE = 10

export interface Fleet extends AsyncDisposable {
  server: string
  token: string
  artifactBytes: number
}

export interface FleetOptions {
  server: string
  count: number
  folder: string
  password: string
  payloadBytes?: number
  pollSeconds?: number
  /** Of the network of each device; without it as fast as it goes. */
  bytesPerSecond?: number
}

const pending = z.array(z.object({ id: z.string(), auth_sets: z.array(z.object({ id: z.string() })) }))

/** Starts the devices, accepts them all, and puts an artifact for them into the library. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { server, count, folder, password, payloadBytes = PAYLOAD_BYTES } = options
  const token = await login(server, password)
  const artifact = join(folder, 'update.mender')
  const payload = join(folder, 'payload.bin')
  await writeFile(payload, randomFillSync(new Uint8Array(payloadBytes)))
  await otabench(['artifact', 'write', 'module-image', '-T', 'single-file', '-n', ARTIFACT, '-t', TYPE, '-f', payload, '-o', artifact])
  await otabench(['artifacts', 'upload', artifact, '--server', server, '--token', token])
  const devices = await startDevices(options)
  const { size: artifactBytes } = await stat(artifact)
  await acceptAll(server, token, count)
  return { server, token, artifactBytes, [Symbol.asyncDispose]: () => stop(devices) }
}

/** In a session of its own: where Linux shares cores out by sessions first, a priority counts within one alone. */
async function startDevices(options: FleetOptions): Promise<ChildProcess> {
  const devices = spawn(process.execPath, [cli, ...simulation(options)], { stdio: 'ignore', detached: true })
  endWithThisProcess(devices)
  if (devices.pid === undefined) return devices
  setPriority(devices.pid, NICE)
  const session = `/proc/${devices.pid}/autogroup`
  if (existsSync(session)) await writeFile(session, String(NICE))
  return devices
}

/** Ctrl+C does not reach another session. */
function endWithThisProcess(child: ChildProcess): void {
  const end = (): boolean => child.kill()
  const interrupted = (): never => process.exit(130)
  process.once('exit', end).once('SIGINT', interrupted).once('SIGTERM', interrupted)
  child.once('exit', () => process.off('exit', end).off('SIGINT', interrupted).off('SIGTERM', interrupted))
}

function simulation({ server, count, folder, pollSeconds = POLL_SECONDS, bytesPerSecond }: FleetOptions): string[] {
  const speed = bytesPerSecond === undefined ? [] : ['--speed', String(bytesPerSecond)]
  const where = ['--server', server, '--data', join(folder, 'sim')]
  return ['sim', '--count', String(count), '--type', TYPE, '--poll', String(pollSeconds), ...speed, ...where]
}

/** Orders a deployment of the artifact to all devices, also to those that run it already. */
export async function beginDeployment({ server, token }: Fleet): Promise<void> {
  await otabench(['deploy', ARTIFACT, '--all', '--force', '--server', server, '--token', token])
}

const deployments = z.array(z.object({ status: z.string() }))

/** Whether a deployment is under way. */
export async function isDeploying({ server, token }: Fleet): Promise<boolean> {
  const answer = await fetch(`${server}/api/management/v1/deployments/deployments`, { headers: { authorization: `Bearer ${token}` } })
  return deployments.parse(await answer.json()).some(({ status }) => status !== 'finished')
}

/** How many requests of devices the server has answered. */
export async function answeredByDevices({ server, token }: Fleet): Promise<number> {
  const text = await (await fetch(`${server}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
  const counts = text.matchAll(/^otabench_http_requests_total\{[^}]*interface="device"[^}]*\} (\d+)/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
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
