import { z } from 'zod'
import { deviceDeploymentStatus } from '../../contract/devices.ts'
import type { UpdateControlMap } from '../../contract/deployments.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { LogMessage } from '../store/device-deployments.ts'
import type { Attribute } from '../store/inventory.ts'
import { updateControlMapJson } from './wire-update-control.ts'

// Mender's device API: the shapes of its JSON, and what they mean here. Unknown fields are ignored: each client version adds some.

/** Far above what any device says of itself: anybody may ask to join, and what is asked is kept. */
const MAX_ID_DATA = 16 * 1024
const MAX_PUBLIC_KEY = 16 * 1024

/** Body of an authentication request. `id_data` is a text that holds JSON. */
export const authRequestBody = z
  .object({ id_data: z.string().min(1).max(MAX_ID_DATA), pubkey: z.string().min(1).max(MAX_PUBLIC_KEY) })
  .transform(({ id_data: idData, pubkey: publicKeyPem }) => ({ idData, publicKeyPem }))

/** The claims of a device's token. No client reads them; the names are Mender's. */
export const deviceClaims = z.object({ jti: z.string(), sub: z.string(), exp: z.number(), 'mender.device': z.literal(true) })

export function deviceClaimsJson({
  authsetId,
  deviceId,
  at,
  expiresAt,
}: {
  authsetId: string
  deviceId: string
  at: number
  expiresAt: number
}) {
  const seconds = (ms: number): number => Math.floor(ms / 1000)
  return { jti: authsetId, sub: deviceId, iss: 'Mender', iat: seconds(at), exp: seconds(expiresAt), 'mender.device': true }
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => String(value ?? ''))
const attributeBody = z.object({ name: z.string().min(1).max(1024), value: z.union([z.array(scalar), scalar]) })

/** An inventory. A name that comes twice has several values. */
export const inventoryBody = z
  .array(attributeBody)
  .max(1000)
  .transform((list): Attribute[] => {
    const byName = Map.groupBy(list, ({ name }) => name)
    return [...byName].map(([name, same]) => ({
      scope: 'inventory',
      name,
      value: same.length === 1 ? (same[0]?.value ?? '') : same.flatMap(({ value }) => value),
    }))
  })

/** What a device says it has installed when it asks for a deployment. */
export interface NextQuestion {
  provides: Record<string, string>
  /** Whether it understands an update control map. */
  isControllable: boolean
  /** Whether `provides` is everything that it has. */
  hasAllProvides: boolean
}

// Clients send texts, for which nothing has to be made anew; each idle poll is read here.
const provides = z
  .union([z.record(z.string(), z.string()), z.record(z.string(), scalar)])
  .refine((each) => 'artifact_name' in each && 'device_type' in each, 'artifact_name and device_type are needed')
export const nextBodyV2 = z
  .object({ device_provides: provides, update_control_map: z.boolean().default(false) })
  .transform((body): NextQuestion => ({ provides: body.device_provides, hasAllProvides: true, isControllable: body.update_control_map }))
export const nextBodyV1 = provides.transform((body): NextQuestion => ({ provides: body, hasAllProvides: true, isControllable: false }))
export const nextQueryV1 = provides.transform((query): NextQuestion => ({ provides: query, hasAllProvides: false, isControllable: false }))

/** What a device is told to install. */
export function instructionsJson({
  deploymentId,
  artifact,
  uri,
  expiresAt,
  updateControlMap,
}: {
  deploymentId: string
  artifact: StoredArtifact
  uri: string
  expiresAt: number
  /** null: the device waits for nothing, or would not understand. */
  updateControlMap: UpdateControlMap | null
}) {
  const { id, content } = artifact
  return {
    id: deploymentId,
    artifact: {
      id,
      artifact_name: content.name,
      source: { uri, expire: new Date(expiresAt).toISOString() },
      device_types_compatible: content.deviceTypes,
    },
    ...(updateControlMap === null ? {} : { update_control_map: updateControlMapJson(deploymentId, updateControlMap) }),
  }
}

export const statusBody = z.object({ status: deviceDeploymentStatus, substate: z.string().max(1000).default('') })

const messageBody = z.object({
  timestamp: z.coerce.string().default(''),
  level: z.coerce.string().default('info'),
  message: z.coerce.string().default(''),
})
const logBody = z.union([z.object({ messages: z.array(z.unknown()) }).transform(({ messages }) => messages), z.array(z.unknown())])

/**
 * The messages of a log, whatever its state: a log that is cut short or oddly formed is worth most just then. What is not a message
 * becomes one with its raw text.
 */
export function readLog(text: string): LogMessage[] {
  const parsed = logBody.safeParse(parseLoosely(text))
  if (!parsed.success)
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((message) => ({ at: '', level: 'info', message }))
  return parsed.data.map((each) => {
    const message = messageBody.safeParse(each).data
    if (!message) return { at: '', level: 'info', message: typeof each === 'string' ? each : JSON.stringify(each) }
    return { at: message.timestamp, level: message.level, message: message.message || JSON.stringify(each) }
  })
}

/** null for what is not JSON. */
function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}
