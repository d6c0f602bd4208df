import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../contract/csv.ts'
import { toAppError } from '../../contract/errors.ts'
import { parseExpected } from './expected-list.ts'

const failure = (text: string): string => {
  try {
    parseExpected(text, 'fleet.csv')
  } catch (thrown) {
    return toAppError(thrown).message
  }
  return ''
}

describe('a list of devices that are expected', () => {
  it('has the attributes of identities by their names, and a key or its file', () => {
    expect(parseExpected('mac,serial,public_key\n02,S1,"-----BEGIN\nx"\n03,,-----BEGIN\\ny\n', 'fleet.csv')).toEqual([
      { identity: { mac: '02', serial: 'S1' }, key: { pem: '-----BEGIN\nx' }, line: 2 },
      { identity: { mac: '03' }, key: { pem: '-----BEGIN\ny' }, line: 4 },
    ])
    expect(parseExpected('Public Key File;mac\nkeys/a.pem;02\n', 'fleet.csv')).toEqual([
      { identity: { mac: '02' }, key: { file: 'keys/a.pem' }, line: 2 },
    ])
  })

  it.each([
    ['mac\n02\n', 'fleet.csv, line 1: there is no column public_key'],
    ['mac,mac,public_key\n1,2,3\n', 'fleet.csv, line 1: a column has no name of its own'],
    ['mac,public_key\n02\n', 'fleet.csv, line 2: it has 1 values for 2 columns'],
    ['mac,public_key\n02,\n', 'fleet.csv, line 2: it has no public key'],
    ['mac,public_key\n,K\n', 'fleet.csv, line 2: it has no identity'],
    ['mac,public_key\n02,K\n\n02,L\n', 'fleet.csv, line 4: its identity is that of line 2'],
    ['mac,public_key\n', 'fleet.csv, line 2: there are no devices'],
  ])('says of %j what is wrong, and where', (text, message) => expect(failure(text)).toBe(message))

  it('reads back what a spreadsheet is given', () => {
    const word = fc.stringMatching(/^[a-z0-9;, "]{0,10}[a-z0-9]$/)
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 20, selector: (each) => each.trim() }), (macs) => {
        const rows = macs.map((mac) => ({ mac, public_key: 'KEY' }))
        expect(parseExpected(csvText(['mac', 'public_key'], rows), 'f').map(({ identity }) => identity['mac'])).toEqual(
          macs.map((mac) => mac.trim()),
        )
      }),
    )
  })
})
