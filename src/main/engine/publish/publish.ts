import { createHash } from 'node:crypto'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import type { Clock } from '../host.ts'
import type { MenderServer, RemoteArtifact } from './mender-server.ts'

export interface Publication {
  server: MenderServer
  clock: Clock
  /** The artifact's file. */
  file: { name: string; sizeBytes: number; sha256: string; chunks: () => AsyncIterable<Uint8Array> }
  content: Pick<ArtifactContent, 'name' | 'deviceTypes' | 'files'>
  description: string
  /** Fetch what was sent again, and compare it. Without it the server's word for size and checksums of the payload counts. */
  isContentChecked: boolean
  signal: AbortSignal
  onProgress?: (step: 'send' | 'check', doneBytes: number) => void
  onRetry?: (why: string) => void
}

export interface Published {
  id: string
  /** It was there already, from an earlier try. */
  wasThere: boolean
}

/** Pauses before each new try after the connection broke. */
const RETRY_MS = [1000, 2000, 5000, 10_000]

/**
 * Hands an artifact to a Mender server and makes sure that it arrived. One that is there already is not sent again, so that what was
 * interrupted goes on where it stopped. CONFLICT when the server has another artifact of that name for the same device type,
 * VERIFY_FAILED when what is there is not what was sent.
 */
export async function publish(publication: Publication): Promise<Published> {
  const { server, content, isContentChecked, signal } = publication
  const sent = await send(publication)
  const there = await server.artifact(sent.id, signal)
  const difference = differenceOf(there, publication)
  if (difference !== null)
    throw new AppError('VERIFY_FAILED', `${content.name} arrived, but ${difference}`, 'Remove it there, and publish it again.')
  if (isContentChecked) await compareContent(publication, sent.id)
  return sent
}

async function send(publication: Publication): Promise<Published> {
  const { server, clock, file, description, signal, onRetry, onProgress } = publication
  for (let tries = 0; ; tries += 1) {
    try {
      const there = await findTwin(publication)
      if (there) return { id: there.id, wasThere: true }
      const chunks = counted(file.chunks(), (done) => onProgress?.('send', done))
      return { id: await server.upload({ ...file, description, chunks }, signal), wasThere: false }
    } catch (thrown) {
      const pauseMs = RETRY_MS[tries]
      if (!(thrown instanceof AppError) || thrown.code !== 'DEVICE_UNREACHABLE' || pauseMs === undefined) throw thrown
      onRetry?.(thrown.message)
      await clock.sleep(pauseMs, signal)
    }
  }
}

/** The artifact that is there already; CONFLICT when another one has its place. */
async function findTwin(publication: Publication): Promise<RemoteArtifact | null> {
  const { server, content, signal } = publication
  const others = await server.artifactsNamed(content.name, signal)
  const rivals = others.filter(({ deviceTypes }) => deviceTypes.some((type) => content.deviceTypes.includes(type)))
  const twin = rivals.find((each) => differenceOf(each, publication) === null)
  if (twin) return twin
  const [rival] = rivals
  if (!rival) return null
  const hint = 'Give the artifact another name, or remove the other one there.'
  throw new AppError('CONFLICT', `The server has another artifact ${content.name}: ${differenceOf(rival, publication)}`, hint)
}

/** How what the server has differs from what we have, in words; null when it does not, as far as the server says. */
function differenceOf({ sizeBytes, checksums }: RemoteArtifact, { file, content }: Publication): string | null {
  if (sizeBytes !== null && sizeBytes !== file.sizeBytes) return `it has ${sizeBytes} bytes there and ${file.sizeBytes} here`
  const other = content.files.find(({ name, sha256 }) => checksums.get(name) !== sha256)
  return other ? `its file ${other.name} has another checksum` : null
}

async function compareContent({ server, file, signal, content, onProgress }: Publication, id: string): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of counted(server.content(id, signal), (done) => onProgress?.('check', done))) hash.update(chunk)
  if (hash.digest('hex') === file.sha256) return
  throw new AppError(
    'VERIFY_FAILED',
    `What the server hands out as ${content.name} is not what was sent`,
    'Remove it there, and publish it again.',
  )
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onDone: (doneBytes: number) => void): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of chunks) {
    yield chunk
    done += chunk.length
    onDone(done)
  }
}
