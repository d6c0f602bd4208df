import Database from 'better-sqlite3'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

it('a database that cannot be written is a matter of rights, and no defect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-database-'))
  const path = join(folder, 'bench.db')
  const errorOf = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (thrown) {
      return toAppError(thrown)
    }
  }
  const rights = { code: 'PERMISSION', hint: expect.stringContaining('--data DIR') }
  new Database(path).exec('CREATE TABLE t (x TEXT)').close()
  const db = new Database(path, { readonly: true })
  expect(errorOf(() => db.prepare('INSERT INTO t VALUES (1)').run())).toMatchObject(rights)
  db.close()
  mkdirSync(join(folder, 'other.db'))
  expect(errorOf(() => new Database(join(folder, 'other.db')))).toMatchObject(rights)
  rmSync(folder, { recursive: true })
})
