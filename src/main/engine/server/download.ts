import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { type DeviceParts, heard, note, sizeText } from './device-parts.ts'
import { parseInput } from './problem.ts'
import { sendArtifact } from './send-artifact.ts'

const PATH = '/v1/deployments/download/:deploymentId/:deviceId/:artifactId'
const params = z.object({ deploymentId: z.string(), deviceId: z.string(), artifactId: z.string() })
const query = z.object({ signature: z.base64url() })

type Link = z.infer<typeof params>

const textOf = ({ deploymentId, deviceId, artifactId }: Link): string => `${deploymentId} ${deviceId} ${artifactId}`

/**
 * Where the device gets its artifact: the host by which it has just reached this server, so that it resolves for the device whatever
 * the server believes to be called. Clients send no token there, so the link carries its own proof.
 */
export function downloadLink({ protocol, host, deviceId }: FastifyRequest, { tokens }: DeviceParts, at: Omit<Link, 'deviceId'>): string {
  const link = { ...at, deviceId }
  const path = Object.entries(link).reduce((text, [name, value]) => text.replace(`:${name}`, encodeURIComponent(value)), PATH)
  return `${protocol}://${host}/api/devices${path}?signature=${tokens.signLink(textOf(link))}`
}

/** Sends artifacts to devices, whole or from where a download broke off. */
export function registerDownload(scope: FastifyInstance, parts: DeviceParts): void {
  scope.get(PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const link = parseInput(params, request.params)
    if (!parts.tokens.isSignedLink(textOf(link), parseInput(query, request.query).signature))
      throw new AppError('LOGIN_REFUSED', 'The link was changed', 'Ask for the deployment again.')
    const deployment = running(parts, link)
    const artifact = parts.store.artifacts.get(link.artifactId)
    if (!artifact) throw new AppError('NOT_FOUND', `There is no artifact ${link.artifactId}`, 'It was removed from the library.')
    const { sizeBytes } = artifact
    const read = (start: number, end: number) => counted(parts, { deployment, artifactId: artifact.id, start, end, sizeBytes })
    return sendArtifact(request, reply, { sizeBytes, read })
  })
}

/** A link is good as long as the device has not finished the deployment, however long that takes. */
function running({ store }: DeviceParts, { deploymentId, deviceId }: Link): StoredDeviceDeployment {
  const found = store.deviceDeployments.get(deploymentId, deviceId)
  if (!found) throw new AppError('NOT_FOUND', 'The deployment of this link is gone', 'Ask for the next one.')
  if (found.finishedAt !== null)
    throw new AppError('PERMISSION', `The deployment of this link is over: ${found.status}`, 'Ask for the next one.')
  return found
}

interface Download {
  deployment: StoredDeviceDeployment
  artifactId: string
  start: number
  end: number
  sizeBytes: number
}

/** The bytes, counted as the network takes them. Left early, it notes where the download broke. */
async function* counted(parts: DeviceParts, download: Download): AsyncGenerator<Uint8Array, void, void> {
  const { deployment, artifactId, start, end, sizeBytes } = download
  const { deviceId, deploymentId, artifactName } = deployment
  using _open = parts.transfers.open()
  using rate = parts.rates.begin({ deploymentId, deviceId })
  const line = { deviceId, deploymentId, lane: 'http' as const }
  const began = start === 0 ? 'Download started' : `Download goes on at byte ${start}`
  note(parts, { ...line, text: `${began}: ${artifactName} (${sizeText(sizeBytes)})` })
  let position = start
  try {
    for await (const chunk of parts.artifactFiles.readPart(artifactId, start, end)) {
      // Noted as sent before it is handed over: what follows happens when the reader asks for more, or leaves.
      position += chunk.length
      heard(parts, deviceId)
      rate.sent(chunk.length)
      parts.transfers.sent(deviceId, chunk.length, { doneBytes: position, totalBytes: sizeBytes })
      yield chunk
    }
  } finally {
    if (position >= end) note(parts, { ...line, text: `Download finished: ${artifactName} (${sizeText(end)})` })
    else note(parts, { ...line, level: 'warning', text: `Download broke off at byte ${position} of ${sizeBytes}` })
  }
}
