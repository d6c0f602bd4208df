import type { z } from 'zod'
import { attribute as attributeSchema } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'
import type { DeviceSlice } from './deployment-filling.ts'

export type Attribute = z.infer<typeof attributeSchema>

export interface StoredAttribute extends Attribute {
  updatedAt: number
}

interface AttributeRow {
  device_id: string
  scope: string
  name: string
  value: string
  updated_at: number
}

function toAttribute(row: AttributeRow): StoredAttribute {
  const { scope, name } = row
  return { scope, name, value: readJson(attributeSchema.shape.value, row.value, 'attribute'), updatedAt: row.updated_at }
}

function byDevice(rows: Iterable<AttributeRow>): Map<string, StoredAttribute[]> {
  const devices = new Map<string, StoredAttribute[]>()
  for (const row of rows) {
    const list = devices.get(row.device_id)
    if (list) list.push(toAttribute(row))
    else devices.set(row.device_id, [toAttribute(row)])
  }
  return devices
}

/** Attributes by scope: `identity`, `inventory`, `tags`, and what else a device or a person sets. */
export function inventoryTable(db: Db, changes: Changes) {
  const selectDevice = db.prepare<[string], AttributeRow>('SELECT * FROM attribute WHERE device_id = ? ORDER BY scope, name')
  const selectAll = db.prepare<[], AttributeRow>('SELECT * FROM attribute')
  const selectSlice = db.prepare<[string, string], AttributeRow>('SELECT * FROM attribute WHERE device_id > ? AND device_id <= ?')
  const selectNames = db.prepare<[], { scope: string; name: string; n: number }>(
    'SELECT scope, name, count(*) AS n FROM attribute GROUP BY scope, name ORDER BY n DESC, scope, name',
  )
  const upsert = db.prepare<[string, string, string, string, number]>(`
    INSERT INTO attribute VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at WHERE value <> excluded.value`)
  const remove = db.prepare<[string, string, string]>('DELETE FROM attribute WHERE device_id = ? AND scope = ? AND name = ?')

  function write(deviceId: string, attributes: readonly Attribute[], at: number): number {
    return attributes.reduce((sum, { scope, name, value }) => sum + upsert.run(deviceId, scope, name, JSON.stringify(value), at).changes, 0)
  }

  return {
    ofDevice: (deviceId: string): StoredAttribute[] => selectDevice.all(deviceId).map(toAttribute),
    /** All attributes by device, one pass over the table. */
    byDevice: (): Map<string, StoredAttribute[]> => byDevice(selectAll.iterate()),
    /** The attributes of a slice's devices, by device. */
    inSlice: ({ after, upTo }: DeviceSlice): Map<string, StoredAttribute[]> => byDevice(selectSlice.iterate(after, upTo)),
    /** Names that some device has, the commonest first. */
    names: (): { scope: string; name: string; count: number }[] =>
      selectNames.all().map(({ scope, name, n }) => ({ scope, name, count: n })),
    /** Adds and overwrites; answers whether anything changed. */
    merge(deviceId: string, attributes: readonly Attribute[], at: number): boolean {
      const isChanged = db.transaction(() => write(deviceId, attributes, at))() > 0
      if (isChanged) changes.bump()
      return isChanged
    },
    /** Replaces all attributes of one scope; answers whether anything changed. Attributes of other scopes are not allowed here. */
    replace(deviceId: string, scope: string, attributes: readonly Attribute[], at: number): boolean {
      const kept = new Set(attributes.map(({ name }) => name))
      const isChanged = db.transaction(() => {
        const gone = selectDevice.all(deviceId).filter((row) => row.scope === scope && !kept.has(row.name))
        for (const { name } of gone) remove.run(deviceId, scope, name)
        return gone.length + write(deviceId, attributes, at) > 0
      })()
      if (isChanged) changes.bump()
      return isChanged
    },
  }
}
