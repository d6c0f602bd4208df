import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAppError } from '../../../contract/errors.ts'
import { inPieces, sha256Of, textOf, wholeOf } from '../samples.cases.ts'
import { joinBytes } from '../tar-write.ts'
import { applyPatch } from './apply-patch.ts'
import { indexBase } from './base-index.ts'
import { type PatchFigures, makePatch } from './make-patch.ts'
import { type PatchOperation, encodeHead, encodeOperation, parseHead, parseOperation } from './patch-format.ts'

const memory = (bytes: Uint8Array) => ({
  read: (into: Uint8Array, position: number) => {
    const held = bytes.subarray(position, position + into.length)
    into.set(held)
    return Promise.resolve(held.length)
  },
})

async function patchOf(base: Uint8Array, image: Uint8Array): Promise<{ patch: Uint8Array; figures: PatchFigures | null }> {
  const index = await indexBase(inPieces(base, 10_007), base.length)
  const found: PatchFigures[] = []
  const input = { base: memory(base), baseSha256: sha256Of(base), index, imageBytes: image.length, image: inPieces(image, 9973) }
  const patch = await wholeOf(makePatch(input, (figures) => found.push(figures)))
  return { patch, figures: found[0] ?? null }
}

const applied = (patch: Uint8Array, base: Uint8Array): Promise<Uint8Array> => wholeOf(applyPatch(inPieces(patch, 1009), memory(base)))

/** Bytes that do not compress, the same for one seed. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 16
  })
}

type Edit = { kind: 'insert' | 'overwrite' | 'remove' | 'move' | 'clear'; at: number; length: number; seed: number }

const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'overwrite', 'remove', 'move', 'clear'),
    at: fc.integer({ min: 0, max: 400_000 }),
    length: fc.integer({ min: 0, max: 70_000 }),
    seed: fc.integer({ min: 1, max: 100 }),
  }) satisfies fc.Arbitrary<Edit>,
  { maxLength: 6 },
)

function edited(bytes: Uint8Array, changes: readonly Edit[]): Uint8Array {
  return changes.reduce((image, { kind, at, length, seed }) => {
    const from = Math.min(at, image.length)
    const to = Math.min(from + length, image.length)
    const [head, middle, tail] = [image.subarray(0, from), image.subarray(from, to), image.subarray(to)]
    if (kind === 'insert') return joinBytes([head, noise(length, seed), middle, tail])
    if (kind === 'overwrite') return joinBytes([head, noise(middle.length, seed), tail])
    if (kind === 'remove') return joinBytes([head, tail])
    return kind === 'move' ? joinBytes([head, tail, middle]) : joinBytes([head, new Uint8Array(middle.length), tail])
  }, bytes)
}

const BASE = joinBytes([noise(300_000, 7), new Uint8Array(200_000), noise(150_123, 8)])

describe('a patch', () => {
  it('makes of the base what the image was, however it was edited', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const image = edited(BASE, changes)
        fc.pre(image.length > 0)
        const { patch } = await patchOf(BASE, image)
        expect(Buffer.compare(await applied(patch, BASE), image)).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('makes any image of any base, also of one shorter than a block', async () => {
    const some = fc.uint8Array({ maxLength: 5000 })
    await fc.assert(
      fc.asyncProperty(some, fc.uint8Array({ minLength: 1, maxLength: 5000 }), async (base, image) => {
        const { patch } = await patchOf(base, image)
        expect(Buffer.compare(await applied(patch, base), image)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('is a few bytes where blocks only moved, and is as long as what is new', async () => {
    const large = noise(4 << 20, 3)
    const moved = joinBytes([large.subarray(2 << 20), large.subarray(0, 2 << 20)])
    expect((await patchOf(large, moved)).patch.length).toBeLessThan(300)
    const shifted = joinBytes([large.subarray(0, 1 << 20), noise(777, 5), large.subarray(1 << 20)])
    expect((await patchOf(large, shifted)).patch.length).toBeLessThan(3000)
    const grown = joinBytes([large, noise(50_000, 9)])
    expect((await patchOf(large, grown)).patch.length).toBeLessThan(52_000)
  })

  it('is the same bytes each time, and counts what it is made of', async () => {
    const image = edited(BASE, [{ kind: 'overwrite', at: 100_000, length: 3000, seed: 4 }])
    const [first, again] = [await patchOf(BASE, image), await patchOf(BASE, image)]
    expect(Buffer.compare(first.patch, again.patch)).toBe(0)
    const { copiedBytes = 0, zeroBytes = 0, framedBytes = 0, imageSha256 } = first.figures ?? {}
    expect(copiedBytes + zeroBytes + framedBytes).toBe(image.length)
    expect(imageSha256).toBe(sha256Of(image))
  })

  it('does without a reference that would pass for a dictionary with tables', async () => {
    const base = noise(64 * 1024, 2)
    new DataView(base.buffer).setUint32(0, 0xec30a437, true)
    const image = edited(base, [{ kind: 'overwrite', at: 500, length: 10, seed: 3 }])
    const { patch } = await patchOf(base, image)
    expect(Buffer.compare(await applied(patch, base), image)).toBe(0)
  })

  it('stops where it is cancelled', async () => {
    const abort = new AbortController()
    const index = await indexBase(inPieces(BASE), BASE.length)
    const image = (async function* () {
      yield await Promise.resolve(BASE.subarray(0, 100))
      abort.abort()
      yield new Uint8Array(3 << 20)
    })()
    const input = { base: memory(BASE), baseSha256: sha256Of(BASE), index, imageBytes: 1, image, signal: abort.signal }
    await expect(wholeOf(makePatch(input, () => undefined))).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('a patch is refused', () => {
  const image = edited(BASE, [{ kind: 'overwrite', at: 100_000, length: 3000, seed: 4 }])

  it('by another base, before anything is made', async () => {
    const { patch } = await patchOf(BASE, image)
    const other = BASE.slice()
    other[5] = 1 + (other[5] ?? 0)
    const made = applyPatch(inPieces(patch), memory(other))[Symbol.asyncIterator]()
    await expect(made.next()).rejects.toMatchObject({ code: 'VERIFY_FAILED', message: expect.stringContaining('mounted read-write') })
  })

  it('with any of its bytes changed, but where the same image comes of it, or cut anywhere', async () => {
    const { patch } = await patchOf(BASE, image)
    await fc.assert(
      fc.asyncProperty(fc.nat(patch.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = patch.slice()
        damaged[at] = (damaged[at] ?? 0) ^ change
        // A copy may be of another block that holds the same.
        const outcome = await applied(damaged, BASE).then(
          (made) => Buffer.compare(made, image) === 0 && 'the same image',
          (thrown: unknown) => toAppError(thrown).code,
        )
        expect(['ARTIFACT_INVALID', 'VERIFY_FAILED', 'the same image']).toContain(outcome)
        await expect(applied(patch.subarray(0, at), BASE)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
      }),
      { numRuns: 60, examples: [[3213, 3]] },
    )
  })

  it('when it makes more or less than it says, or refers to what is behind the base', async () => {
    const head = { blockBytes: 1024, baseBytes: BASE.length, baseSha256: sha256Of(BASE), imageBytes: 2048 }
    const patch = (...operations: PatchOperation[]) => joinBytes([encodeHead(head), ...operations.map(encodeOperation)])
    const end = { kind: 'end', imageSha256: createHash('sha256').update(new Uint8Array(1024)).digest('hex') } as const
    for (const [bytes, message] of [
      [patch({ kind: 'zero', count: 3 }), /more than the 2048 bytes/],
      [patch({ kind: 'zero', count: 1 }, end), /makes 1024 bytes of an image of 2048/],
      [patch({ kind: 'copy', block: 634, count: 1 }), /behind the end of its base/],
      [
        joinBytes([patch({ kind: 'zero', count: 2 }, { kind: 'end', imageSha256: sha256Of(new Uint8Array(2048)) }), Uint8Array.of(10)]),
        /goes on/,
      ],
    ] as const)
      await expect(applied(bytes, BASE)).rejects.toThrow(message)
  })

  it('when a frame expands to another length than its line says', async () => {
    const head = { blockBytes: 1024, baseBytes: BASE.length, baseSha256: sha256Of(BASE), imageBytes: 9000 }
    const frame = zstdCompressSync(new Uint8Array(5000))
    for (const contentBytes of [4999, 5001]) {
      const line = encodeOperation({ kind: 'data', frameBytes: frame.length, contentBytes, reference: [] })
      await expect(applied(joinBytes([encodeHead(head), line, frame]), BASE)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    }
  })
})

describe('a line of a patch', () => {
  it('is read as it was written', () => {
    const extent = fc.record({ block: fc.nat(), count: fc.integer({ min: 1, max: 60 }) })
    const size = fc.integer({ min: 1, max: 1 << 20 })
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('copy' as const), block: fc.nat(), count: fc.integer({ min: 1 }) }),
      fc.record({ kind: fc.constant('zero' as const), count: fc.integer({ min: 1 }) }),
      size.chain((bytes) =>
        fc.record({
          kind: fc.constant('data' as const),
          frameBytes: fc.constant(bytes),
          contentBytes: fc.constant(bytes),
          reference: fc.array(extent, { maxLength: 64 }),
        }),
      ),
    )
    fc.assert(
      fc.property(operation, (written) => {
        expect(parseOperation(textOf(encodeOperation(written)).slice(0, -1), 1024)).toEqual(written)
      }),
    )
  })

  it('is refused, never misread, whatever else it is', () => {
    const word = fc.oneof(fc.constantFrom('copy', 'zero', 'data', 'end', 'otabench-delta', '1', '0', '-1', '01', '1e9', ''), fc.string())
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        for (const parse of [parseHead, (text: string) => parseOperation(text, 4096)]) {
          try {
            parse(words.join(' '))
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'ARTIFACT_INVALID' })
          }
        }
      }),
    )
  })
})
