import type { z } from 'zod'
import { attribute as attributeSchema } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import type { AttributeWriter } from './attribute-values.ts'
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

const SELECT = `
  SELECT device.id AS device_id, n.scope, n.name, v.value, a.updated_at FROM device
  JOIN attribute a ON a.device = device.number JOIN attribute_name n ON n.id = a.name AND n.scope <> 'identity'
  JOIN attribute_value v ON v.id = a.value`

/** Attributes by scope: `inventory`, `tags`, and what else a device or a person sets. Identities are the devices' own. */
export function inventoryTable(db: Db, changes: Record<'devices' | 'deviceFacts', Changes>, attributes: AttributeWriter) {
  const selectNumber = db.prepare<[string], number>('SELECT number FROM device WHERE id = ?').pluck()
  const selectDevice = db.prepare<[string], AttributeRow>(`${SELECT} WHERE device.id = ? ORDER BY n.scope, n.name`)
  const selectSlice = db.prepare<[number, number], AttributeRow>(`${SELECT} WHERE device.number > ? AND device.number <= ?`)
  const selectNames = db.prepare<[], { scope: string; name: string; count: number }>(
    'SELECT scope, name, device_count AS count FROM attribute_name WHERE device_count > 0 ORDER BY count DESC, scope, name',
  )
  const remove = db.prepare<[number, string, string]>(
    'DELETE FROM attribute WHERE device = ? AND name = (SELECT id FROM attribute_name WHERE scope = ? AND name = ?)',
  )

  interface Writing {
    number: number
    /** What the device has. */
    rows: AttributeRow[]
    at: number
  }

  /** Answers how many have changed. */
  function write({ number, rows, at }: Writing, given: readonly Attribute[]): number {
    const changed = given.filter(({ scope, name, value }) => {
      const before = rows.find((row) => row.scope === scope && row.name === name)
      return before?.value !== JSON.stringify(value)
    })
    for (const each of changed) attributes.set(number, each, at)
    return changed.length
  }

  /** Answers whether anything changed. Nothing is written of a device that is not there. */
  function change(deviceId: string, at: number, work: (writing: Writing) => number): boolean {
    const isChanged = db.transaction(() => {
      const number = selectNumber.get(deviceId)
      return number !== undefined && work({ number, rows: selectDevice.all(deviceId), at }) > 0
    })()
    if (!isChanged) return false
    changes.devices.bump()
    changes.deviceFacts.bump()
    return true
  }

  return {
    ofDevice: (deviceId: string): StoredAttribute[] => selectDevice.all(deviceId).map(toAttribute),
    /** The attributes of a slice's devices, by device. */
    inSlice: ({ after, upTo }: DeviceSlice): Map<string, StoredAttribute[]> => byDevice(selectSlice.iterate(after, upTo)),
    /** Names that some device has, those of identities too, the commonest first. */
    names: (): { scope: string; name: string; count: number }[] => selectNames.all(),
    /** Adds and overwrites; answers whether anything changed. */
    merge: (deviceId: string, given: readonly Attribute[], at: number): boolean => change(deviceId, at, (writing) => write(writing, given)),
    /** Replaces all attributes of one scope; answers whether anything changed. Attributes of other scopes are not allowed here. */
    replace(deviceId: string, scope: string, given: readonly Attribute[], at: number): boolean {
      const kept = new Set(given.map(({ name }) => name))
      return change(deviceId, at, (writing) => {
        const gone = writing.rows.filter((row) => row.scope === scope && !kept.has(row.name))
        for (const { name } of gone) remove.run(writing.number, scope, name)
        return gone.length + write(writing, given)
      })
    },
  }
}
