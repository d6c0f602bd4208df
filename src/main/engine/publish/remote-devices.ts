import { createHash, createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { type Answer, type Ask, ask } from './http.ts'
import { parseAnswer, refusal } from './mender-server.ts'

const DEVICES = 'api/management/v2/devauth/devices'
const PAGE = 500

const remoteDevice = z.object({
  id: z.string(),
  identity_data: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  auth_sets: z.array(z.object({ pubkey: z.string(), status: z.string() })).nullish(),
})
type RemoteDevice = z.infer<typeof remoteDevice>

interface Device {
  identity: Readonly<Record<string, string>>
}

/** The devices of a Mender server, hosted, of one's own, or another bench: what of its management API is needed to announce one. */
export class RemoteDevices {
  readonly name: string
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url.endsWith('/') ? url : `${url}/`
    this.#token = token
    this.name = new URL(url).origin
  }

  /** Answers the device's id. CONFLICT when the server knows the identity already. */
  async expect({ identity, publicKeyPem }: Device & { publicKeyPem: string }, signal: AbortSignal): Promise<string> {
    const body = jsonBody({ identity_data: identity, pubkey: publicKeyPem })
    const answer = await this.#ask({ method: 'POST', path: DEVICES, body, signal })
    if (answer.status === 409) {
      const who = Object.entries(identity).map(([name, value]) => `${name}=${value}`)
      throw new AppError('CONFLICT', `${this.name} knows ${who.join(', ')} already`, 'Decommission it there first.')
    }
    if (answer.status !== 201) throw refusal(answer, new URL(this.#url).host)
    const id = answer.location?.split('/').at(-1) ?? ''
    return id !== '' ? id : ((await this.#find(identity, fingerprintOf(publicKeyPem)))?.id ?? '')
  }

  async withdraw({ deviceId, identity, keyFingerprint }: Device & { deviceId: string | null; keyFingerprint: string }): Promise<void> {
    const id = deviceId ?? (await this.#find(identity, keyFingerprint))?.id
    if (id === undefined || id === '') return
    const answer = await this.#ask({ method: 'DELETE', path: `${DEVICES}/${encodeURIComponent(id)}`, signal: NEVER })
    if (answer.status !== 204 && answer.status !== 404) throw refusal(answer, new URL(this.#url).host)
  }

  /** Among those that are preauthorized. */
  async #find(identity: Device['identity'], keyFingerprint: string): Promise<RemoteDevice | null> {
    for (let page = 1; ; page += 1) {
      const path = `${DEVICES}?status=preauthorized&per_page=${PAGE}&page=${page}`
      const answer = await this.#ask({ method: 'GET', path, signal: NEVER })
      if (answer.status !== 200) throw refusal(answer, new URL(this.#url).host)
      const devices = parseAnswer(z.array(remoteDevice), answer)
      const found = devices.find((device) => isSame(device, identity) && hasKey(device, keyFingerprint))
      if (found) return found
      if (devices.length < PAGE) return null
    }
  }

  #ask({ path, ...request }: Omit<Ask, 'url' | 'token'> & { path: string }): Promise<Answer> {
    return ask({ ...request, url: this.#url + path, token: this.#token })
  }
}

/** What undoes is bounded by the silence that a request bears. */
const NEVER = new AbortController().signal

function jsonBody(value: unknown): NonNullable<Ask['body']> {
  const content = Buffer.from(JSON.stringify(value))
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    yield content
  }
  return { type: 'application/json', sizeBytes: content.length, chunks: chunks() }
}

function isSame({ identity_data: known }: RemoteDevice, identity: Device['identity']): boolean {
  const names = Object.keys(known ?? {})
  return names.length === Object.keys(identity).length && names.every((name) => known?.[name] === identity[name])
}

function hasKey({ auth_sets: sets }: RemoteDevice, fingerprint: string): boolean {
  return (sets ?? []).some(({ pubkey }) => fingerprintOf(pubkey) === fingerprint)
}

/** SHA-256 of the key, however its PEM is written; empty for what is none. */
function fingerprintOf(pem: string): string {
  try {
    return createHash('sha256')
      .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
      .digest('hex')
  } catch {
    return ''
  }
}
