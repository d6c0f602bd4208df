import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { COMPRESSION_IDS, type CompressionId } from '../../contract/compression.ts'
import { type Compression, compress, compressSmall, decompress, formatOf } from './compression.ts'
import { inPieces, wholeOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'otabench-compression-'))
afterAll(() => rm(folder, { recursive: true }))

/** Neither all alike nor all different, as programs are. */
const sample = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).map((_, at) => ((at * 7919) >> (at % 5)) & (at >> 9))
/** Two frames of zstd and a bit, two blocks of xz. */
const LARGE = sample(9 * (1 << 20) + 321)
const SMALL = sample(5000)

const compressed = (content: Uint8Array, id: CompressionId, pieceBytes?: number): Promise<Uint8Array> =>
  wholeOf(compress(inPieces(content, pieceBytes), id))
const expanded = (stored: Uint8Array, compression: Compression, pieceBytes?: number): Promise<Uint8Array> =>
  wholeOf(decompress(inPieces(stored, pieceBytes), compression, 'data/0000.tar'))

/** Whether both are the same; comparing them by expect would take long to print. */
const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

/** What a program of the system makes of `input`. Without the program these tests fail, because they would prove nothing. */
async function filtered(input: Uint8Array, program: string, ...args: string[]): Promise<Uint8Array> {
  const path = join(folder, 'input')
  await writeFile(path, input)
  // Through a pipe, so that the program does not know how much comes.
  await run('sh', ['-c', `cat "${path}" | ${program} ${args.join(' ')} > "${path}.out"`])
  return readFile(`${path}.out`)
}

const SKIPPABLE = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5)
const OURS = COMPRESSION_IDS.filter((id) => id !== 'none')
const NEW = OURS.filter((id) => id !== 'gzip')

describe.each(OURS)('%s', (id) => {
  it('gives back what went in, however it came in pieces', async () => {
    const stored = await compressed(LARGE, id)
    expect(isSame(await expanded(stored, formatOf(id)), LARGE)).toBe(true)
    expect(isSame(await expanded(stored, formatOf(id), 1009), LARGE)).toBe(true)
  })

  it('makes the same bytes however its input comes in pieces', async () => {
    expect(isSame(await compressed(LARGE, id), await compressed(LARGE, id, 99_991))).toBe(true)
  })

  it('packs a header to any size that is asked for, and reads it back', async () => {
    const shortest = (await compressSmall(SMALL, id, null))?.length ?? 0
    for (let missing = 512; missing <= 608; missing += 4) {
      const filled = await compressSmall(SMALL, id, shortest + missing)
      expect(filled?.length).toBe(shortest + missing)
      expect(isSame(await expanded(filled ?? SMALL, formatOf(id)), SMALL)).toBe(true)
    }
    expect(await compressSmall(SMALL, id, shortest - 4)).toBe(null)
  })
})

it('any content in any pieces comes back', async () => {
  const pieces = fc.integer({ min: 1, max: 300 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...NEW), fc.uint8Array({ minLength: 1, maxLength: 700 }), pieces, async (id, content, pieceBytes) => {
      const stored = await compressed(content, id, pieceBytes)
      expect(isSame(await expanded(stored, formatOf(id), pieceBytes), content)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

describe.each(['zstd_fast', 'lzma'] as const)('%s that is not sound', (id) => {
  const where = 'ARTIFACT_INVALID'

  it('is refused when cut anywhere', async () => {
    const stored = await compressed(SMALL, id)
    for (let length = 0; length < stored.length; length += 1) {
      await expect(expanded(stored.subarray(0, length), formatOf(id)), `cut to ${length}`).rejects.toMatchObject({ code: where })
    }
  })

  it('is refused when a bit anywhere is wrong, unless that bit means nothing', async () => {
    const stored = await compressed(SMALL, id)
    for (let at = 0; at < stored.length; at += 1) {
      const damaged = stored.slice()
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      const outcome = await expanded(damaged, formatOf(id)).catch((thrown: unknown) => thrown)
      if (outcome instanceof Uint8Array) expect(isSame(outcome, SMALL), `byte ${at}`).toBe(true)
      else expect(outcome, `byte ${at}`).toMatchObject({ code: where })
    }
  })

  it('is refused when something follows', async () => {
    const stored = await compressed(SMALL, id)
    for (const tail of [
      Uint8Array.of(0),
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
      new TextEncoder().encode('garbage'),
      stored.subarray(0, 9),
    ]) {
      for (const pieceBytes of [undefined, 7]) {
        await expect(expanded(joinBytes([stored, tail]), formatOf(id), pieceBytes)).rejects.toMatchObject({ code: where })
      }
    }
  })
})

describe('zstd', () => {
  it('of ours is taken by the zstd program', async () => {
    for (const id of ['zstd_fastest', 'zstd_fast', 'zstd_better', 'zstd_best'] as const) {
      expect(isSame(await filtered(await compressed(LARGE, id), 'zstd', '-dc', '--memory=8MB'), LARGE)).toBe(true)
      expect(isSame(await filtered((await compressSmall(SMALL, id, 5120)) ?? SMALL, 'zstd', '-dc'), SMALL)).toBe(true)
    }
  })

  it('of the zstd program is read: without checksum, with a large window, several frames, skippable ones between', async () => {
    const plain = await filtered(LARGE, 'zstd', '-c')
    for (const stored of [plain, await filtered(LARGE, 'zstd', '-c', '--no-check'), await filtered(LARGE, 'zstd', '-c', '--long=27')]) {
      expect(isSame(await expanded(stored, 'zstd'), LARGE)).toBe(true)
    }
    const several = joinBytes([SKIPPABLE, plain, SKIPPABLE, SKIPPABLE, plain, SKIPPABLE])
    for (const pieceBytes of [11, undefined]) {
      expect(isSame(await expanded(several, 'zstd', pieceBytes), joinBytes([LARGE, LARGE]))).toBe(true)
    }
  })

  it('of many small frames is read whole, and of far too many refused', async () => {
    const frame = await compressed(Uint8Array.of(1, 2, 3), 'zstd_fast')
    const many = (count: number): Uint8Array => joinBytes(Array.from({ length: count }, () => frame))
    expect((await expanded(many(500), 'zstd')).length).toBe(1500)
    await expect(expanded(many(1001), 'zstd')).rejects.toThrow(/zstd frames: more than 1000/)
  })

  it('that needs a window of over 128 MiB, or a dictionary, is refused in words', async () => {
    await expect(expanded(await filtered(SMALL, 'zstd', '-c', '--ultra', '--long=30'), 'zstd')).rejects.toThrow(/window of 1073741824/)
    const dictionary = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 0, 0, 0)
    await expect(expanded(dictionary, 'zstd')).rejects.toThrow(/needs a dictionary/)
  })

  it('without any frame is refused', async () => {
    for (const stored of [SKIPPABLE, new Uint8Array(0)]) await expect(expanded(stored, 'zstd')).rejects.toThrow(/no zstd frame/)
  })
})

describe('lzma', () => {
  it('of ours is taken by the xz program, within 16 MiB of memory', async () => {
    const stored = await compressed(LARGE, 'lzma')
    expect(isSame(await filtered(stored, 'xz', '-dc', '--memlimit-decompress=16MiB'), LARGE)).toBe(true)
    const shortest = (await compressSmall(SMALL, 'lzma', null)) ?? SMALL
    for (const missing of [512, 560, 608]) {
      const filled = await compressSmall(SMALL, 'lzma', shortest.length + missing)
      expect(isSame(await filtered(filled ?? SMALL, 'xz', '-dc', '--single-stream', '--no-sparse'), SMALL)).toBe(true)
    }
  })

  it('of the xz program is read: several blocks, every check, several streams with padding, a dictionary of 64 MiB', async () => {
    const plain = await filtered(SMALL, 'xz', '-c')
    for (const args of [['--block-size=1MiB', '-T2'], ['--check=none'], ['--check=crc32'], ['--check=sha256'], ['--lzma2=dict=64MiB']]) {
      expect(isSame(await expanded(await filtered(LARGE, 'xz', '-c', '-0', ...args), 'lzma'), LARGE)).toBe(true)
    }
    const several = joinBytes([plain, new Uint8Array(8), plain, plain, new Uint8Array(4)])
    for (const pieceBytes of [3, undefined]) {
      expect(isSame(await expanded(several, 'lzma', pieceBytes), joinBytes([SMALL, SMALL, SMALL]))).toBe(true)
    }
    await expect(expanded(joinBytes([plain, new Uint8Array(3)]), 'lzma')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })

  it('that needs a dictionary of over 64 MiB is refused in words', async () => {
    await expect(expanded(await filtered(SMALL, 'xz', '-c', '--lzma2=dict=96MiB'), 'lzma')).rejects.toThrow(/more memory than is accepted/)
  })

  it('that is a bomb comes in pieces that fit into memory', async () => {
    const stored = await filtered(new Uint8Array(100 << 20), 'xz', '-c', '-0')
    let sizeBytes = 0
    for await (const piece of decompress(inPieces(stored), 'lzma', 'data/0000.tar')) {
      expect(piece.length).toBeLessThanOrEqual(1 << 20)
      sizeBytes += piece.length
    }
    expect(sizeBytes).toBe(100 << 20)
  })

  it('on a platform without a build of the library says so, and everything else works there', async () => {
    const code = `const { compressSmall } = await import(${JSON.stringify(import.meta.resolve('./compression.ts'))})
      console.log((await compressSmall(new Uint8Array(9), 'zstd_fast', null)).length > 0)
      await compressSmall(new Uint8Array(9), 'lzma', null).catch(({ code, hint }) => console.log(code, hint))`
    // What the library's loader asks where its builds are.
    const env = { ...process.env, LZMA_NATIVE_PREBUILD: join(folder, 'nothing') }
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { env })
    expect(stdout).toMatch(/^true\nTOOL_MISSING Use a platform/)
  })
})
