import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArtifact } from './read.ts'
import { COMPRESSORS, recompress } from './recompress.ts'
import { type ArtifactBytes, readFront } from './resign.ts'
import { MemorySink, STAMP, brokenArtifact, bytesOf, inPieces, moduleSpec, payload, rawTar } from './samples.cases.ts'
import { writeArtifact } from './write.ts'

const at = (bytes: Uint8Array): ArtifactBytes => ({ sizeBytes: bytes.length, chunks: (start, end) => inPieces(bytes.subarray(start, end)) })

async function recompressed(bytes: Uint8Array, id: string, options?: Parameters<typeof recompress>[3]): Promise<Uint8Array> {
  const compressor = COMPRESSORS.get(id)
  if (!compressor) throw new Error(`no compressor ${id}`)
  const sink = new MemorySink()
  const { sizeBytes } = await recompress(at(bytes), compressor, sink, options)
  expect(sink.bytes.length).toBe(sizeBytes)
  return sink.bytes
}

const content = fc
  .uint8Array({ maxLength: 3000 })
  .chain((piece) => fc.integer({ min: 1, max: 700 }).map((count) => Buffer.concat(Array.from({ length: count }, () => piece))))

describe('recompressing', () => {
  it('there and back gives the same file, and changes nothing before the payload', async () => {
    await fc.assert(
      fc.asyncProperty(content, fc.constantFrom('none' as const, 'gzip' as const), async (image, compression) => {
        const sink = new MemorySink()
        await writeArtifact(moduleSpec({ compression, files: [payload('image', image), payload('note', bytesOf('x'))] }), sink, {
          stamp: STAMP,
        })
        const front = await readFront(at(sink.bytes))
        const before = await readArtifact(inPieces(sink.bytes))
        for (const id of COMPRESSORS.keys()) {
          const other = await recompressed(sink.bytes, id)
          const { compression: now, files } = await readArtifact(inPieces(other))
          expect([now, files]).toEqual([COMPRESSORS.get(id)?.compression, before.files])
          expect(Buffer.from(other.subarray(0, front.data.startsAt)).equals(front.stored)).toBe(true)
          expect(Buffer.from(await recompressed(other, compression)).equals(sink.bytes)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    [
      'a file is not what the manifest says',
      { storedData: rawTar([{ name: 'update.sh', content: bytesOf('echo hellO\n') }]), dataName: 'data/0000.tar' },
      /checksum mismatch/,
    ],
    [
      'a file is there that the manifest does not list',
      { storedData: rawTar([{ name: 'other', content: bytesOf('x') }]), dataName: 'data/0000.tar' },
      /not listed/,
    ],
    ['a file is missing', { storedData: rawTar([]), dataName: 'data/0000.tar' }, /missing/],
    [
      'the compressed data is damaged',
      { storedData: (usual: Uint8Array) => usual.map((byte, index) => (index === 30 ? byte ^ 0xff : byte)) },
      /gzip|checksum|tar/,
    ],
  ])('refuses when %s', async (_, broken, message) => {
    await expect(recompressed(brokenArtifact(broken), 'gzip')).rejects.toThrow(message)
    await expect(recompressed(brokenArtifact(broken), 'none')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })

  it('stops early when a large file is wrong at its beginning, and when it is told to', async () => {
    const large = brokenArtifact({ storedData: rawTar([{ name: 'other', content: new Uint8Array(20 << 20) }]), dataName: 'data/0000.tar' })
    await expect(recompressed(large, 'gzip')).rejects.toThrow(/not listed/)
    await expect(recompressed(brokenArtifact({}), 'none', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
