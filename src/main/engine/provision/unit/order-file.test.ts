import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../../contract/csv.ts'
import { toAppError } from '../../../contract/errors.ts'
import { identityOf } from './allocate.ts'
import { parseOrder } from './order-file.ts'

const failure = (text: string) => {
  try {
    return parseOrder(text, 'wo.csv')
  } catch (thrown) {
    return toAppError(thrown).message
  }
}

describe('a work order', () => {
  it('is read as spreadsheets write it', () => {
    const rows = [
      { serial: 'A1', columns: { mac: 'aa', note: 'say "hi", twice' } },
      { serial: 'A2', columns: { mac: '', note: '' } },
    ]
    expect(parseOrder('\uFEFFserial,mac,note\r\nA1,aa,"say ""hi"", twice"\r\n\r\nA2,,\r\n', 'wo.csv')).toEqual(rows)
    expect(parseOrder('mac;Serial Number;note\naa;A1;"say ""hi"", twice"\n;A2;', 'wo.csv')).toEqual(rows)
    expect(parseOrder('serial\tmac\tnote\nA1\taa\tsay "hi", twice\nA2\t\t\n', 'wo.csv')).toEqual(rows)
  })

  it.each([
    ['mac\naa\n', 'wo.csv, line 1: there is no column serial'],
    ['serial,a,a\n1,2,3\n', 'wo.csv, line 1: two columns have the same name'],
    ['serial,a\n1\n', 'wo.csv, line 2: it has 1 values for 2 columns'],
    ['serial,a\n1,"x\ny"\n1,b\n', 'wo.csv, line 2: "x\ny" is longer than 200 characters, or no text'],
    ['serial,a\n1,x\n\n1,b\n', 'wo.csv, line 4: the serial number 1 is that of line 2'],
    ['serial,a\n,x\n', 'wo.csv, line 2: it has no serial number'],
    ['serial,a\n1,"x\n', 'wo.csv, line 2: a quote is not closed, or something stands behind it'],
    ['serial\n', 'wo.csv, line 2: there are no units'],
  ])('is refused with the line: %j', (text, message) => {
    expect(failure(text)).toBe(message)
  })

  it('comes back from what wrote it, whatever is in it, and nothing hangs or breaks otherwise', () => {
    const word = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => text.trim())
    fc.assert(
      fc.property(
        fc.uniqueArray(
          word.filter((text) => /^[^'=+\-@]+$/.test(text)),
          { minLength: 1 },
        ),
        word,
        (serials, note) => {
          const rows = serials.map((serial) => ({ serial, note: note.replace(/^[=+\-@']+/, '') }))
          const read = parseOrder(csvText(['serial', 'note'], rows), 'x')
          expect(read.map(({ serial, columns }) => ({ serial, note: columns['note'] ?? '' }))).toEqual(
            rows.map((row) => ({ ...row, note: row.note.trim() })),
          )
        },
      ),
    )
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void failure(`serial,${text}`)))
  })

  it('says who a unit is, before what the recipe says; what only a board could say is refused', () => {
    const recipe = {
      identity: { serial: { series: 's', pattern: '{0}', from: 1, whenFailed: 'void' as const }, batch: '7', mac: { interface: 'auto' } },
    }
    const whole = { version: 1 as const, ...recipe, ...{ menderConf: {}, client: { packages: [], apt: [] }, files: [], commands: [] } }
    const all = { ...whole, services: { enable: [] }, checks: [] }
    expect(identityOf(all, { serial: 'A1', columns: { mac: 'aa', batch: '8', customer: 'x' } })).toEqual({
      serial: 'A1',
      batch: '8',
      mac: 'aa',
    })
    expect(() => identityOf(all, { serial: 'A1', columns: {} })).toThrow('A1 has no mac, which the recipe reads on the board')
  })
})
