import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from './errors.ts'
import { type FilterTerm, formatFilter, parseFilter } from './filters.ts'

const term = (attribute: string, type: FilterTerm['type'], value: FilterTerm['value'], scope = 'inventory'): FilterTerm => ({
  ...{ scope, attribute, type, value },
})

describe('a filter expression', () => {
  it.each<[string, FilterTerm[]]>([
    ['device_type=rpi4', [term('device_type', '$eq', 'rpi4')]],
    ['device_type = rpi4 and mem_mb>=512', [term('device_type', '$eq', 'rpi4'), term('mem_mb', '$gte', '512')]],
    [
      'a!=1, b<2 && c<=3, d>4 AND e~^v1',
      ['$ne', '$lt', '$lte', '$gt', '$regex'].map((type, index) =>
        term('abcde'[index] ?? '', FILTERS[type] ?? '$eq', ['1', '2', '3', '4', '^v1'][index] ?? ''),
      ),
    ],
    ['tags/room=lab|"the office"', [term('room', '$in', ['lab', 'the office'], 'tags')]],
    ['artifact_name!=v1|v2', [term('artifact_name', '$nin', ['v1', 'v2'])]],
    [
      'group=lab, status=accepted, id=7',
      [term('group', '$eq', 'lab', 'system'), term('status', '$eq', 'accepted', 'identity'), term('id', '$eq', '7', 'identity')],
    ],
    ['gps and !identity/virtual', [term('gps', '$exists', true), term('virtual', '$exists', false, 'identity')]],
    ['rootfs-image.version=v1', [term('rootfs-image.version', '$eq', 'v1')]],
    [String.raw`note="say \"and\", or \\"`, [term('note', '$eq', String.raw`say "and", or \ `.trim())]],
  ])('%s', (text, terms) => {
    expect(parseFilter(text)).toEqual(terms)
    expect(parseFilter(formatFilter(terms))).toEqual(terms)
  })

  it.each(['', ' ', 'and', 'a=', '=b', 'a=b c=d', 'a=b and', 'a>1|2', '!a=b', 'soup/a=b', 'a="open', 'a==b', 'a=b,,c=d'])(
    'is not "%s"',
    (text) => {
      if (text === 'and') return expect(parseFilter(text)).toEqual([term('and', '$exists', true)])
      expect(() => parseFilter(text)).toThrow(AppError)
    },
  )

  const name = fc.stringMatching(/^[\w.:-]{1,20}$/)
  const scope = fc.constantFrom('identity', 'inventory', 'system', 'tags', 'monitor')
  const one = fc.record({
    scope,
    attribute: name,
    type: fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$regex'),
    value: fc.string({ unit: 'grapheme' }),
  })
  const several = fc.record({
    scope,
    attribute: name,
    type: fc.constantFrom('$in', '$nin'),
    value: fc.array(fc.string(), { minLength: 2, maxLength: 4 }),
  })
  const exists = fc.record({ scope, attribute: name, type: fc.constant('$exists'), value: fc.boolean() })

  it('is read back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(one, several, exists), { minLength: 1, maxLength: 5 }), (terms) => {
        const filter = terms.map((each) => ({ ...each, type: FILTERS[each.type] ?? '$eq' }))
        expect(parseFilter(formatFilter(filter))).toEqual(filter)
      }),
    )
  })

  it('is a filter or refused with a hint, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseFilter(text).length).toBeGreaterThan(0)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'BAD_INPUT', hint: expect.stringMatching(/\S/) })
        }
      }),
    )
  })
})

const FILTERS: Readonly<Record<string, FilterTerm['type']>> = {
  ...{ $eq: '$eq', $ne: '$ne', $gt: '$gt', $gte: '$gte', $lt: '$lt', $lte: '$lte' },
  ...{ $regex: '$regex', $in: '$in', $nin: '$nin', $exists: '$exists' },
}
