import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

/** A virtual board as it is kept. */
export interface StoredBoard {
  name: string
  mac: string
  memoryMiB: number
  silenceMs: number
  /** TCP port of 127.0.0.1 that leads to its port 22. */
  sshPort: number
  /** Where it looks for its server, as its card says; null where nobody here made that. */
  serverUrl: string | null
  /** Of its SSH server, as a line of known_hosts has it behind the host; null where it made it itself. */
  hostKey: string | null
  /** Whether it is to run, so that it comes back with the engine. */
  isOn: boolean
  createdAt: number
}

type BoardRow = Omit<StoredBoard, 'isOn'> & { isOn: 0 | 1 }

const SELECT = `
  SELECT name, mac, memory_mib AS memoryMiB, silence_ms AS silenceMs, ssh_port AS sshPort, server_url AS serverUrl, host_key AS hostKey, is_on AS isOn,
    created_at AS createdAt
  FROM board`

const toBoard = (row: BoardRow): StoredBoard => ({ ...row, isOn: row.isOn === 1 })

/** The virtual boards, in the order in which they were made. */
export function boardTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], BoardRow>(`${SELECT} ORDER BY created_at, name`)
  const selectOne = db.prepare<[string], BoardRow>(`${SELECT} WHERE name = ?`)
  const insert = db.prepare(`
    INSERT INTO board (name, mac, memory_mib, silence_ms, ssh_port, server_url, host_key, created_at)
    VALUES (:name, :mac, :memoryMiB, :silenceMs, :sshPort, :serverUrl, :hostKey, :createdAt)`)
  const setOn = db.prepare<[number, string]>('UPDATE board SET is_on = ? WHERE name = ?')
  const setSshPort = db.prepare<[number, string]>('UPDATE board SET ssh_port = ? WHERE name = ?')
  const remove = db.prepare<[string]>('DELETE FROM board WHERE name = ?')
  const changing = <T>(result: T): T => {
    changes.bump()
    return result
  }
  return {
    list: (): StoredBoard[] => selectAll.all().map(toBoard),
    get(name: string): StoredBoard | null {
      const row = selectOne.get(name)
      return row ? toBoard(row) : null
    },
    add: (board: Omit<StoredBoard, 'isOn'>): void => void changing(insert.run(board)),
    setOn: (name: string, isOn: boolean): void => void changing(setOn.run(isOn ? 1 : 0, name)),
    setSshPort: (name: string, port: number): void => void changing(setSshPort.run(port, name)),
    remove: (name: string): void => void changing(remove.run(name)),
  }
}

export type BoardTable = ReturnType<typeof boardTable>
