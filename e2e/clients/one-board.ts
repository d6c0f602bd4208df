import { z } from 'zod'
import { type BenchProcess, eventually } from './bench-process.ts'

const devices = z.array(z.object({ id: z.string(), status: z.string() }))
const connection = z.object({ status: z.string(), updated_ts: z.string() })
const outcomes = z.array(z.object({ id: z.string(), status: z.string() }))

/** The id of the one board that there is, once it has joined. */
export async function joined(bench: BenchProcess): Promise<string> {
  const [device] = await eventually('the board to join', async () => {
    const found = devices.parse(await bench.api('GET', 'v2/devauth/devices'))
    return found.length === 1 && found.every(({ status }) => status === 'accepted') && found
  })
  return device?.id ?? ''
}

/** Since when the board holds its connection, once it does, and holds another one than `before`: a deployment breaks the one that it had. */
export function connected(bench: BenchProcess, id: string, before = ''): Promise<string> {
  return eventually('the board to connect', async () => {
    const { status, updated_ts: since } = connection.parse(await bench.api('GET', `v1/deviceconnect/devices/${id}`))
    return status === 'connected' && since !== before && since
  })
}

/** Deploys an artifact of the library to the one board that there is, once it has joined; answers the deployment's id. */
export async function deploy(bench: BenchProcess, artifactName: string): Promise<string> {
  const id = await joined(bench)
  return (await bench.cli('deploy', artifactName, '--device', id)).trim()
}

/** How a deployment ended on the one device, and the log it sent when it failed. */
export async function outcome(bench: BenchProcess, deploymentId: string): Promise<{ status: string; log: string }> {
  const path = `v1/deployments/deployments/${deploymentId}/devices`
  const found = await eventually(`deployment ${deploymentId} finished`, async () => {
    const [device] = outcomes.parse(await bench.api('GET', `${path}/list`))
    return device && (device.status === 'success' || device.status === 'failure') && device
  })
  if (found.status === 'success') return { status: found.status, log: '' }
  const log = await eventually('the log', async () => String(await bench.api('GET', `${path}/${found.id}/log`).catch(() => '')))
  return { status: found.status, log }
}
