import { describe, expect, it } from 'vitest'
import { type FilterTerm, filterOperator } from '../../contract/filters.ts'
import { compareNumerically, matches } from './inventory-filter.ts'

const attributes: Record<string, string | string[]> = {
  mem: '10',
  temperature: '-12',
  version: 'v1.10',
  host: 'bench-02',
  ip: ['10.0.0.1', '192.168.7.9'],
}

const TABLE: [string, FilterTerm['type'], FilterTerm['value'], boolean][] = [
  ['mem', '$eq', '10', true],
  ['mem', '$eq', 10, true],
  ['mem', '$ne', '10', false],
  ['mem', '$ne', '11', true],
  ['mem', '$gt', '9', true],
  ['mem', '$gt', '10', false],
  ['mem', '$gte', 10, true],
  ['mem', '$lt', '100', true],
  ['mem', '$lt', '9', false],
  ['mem', '$lte', '10', true],
  ['mem', '$lte', '9', false],
  ['mem', '$ltne', '11', true],
  ['temperature', '$gt', '-20', true],
  ['temperature', '$lt', '5', true],
  ['temperature', '$gt', '-2', false],
  ['version', '$gt', 'v1.9', true],
  ['host', '$gt', 'bench-01', true],
  ['host', '$in', ['a', 'bench-02'], true],
  ['host', '$in', ['a'], false],
  ['host', '$nin', ['a', 'b'], true],
  ['host', '$nin', ['bench-02'], false],
  ['host', '$exists', true, true],
  ['host', '$exists', false, false],
  ['absent', '$exists', false, true],
  ['absent', '$exists', 'true', false],
  ['absent', '$eq', 'x', false],
  ['absent', '$ne', 'x', true],
  ['absent', '$nin', ['x'], true],
  ['absent', '$gt', '0', false],
  ['host', '$regex', '^bench-\\d+$', true],
  ['host', '$regex', 'lab', false],
  ['host', '$regex', 'bench-(', false],
  ['ip', '$eq', '192.168.7.9', true],
  ['ip', '$ne', '192.168.7.9', false],
  ['ip', '$regex', '^10\\.', true],
]

describe('a condition on an attribute', () => {
  it.each(TABLE)('%s %s %j is %s', (attribute, type, value, expected) => {
    expect(matches({ scope: 'inventory', attribute, type, value }, attributes[attribute])).toBe(expected)
  })

  it('is tried with every operator above', () => {
    expect(new Set(TABLE.map(([, type]) => type))).toEqual(new Set(filterOperator.options))
  })
})

describe('awkward values', () => {
  const eq = (value: string, attribute: string) => matches({ scope: 'inventory', attribute: 'a', type: '$eq', value }, attribute)

  it('compare as numbers when both are numbers, with sign and fraction', () => {
    expect(compareNumerically('-5', '-3')).toBeLessThan(0)
    expect(compareNumerically('1.5', '1.25')).toBeGreaterThan(0)
    expect(eq('1', '1.0')).toBe(true)
  })

  it('are equal as text only when they are the same text', () => {
    expect(eq('a', 'a\u200b')).toBe(false)
    expect(eq('a', 'A')).toBe(false)
  })

  it('with a pattern that could take for ever answer at once', () => {
    const attribute = `${'a'.repeat(900)}b`
    expect(matches({ scope: 'inventory', attribute: 'a', type: '$regex', value: '^(a|aa)+$' }, attribute)).toBe(false)
  })
})
