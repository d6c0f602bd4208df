import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEntry } from './audit.ts'
import { allEntries, auditText } from './audit-text.ts'

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ id: 7, at: Date.UTC(2026, 0, 2, 3, 4, 5), actor: 'admin', token: 'ci', address: '192.168.7.9', action: 'devices.rename' },
  ...{ detail: '{"name":"desk"}', outcome: 'done', ...more },
})

describe('the audit log as text', () => {
  it('is CSV with a header, quoted where it has to be, and in a spreadsheet no formula', () => {
    expect(auditText([entry({ actor: '=cmd()', outcome: 'no, "never"' })], 'csv')).toBe(
      'id,time,actor,token,address,action,outcome,detail\r\n' +
        `7,2026-01-02T03:04:05.000Z,'=cmd(),ci,192.168.7.9,devices.rename,"no, ""never""","{""name"":""desk""}"\r\n`,
    )
  })

  it('is JSON with the same fields', () => {
    expect(JSON.parse(auditText([entry()], 'json'))).toMatchObject([{ id: 7, time: '2026-01-02T03:04:05.000Z', actor: 'admin' }])
  })

  it('has as many records as there are entries, whatever is in them', () => {
    const entries = fc.array(fc.record({ detail: fc.string(), actor: fc.string({ unit: 'binary' }) }))
    fc.assert(
      fc.property(entries, (given) => {
        const text = auditText(given.map(entry), 'csv')
        // outside of quotes a line break ends a record
        expect(text.replaceAll(/"[^"]*"/g, '').split('\r\n')).toHaveLength(given.length + 2)
      }),
    )
  })

  it('is read page by page to its end', async () => {
    const all = Array.from({ length: 1234 }, (_, index) => entry({ id: 2000 - index }))
    const read = (before: number | undefined, limit: number) =>
      Promise.resolve(all.filter(({ id }) => before === undefined || id < before).slice(0, limit))
    expect(await allEntries(read)).toEqual(all)
  })
})
