import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { bytesOf, hasBytes } from '../image/image-bytes.ts'
import { StreamedImage } from './streamed-image.ts'

const MIB = 1 << 20
/** More than is kept in memory, with zeros in between, and not in whole blocks. */
const SIZE = 80 * MIB + 12_345

describe('an image that comes as a stream', () => {
  let folder: string
  const content = Buffer.alloc(SIZE)
  let passed = 0
  const open = (): StreamedImage => {
    passed = 0
    rmSync(join(folder, 'spill'), { force: true })
    async function* pieces() {
      const reused = Buffer.alloc(250_000)
      for (let at = 0; at < SIZE; at += reused.length) {
        const count = content.copy(reused, 0, at)
        passed = at + count
        yield reused.subarray(0, count)
      }
    }
    return new StreamedImage({
      content: pieces(),
      sizeBytes: SIZE,
      openSpill: () => nodeHost().files.open(join(folder, 'spill'), 'create'),
    })
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-stream-'))
    for (let at = 0; at < SIZE - 4; at += 4096) content.writeUInt32LE(at + 1, at)
    content.fill(0, 70 * MIB, 73 * MIB)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('can be read at any place and in any order, cut where it ends', async () => {
    const reads = array(tuple(constantFrom(0, 30, 63, 68, 69, 75, 79), nat(2 * MIB), nat(2 * MIB)), { minLength: 1, maxLength: 12 })
    await assert(
      asyncProperty(reads, async (places) => {
        await using image = open()
        const found = await Promise.all(places.map(([mib, offset, length]) => image.read(mib * MIB + offset, length)))
        for (const [index, [mib, offset, length]] of places.entries()) {
          const wanted = content.subarray(mib * MIB + offset, mib * MIB + offset + length)
          expect(Buffer.compare(bytesOf(found[index] ?? new DataView(new ArrayBuffer(0))), wanted)).toBe(0)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('says how long it is without being read to its end', async () => {
    await using image = open()
    expect([await hasBytes(image.read, SIZE), await hasBytes(image.read, SIZE + 1), passed]).toEqual([true, false, 0])
  })

  it('goes on only as far as is read, and needs no file for what fits into memory', async () => {
    await using image = open()
    await image.read(40 * MIB, 100)
    expect(passed).toBeLessThan(41 * MIB)
    expect(() => statSync(join(folder, 'spill'))).toThrow(/ENOENT/)
    await image.read(SIZE - 1, 1)
    // Zeros are not written: 64 MiB are in memory, and three of the others are empty.
    expect(statSync(join(folder, 'spill')).blocks * 512).toBeLessThan(14 * MIB)
  })
})
