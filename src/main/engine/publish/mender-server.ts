import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import { type Answer, type Ask, ask, fetchBytes } from './http.ts'

/** An artifact as Mender's management API describes it, as far as it tells one from another. */
const remoteArtifact = z.object({
  id: z.string(),
  name: z.string(),
  device_types_compatible: z.array(z.string()),
  size: z.number().optional(),
  updates: z.array(z.object({ files: z.array(z.object({ name: z.string(), checksum: z.string() })).nullish() })).nullish(),
})

export interface RemoteArtifact {
  id: string
  deviceTypes: string[]
  /** null where the server does not say. */
  sizeBytes: number | null
  /** SHA-256 of the payload files by name. */
  checksums: Map<string, string>
}

export interface UploadFile {
  name: string
  sizeBytes: number
  description: string
  chunks: AsyncIterable<Uint8Array>
}

export type RemoteTarget = { kind: 'all' } | { kind: 'group'; group: string } | { kind: 'devices'; ids: readonly string[] }

const ARTIFACTS = 'api/management/v1/deployments/artifacts'
const DEPLOYMENTS = 'api/management/v1/deployments/deployments'

/** A Mender server, hosted, of one's own, or another bench: what of its management API is needed to hand it an artifact. */
export class MenderServer {
  readonly #url: string
  readonly #token: string

  /** `url`: http or https, with the path under which the server lies, if any. */
  constructor(url: string, token: string) {
    this.#url = url.endsWith('/') ? url : `${url}/`
    this.#token = token
  }

  /** The artifacts of that name. */
  async artifactsNamed(name: string, signal: AbortSignal): Promise<RemoteArtifact[]> {
    const answer = await this.#ask({ method: 'GET', path: `${ARTIFACTS}?name=${encodeURIComponent(name)}`, signal }, 200)
    // Servers that do not know the filter answer with everything.
    return parseAnswer(z.array(remoteArtifact), answer)
      .filter((each) => each.name === name)
      .map(toRemote)
  }

  async artifact(id: string, signal: AbortSignal): Promise<RemoteArtifact> {
    return toRemote(parseAnswer(remoteArtifact, await this.#ask({ method: 'GET', path: `${ARTIFACTS}/${id}`, signal }, 200)))
  }

  /** Sends a file; answers the id that it has there. */
  async upload({ name, sizeBytes, description, chunks }: UploadFile, signal: AbortSignal): Promise<string> {
    const boundary = `otabench-${randomUUID()}`
    const field = (title: string, value: string) => `--${boundary}\r\ncontent-disposition: form-data; name="${title}"\r\n\r\n${value}\r\n`
    const disposition = `form-data; name="artifact"; filename="${encodeURIComponent(name)}"`
    const head = `${field('size', String(sizeBytes))}${field('description', description)}--${boundary}\r\ncontent-disposition: ${disposition}\r\ncontent-type: application/octet-stream\r\n\r\n`
    const tail = `\r\n--${boundary}--\r\n`
    async function* whole(): AsyncGenerator<Uint8Array, void, void> {
      yield Buffer.from(head)
      yield* chunks
      yield Buffer.from(tail)
    }
    const type = `multipart/form-data; boundary=${boundary}`
    const body = { type, sizeBytes: Buffer.byteLength(head) + sizeBytes + Buffer.byteLength(tail), chunks: whole() }
    return idOf(await this.#ask({ method: 'POST', path: ARTIFACTS, body, signal }, 201))
  }

  /** The file of an artifact, byte by byte as the server hands it out. */
  async *content(id: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const answer = await this.#ask({ method: 'GET', path: `${ARTIFACTS}/${id}/download`, signal }, 200)
    const { uri } = parseAnswer(z.object({ uri: z.url() }), answer)
    yield* fetchBytes({ method: 'GET', url: uri, token: null, signal })
  }

  /** Makes a deployment; answers its id. */
  async deploy(
    { name, artifactName, target }: { name: string; artifactName: string; target: RemoteTarget },
    signal: AbortSignal,
  ): Promise<string> {
    const toWhom = { all: { all_devices: true }, group: {}, devices: { devices: target.kind === 'devices' ? target.ids : [] } }[target.kind]
    const path = target.kind === 'group' ? `${DEPLOYMENTS}/group/${encodeURIComponent(target.group)}` : DEPLOYMENTS
    const content = Buffer.from(JSON.stringify({ name, artifact_name: artifactName, ...toWhom }))
    async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
      yield content
    }
    const body = { type: 'application/json', sizeBytes: content.length, chunks: chunks() }
    return idOf(await this.#ask({ method: 'POST', path, body, signal }, 201))
  }

  async #ask({ path, ...request }: Omit<Ask, 'url' | 'token'> & { path: string }, wanted: number): Promise<Answer> {
    const answer = await ask({ ...request, url: this.#url + path, token: this.#token })
    if (answer.status === wanted) return answer
    throw refusal(answer, new URL(this.#url).host)
  }
}

function toRemote({ id, device_types_compatible: deviceTypes, size, updates }: z.infer<typeof remoteArtifact>): RemoteArtifact {
  const files = (updates ?? []).flatMap((update) => update.files ?? [])
  return { id, deviceTypes, sizeBytes: size ?? null, checksums: new Map(files.map(({ name, checksum }) => [name, checksum])) }
}

const REFUSALS: Record<number, { code: ErrorCode; hint: string }> = {
  400: { code: 'BAD_INPUT', hint: 'See what the server says.' },
  401: { code: 'LOGIN_REFUSED', hint: 'Give a token of that server which has not expired, for example a personal access token.' },
  403: { code: 'PERMISSION', hint: 'The token may not do this: give one that may upload artifacts.' },
  404: { code: 'NOT_FOUND', hint: 'Check the URL: it is the server itself, without /api.' },
  409: { code: 'CONFLICT', hint: 'Remove the other one there, or give the artifact another name.' },
  413: { code: 'BAD_INPUT', hint: 'That server, or what stands before it, takes no file of this size.' },
  422: { code: 'BAD_INPUT', hint: 'See what the server says.' },
}

export function refusal({ status, text }: Answer, host: string): AppError {
  const { code, hint } = REFUSALS[status] ?? { code: 'INTERNAL', hint: `See the log of ${host}.` }
  return new AppError(code, `${host} answered ${status}: ${said(text)}`, hint)
}

const problem = z.object({ error: z.string() })

/** What an answer says in words. */
function said(text: string): string {
  try {
    return problem.parse(JSON.parse(text)).error
  } catch {
    return text.slice(0, 200).trim() || 'nothing'
  }
}

export function parseAnswer<S extends z.ZodType>(schema: S, { text }: Answer): z.output<S> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (thrown) {
    const hint = 'Check the URL: it has to be that of a Mender server.'
    throw new AppError('BAD_INPUT', `The answer is not what a Mender server says: ${text.slice(0, 100)}`, hint, thrown)
  }
}

/** The last part of the Location. */
function idOf({ location }: Answer): string {
  const id = location?.split('/').at(-1)
  if (id) return id
  throw new AppError(
    'BAD_INPUT',
    'The server did not say where it put what was sent',
    'Check the URL: it has to be that of a Mender server.',
  )
}
