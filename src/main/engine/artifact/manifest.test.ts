import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { formatManifest, parseManifest } from './manifest.ts'
import { bytesOf } from './samples.cases.ts'

const SUM = 'ab'.repeat(32)
const sums = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[!-~]{1,90}$/), fc.stringMatching(/^[0-9a-f]{64}$/)), {
  selector: ([name]) => name,
  maxLength: 20,
})

describe('the manifest', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(sums, (list) => {
        expect([...parseManifest(formatManifest(new Map(list)))]).toEqual(list)
      }),
    )
  })

  it('has one spelling: whatever is accepted is written again as the same bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^([0-9a-f]{64} {1,2}[a-z]{1,2}\r?\n){0,3}$/)), (text) => {
        const bytes = bytesOf(text)
        try {
          expect(Buffer.from(formatManifest(parseManifest(bytes)))).toEqual(Buffer.from(bytes))
        } catch (thrown) {
          expect(thrown).toHaveProperty('code', 'ARTIFACT_INVALID')
        }
      }),
    )
  })

  it.each([
    ['upper-case hex', `${SUM.toUpperCase()}  version\n`],
    ['one space', `${SUM} version\n`],
    ['a tab', `${SUM}\tversion\n`],
    ['a star for binary mode', `${SUM} *version\n`],
    ['a carriage return', `${SUM}  version\r\n`],
    ['no newline at its end', `${SUM}  version`],
    ['an empty line', `${SUM}  version\n\n`],
    ['a name twice', `${SUM}  version\n${SUM}  version\n`],
    ['a short sum', `${SUM.slice(1)}  version\n`],
    ['a space in a name', `${SUM}  data/0000/a b\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseManifest(bytesOf(text))).toThrow(AppError)
  })
})
