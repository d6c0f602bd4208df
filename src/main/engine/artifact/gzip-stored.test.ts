import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storedGzip } from './gzip-stored.ts'
import { inPieces, wholeOf } from './samples.cases.ts'

describe('a gzip that compresses nothing', () => {
  it('has the size that was said before, and holds what went in', async () => {
    const sizes = fc.oneof(fc.constantFrom(0, 1, 65_534, 65_535, 65_536, 131_070, 131_071), fc.nat(300_000))
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 100_000 }), async (sizeBytes, pieceBytes) => {
        const content = Buffer.alloc(sizeBytes, 'what is packed ')
        const packed = storedGzip({ sizeBytes, chunks: () => inPieces(content, pieceBytes) })
        const bytes = await wholeOf(packed.chunks())
        expect(bytes.length).toBe(packed.sizeBytes)
        expect(gunzipSync(bytes).equals(content)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})
