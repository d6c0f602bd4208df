import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AuditEntry } from '../../contract/audit.ts'
import { authStatus, groupName } from '../../contract/devices.ts'
import { filterTerm } from '../../contract/filters.ts'
import type { AuthsetStatus, StoredAuthset } from '../store/authsets.ts'
import type { StoredDevice } from '../store/devices.ts'

/** A time as the API writes it. */
export const toTime = (at: number): string => new Date(at).toISOString()

const list = <S extends z.ZodType>(item: S) => z.union([z.array(item), item.transform((one) => [one])])

// Device authentication

export const deviceQuery = z.object({ status: list(authStatus).optional(), id: list(z.string()).optional() })
export const countQuery = z.object({ status: authStatus.optional() })
export const authsetStatusBody = z.object({ status: z.enum(['accepted', 'rejected', 'pending']) })
export const authsetStatusJson = (status: AuthsetStatus) => ({ status })
export const preauthorizeBody = z
  .object({
    identity_data: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    pubkey: z.string().min(1),
    force: z.boolean().default(false),
  })
  .transform(({ identity_data: identity, pubkey: publicKeyPem, force: isForced }) => ({ identity, publicKeyPem, isForced }))

export function deviceJson({ id, identity, status, createdAt, updatedAt, lastSeenAt }: StoredDevice, authsets: readonly StoredAuthset[]) {
  return {
    id,
    identity_data: identity,
    status,
    decommissioning: false,
    created_ts: toTime(createdAt),
    updated_ts: toTime(updatedAt),
    ...(lastSeenAt === null ? {} : { check_in_time: toTime(lastSeenAt) }),
    auth_sets: authsets.map((set) => ({
      id: set.id,
      device_id: id,
      identity_data: identity,
      pubkey: set.publicKeyPem,
      status: set.status,
      ts: toTime(set.createdAt),
    })),
  }
}

// Inventory

/** An attribute of any scope, also of those that are put together from elsewhere. */
export interface DeviceAttribute {
  scope: string
  name: string
  value: string | string[]
  updatedAt: number | null
}

/** Attributes of a device in every scope: what it sent, who it is, and what the server knows of it. */
export function attributesOf(device: StoredDevice, stored: readonly DeviceAttribute[]): DeviceAttribute[] {
  const { id, identity, status, group, createdAt, updatedAt, lastSeenAt } = device
  const system = (name: string, value: string | null) => (value === null ? [] : [{ scope: 'system', name, value, updatedAt: null }])
  return [
    ...Object.entries({ ...identity, id, status }).map(([name, value]) => ({ scope: 'identity', name, value, updatedAt: null })),
    ...system('group', group),
    ...system('created_ts', toTime(createdAt)),
    ...system('updated_ts', toTime(updatedAt)),
    ...system('check_in_time', lastSeenAt === null ? null : toTime(lastSeenAt)),
    ...stored.filter(({ scope }) => scope !== 'identity' && scope !== 'system'),
  ]
}

/** Devices by tier. Every device here is of the standard one, whatever it says it is. */
export const countJson = (count: number) => ({ standard: count, micro: 0, system: 0 })

export function inventoryJson({ id, updatedAt }: StoredDevice, attributes: readonly DeviceAttribute[]) {
  return { id, updated_ts: toTime(updatedAt), attributes: attributes.map(attributeJson) }
}

function attributeJson({ scope, name, value, updatedAt }: DeviceAttribute) {
  return { scope, name, value, ...(updatedAt === null ? {} : { timestamp: toTime(updatedAt) }) }
}

/** Changes with the tags, so that two people do not overwrite each other's. */
export function tagsEtag(attributes: readonly DeviceAttribute[]): string {
  const tags = attributes.filter(({ scope }) => scope === 'tags').map(({ name, value }) => [name, value])
  return `"${createHash('sha256').update(JSON.stringify(tags)).digest('hex').slice(0, 32)}"`
}

export const groupBody = z.object({ group: groupName })
export const groupParams = z.object({ name: groupName })
export const groupsQuery = z.object({ status: authStatus.optional() })
export const groupJson = (group: string | null) => ({ group: group ?? '' })
export const deviceIdsBody = z.array(z.string()).min(1)
export const updatedJson = (count: number) => ({ updated_count: count })
export const matchedJson = ({ updated, matched }: { updated: number; matched: number }) => ({
  updated_count: updated,
  matched_count: matched,
})

export const inventoryQuery = z
  .object({ group: groupName.optional(), has_group: z.stringbool().optional(), sort: z.string().optional() })
  .transform(({ has_group: hasGroup, ...rest }) => ({ ...rest, hasGroup }))

const scope = z.enum(['system', 'identity', 'inventory', 'monitor', 'tags'])
const attributeName = z.object({ scope, attribute: z.string().min(1) })
/** Unlike elsewhere the page travels in the body here. */
export const searchBody = z
  .object({
    page: z.number().int().min(1).default(1),
    per_page: z.number().int().min(1).max(500).default(20),
    device_ids: z.array(z.string()).nullish(),
    text: z.string().nullish(),
    filters: z.array(filterTerm).nullish(),
    sort: z.array(attributeName.extend({ order: z.enum(['asc', 'desc']).default('asc') })).nullish(),
    attributes: z.array(attributeName).nullish(),
  })
  .transform(({ page, per_page: perPage, device_ids: ids, text, filters, sort, attributes }) => ({
    page: { page, perPage, offset: (page - 1) * perPage },
    ids: ids?.length ? ids : null,
    text: text ?? '',
    filters: filters ?? [],
    sort: sort ?? [],
    attributes: attributes?.length ? attributes : null,
  }))

const tag = z.object({ name: z.string().regex(/^[\w-]{1,1024}$/), value: z.string().max(4096) })
export const tagsBody = z.array(tag).max(20)

// Audit log

export function auditJson({ at, actor, token, address, action, detail, outcome }: AuditEntry) {
  return { time: toTime(at), actor: { id: actor, type: 'user', email: actor, token, address }, action, change: detail, outcome }
}
