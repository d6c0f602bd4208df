import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'

it('a database that cannot grow is a full disk to people, and no defect', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (x TEXT)')
  db.pragma('max_page_count = 2')
  try {
    db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000))
    expect.unreachable()
  } catch (thrown) {
    expect(toAppError(thrown)).toMatchObject({ code: 'DISK_FULL', hint: expect.stringContaining('Free some space') })
  }
  db.close()
})
