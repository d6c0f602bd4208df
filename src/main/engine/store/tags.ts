import { attribute, type Tag } from '../../contract/devices.ts'
import { type Db, readJson } from './db.ts'

/** What devices are tagged with: attributes of the scope `tags`. */
export function tagTable(db: Db) {
  const select = db.prepare<[number], { name: string; value: string; count: number }>(`
    SELECT n.name, v.value, count(*) AS count FROM attribute_name n
    JOIN attribute_value v ON v.name = n.id JOIN attribute a INDEXED BY attribute_by_value ON a.value = v.id
    WHERE n.scope = 'tags' AND n.device_count > 0 GROUP BY v.id ORDER BY count DESC, n.name, v.value LIMIT ?`)
  return {
    /** The commonest first; of a tag with several values, each of them. */
    common: (limit: number): Tag[] =>
      select.all(limit).flatMap(({ name, value, count }) => {
        const values = [readJson(attribute.shape.value, value, 'tag')].flat()
        return values.map((each) => ({ name, value: each, deviceCount: count }))
      }),
  }
}
