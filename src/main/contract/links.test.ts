import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkText, parseLink } from './links.ts'

test('a link names a device, an artifact, a deployment, a job or a place', () => {
  expect(parseLink('otabench://device/a1b2')).toEqual({ kind: 'device', id: 'a1b2' })
  expect(parseLink('otabench://place/settings')).toEqual({ kind: 'place', id: 'settings' })
  expect(parseLink('otabench://device/with%20space/')).toEqual({ kind: 'device', id: 'with space' })
})

test('a link to the bench may say by what it is filtered, and no other link asks anything', () => {
  const filter = { text: 'lab', chips: [{ facet: 'state', value: 'failed' } as const] }
  expect(linkText({ kind: 'place', id: 'bench', filter })).toBe('otabench://place/bench?state=failed&text=lab')
  expect(parseLink('otabench://place/bench?state=failed&text=lab')).toEqual({ kind: 'place', id: 'bench', filter })
  expect(['otabench://place/bench?state=happy', 'otabench://place/jobs?text=a', 'otabench://device/a?text=a'].map(parseLink)).toEqual([
    ...[null, null, null],
  ])
})

test('what names nothing that the bench knows leads nowhere', () => {
  const texts = [
    ...['otabench://decommission/a1', 'otabench://device', 'otabench://device/', 'otabench://place/nowhere', 'otabench://device/a?now=1'],
    ...['https://device/a1', 'otabench:device/a1', 'otabench://device/a/b', 'otabench://device/%', '--data', ''],
  ]
  expect(texts.filter((text) => parseLink(text) !== null)).toEqual([])
})

test('every id survives being made a link and read again', () => {
  fc.assert(
    fc.property(fc.constantFrom('device', 'artifact', 'deployment', 'job'), fc.string({ minLength: 1, maxLength: 60 }), (kind, id) => {
      if (!id.isWellFormed()) return
      expect(parseLink(linkText({ kind, id }))).toEqual({ kind, id })
    }),
  )
})
