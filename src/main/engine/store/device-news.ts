import type { Db } from './db.ts'
import type { DeviceNews } from './device-columns.ts'

/**
 * Notes from now on what is written of devices, whoever writes it: by triggers that this connection alone has. What is taken back again
 * is noted too. Of more than `max` changed devices it is no longer said which they are.
 */
export function followDevices(db: Db, max: number): { take(): DeviceNews; isAny(): boolean } {
  let changed: Set<number> | null = new Set()
  let seen = new Map<number, number | null>()
  db.function('note_device', (number: unknown) => {
    if (changed && changed.add(Number(number)).size > max) changed = null
    return 0
  })
  db.function('note_seen', (number: unknown, at: unknown) => {
    seen.set(Number(number), typeof at === 'number' ? at : null)
    return 0
  })
  const note = (name: string, when: string, number: string): string =>
    `CREATE TEMP TRIGGER note_${name} AFTER ${when} BEGIN SELECT note_device(${number}); END;`
  db.exec(`
    ${note('added', 'INSERT ON main.device', 'NEW.number')}
    ${note('removed', 'DELETE ON main.device', 'OLD.number')}
    ${note('changed', 'UPDATE OF status, group_name, device_type, artifact_name, updated_at ON main.device', 'NEW.number')}
    ${note('attribute_added', 'INSERT ON main.attribute', 'NEW.device')}
    ${note('attribute_removed', 'DELETE ON main.attribute', 'OLD.device')}
    ${note('attribute_changed', 'UPDATE OF value ON main.attribute', 'NEW.device')}
    CREATE TEMP TRIGGER note_seen AFTER UPDATE OF last_seen_at ON main.device BEGIN SELECT note_seen(NEW.number, NEW.last_seen_at); END;`)
  return {
    isAny: () => changed === null || changed.size + seen.size > 0,
    take(): DeviceNews {
      const news: DeviceNews = { changed: changed && [...changed], seen: [...seen] }
      changed = new Set()
      seen = new Map()
      return news
    },
  }
}
