import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { inPieces, rawTar, sha256Of, wholeOf } from './samples.cases.ts'
import { BLOCK_BYTES, type TarEntry, encodeTarHeader, headerSum, memoryEntry } from './tar-header.ts'
import { decodePax, encodePax } from './tar-pax.ts'
import { TarReader } from './tar-read.ts'
import { AppError } from '../../contract/errors.ts'

interface Read {
  entry: TarEntry
  content: Uint8Array
}

async function readTar(bytes: Uint8Array, pieceBytes = 64 * 1024): Promise<Read[]> {
  const tar = new TarReader(new ByteReader(inPieces(bytes, pieceBytes), 'test.tar'), 64 * 1024)
  const all: Read[] = []
  for (let entry = await tar.next(); entry; entry = await tar.next()) {
    const { startsAt: _, ...facts } = entry
    all.push({ entry: facts, content: await wholeOf(tar.content()) })
  }
  return all
}

const name = fc
  .array(fc.stringMatching(/^[\w.,-]{1,60}$/), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((part) => (/^\.{1,2}$/.test(part) ? `x${part}` : part)).join('/'))

const entry = fc.record({
  name: fc.oneof(name, fc.constant('scripts/ArtifactInstall_Enter_00_grüße')),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  gid: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  uname: fc.stringMatching(/^[a-z]{0,40}$/),
  gname: fc.oneof(fc.stringMatching(/^[a-z]{0,32}$/), fc.constant('größe')),
  modifiedAt: fc.integer({ min: -(2 ** 31), max: 2 ** 34 }).map((seconds) => seconds * 1000),
})

describe('tar', () => {
  it('reads back every entry that it writes, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(entry, fc.uint8Array({ maxLength: 1500 })), { maxLength: 4 }),
        fc.integer({ min: 1, max: 2000 }),
        async (files, pieceBytes) => {
          const bytes = rawTar(files.map(([facts, content]) => ({ name: facts.name, content, facts })))
          expect(bytes.length % BLOCK_BYTES).toBe(0)
          const found = await readTar(bytes, pieceBytes)
          expect(found.map((each) => each.entry)).toEqual(files.map(([facts, content]) => ({ ...facts, sizeBytes: content.length })))
          expect(found.map((each) => sha256Of(each.content))).toEqual(files.map(([, content]) => sha256Of(content)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('answers any bytes with entries or with a typed error', async () => {
    const sound = rawTar([
      { name: 'a'.repeat(120), content: new Uint8Array(700).fill(1) },
      { name: 'b', content: new Uint8Array(0) },
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: sound.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.nat(sound.length),
        async (changes, length) => {
          const bytes = sound.slice(0, length)
          for (const [at, value] of changes) if (at < length) bytes[at] = value
          await readTar(bytes).catch((thrown: unknown) => {
            expect(thrown).toBeInstanceOf(AppError)
            expect(thrown).toHaveProperty('code', 'ARTIFACT_INVALID')
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('writes the header of an entry in memory byte for byte as Go does', () => {
    const block = encodeTarHeader(memoryEntry('version', 31))
    const field = (start: number, length: number) => String.fromCharCode(...block.subarray(start, start + length))
    expect(block.length).toBe(512)
    expect(field(0, 8)).toBe('version\0')
    expect(field(100, 24)).toBe('0000600\x000000000\x000000000\0')
    expect(field(124, 24)).toBe('00000000037\x0000000000000\0')
    expect(field(148, 8)).toMatch(/^[0-7]{6}\0 $/)
    expect(Number.parseInt(field(148, 6), 8)).toBe(headerSum(block))
    expect(field(156, 1)).toBe('0')
    expect(field(257, 8)).toBe('ustar\x0000')
    expect(field(329, 16)).toBe('0000000\x000000000\0')
  })

  it('keeps 8 GiB, high ids, long names and times before 1970 in a PAX header, with zero in the field that did not fit', () => {
    const header = encodeTarHeader({ ...memoryEntry('n'.repeat(124), 8 * 2 ** 30), uid: 3_000_000, modifiedAt: -60_000 })
    const text = String.fromCharCode(...header)
    expect(header.length).toBe(3 * BLOCK_BYTES)
    expect(text.startsWith(`PaxHeaders.0/${'n'.repeat(87)}`)).toBe(true)
    for (const record of ['19 size=8589934592\n', '15 uid=3000000\n', '13 mtime=-60\n', `134 path=${'n'.repeat(124)}\n`])
      expect(text).toContain(record)
    const main = text.slice(2 * BLOCK_BYTES)
    expect(main.slice(0, 100)).toBe('n'.repeat(100))
    expect(main.slice(108, 116)).toBe('0000000\0')
    expect(main.slice(124, 136)).toBe('00000000000\0')
    expect(text.slice(329, 345)).toBe('\0'.repeat(16))
  })

  it('splits a long path at a slash where USTAR can hold it', () => {
    const header = encodeTarHeader(memoryEntry(`scripts/${'s'.repeat(98)}`, 0))
    expect(header.length).toBe(BLOCK_BYTES)
    expect(String.fromCharCode(...header.subarray(345, 353))).toBe('scripts\0')
  })

  it('counts the length of a PAX record in itself', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w ]{0,1200}$/), (value) => {
        expect(decodePax(encodePax({ path: value }), 'test')).toEqual({ path: value })
      }),
    )
  })

  it.each([
    ['no number', 'path=x\n'],
    ['a number that is too long', '99 path=x\n'],
    ['no newline at its end', '9 path=xyz'],
    ['no equals sign', '8 pathx\n'],
    ['the key twice', '9 path=a\n9 path=b\n'],
  ])('refuses a PAX record with %s', (_, text) => {
    expect(() => decodePax(new TextEncoder().encode(text), 'test')).toThrow(AppError)
  })
})
