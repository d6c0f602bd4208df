import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { debFiles } from './deb-archive.ts'
import { type PackageFacts, readDeb } from './package-deb.ts'
import { readRpm } from './package-rpm.ts'
import { builtDeb, builtRpms } from './packages.cases.ts'
import { bytesOf, inPieces } from './samples.cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'otabench-packages-'))
const file = (name: string): string => join(folder, name)

const CONTROL_PACKERS = ['gzip', 'xz', 'none', 'zstd'] as const
const samples = { rpm: new Uint8Array(0), sourceRpm: new Uint8Array(0) }

beforeAll(async () => {
  for (const packer of CONTROL_PACKERS) writeFileSync(file(`${packer}.deb`), await builtDeb(packer))
  Object.assign(samples, await builtRpms())
})
afterAll(() => rmSync(folder, { recursive: true }))

type Reader = (chunks: AsyncIterable<Uint8Array>, name: string) => Promise<PackageFacts>
const read = (reader: Reader, bytes: Uint8Array) => reader(inPieces(bytes, 777), 'the-file')

describe('a Debian package', () => {
  it.each(CONTROL_PACKERS)('installs the files that dpkg-deb says, packed in %s', async (packer) => {
    const tar = await debFiles(inPieces(await builtDeb(packer, { 'usr/bin/tool': 'a tool\n', 'etc/tool': '' }), 777), 'the-file')
    const found: [string, string][] = []
    for (let each = await tar.next(); each !== null; each = await tar.next())
      if (each.kind === 'file')
        found.push([each.path, Buffer.concat(await Array.fromAsync(tar.content(), (piece) => Buffer.from(piece))).toString()])
    expect(found).toEqual([
      ['/etc/tool', ''],
      ['/usr/bin/tool', 'a tool\n'],
    ])
  })

  it.each(CONTROL_PACKERS)('says what it is, its control archive in %s', async (packer) => {
    const facts = { name: 'bench-tool', version: '2:1.0+b1~rc2', architecture: 'all' }
    expect(await read(readDeb, readFileSync(file(`${packer}.deb`)))).toEqual(facts)
  })

  it.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => new Uint8Array(0), /the-file ends at byte 0/],
    ['a script', () => bytesOf('#!/bin/sh\nexit 0\n'), /no Debian package: it is no ar archive/],
    [
      'another ar archive',
      () => bytesOf(`!<arch>\n${'lib.o/'.padEnd(48)}4         \`\nabcd`),
      /its first member is "lib.o", not debian-binary/,
    ],
    ['one of another format', () => replaced('none.deb', '2.0\n', '3.0\n'), /has the format "3.0", not 2.x/],
    ['one with a damaged head', () => replaced('none.deb', '`\n', '``'), /its ar archive is damaged/],
    [
      'one without a control archive',
      () => replaced('none.deb', 'control.tar', 'kontrol.tar'),
      /"kontrol.tar" stands where the control archive/,
    ],
    ['one without a control file', () => replaced('none.deb', './control\0', './kontrol\0'), /its control archive has no control file/],
    ['one without a version', () => replaced('none.deb', 'Version:', 'Persion:'), /its control file has no Version/],
    ['a cut one', () => readFileSync(file('none.deb')).subarray(0, 300), /the-file ends at byte 300/],
    ['an RPM package', () => Uint8Array.from(samples.rpm), /it is no ar archive/],
  ])('is not %s', async (_what, bytes, message) => {
    await expect(read(readDeb, bytes())).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(message) })
  })
})

describe('an RPM package', () => {
  it('says what it is', async () => {
    expect(await read(readRpm, Uint8Array.from(samples.rpm))).toEqual({ name: 'bench-tool', version: '1.0-3', architecture: 'noarch' })
  })

  it.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => new Uint8Array(0), /the-file ends at byte 0/],
    ['a Debian package', () => readFileSync(file('none.deb')), /no RPM package: it does not begin like one/],
    ['one of sources', () => samples.sourceRpm, /holds sources, which no device installs/],
    ['one with a damaged header', () => Uint8Array.from(samples.rpm).fill(0, 96, 100), /its header is damaged/],
    ['a cut one', () => Uint8Array.from(samples.rpm).subarray(0, 500), /the-file ends at byte 500/],
  ])('is not %s', async (_what, bytes, message) => {
    await expect(read(readRpm, bytes())).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(message) })
  })
})

it('of any bytes answers what it is, or a typed error', async () => {
  const whole = [readFileSync(file('gzip.deb')), readFileSync(file('none.deb')), samples.rpm]
  const damage = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...whole), damage, fc.constantFrom(readDeb, readRpm), async (sample, changes, reader) => {
      const bytes = Uint8Array.from(sample)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      const answer = await read(reader, bytes).catch((thrown: unknown) => thrown)
      if (answer instanceof Error) expect(answer instanceof AppError && answer.code).toBe('ARTIFACT_INVALID')
      else expect(answer).toMatchObject({ name: expect.any(String), version: expect.any(String), architecture: expect.any(String) })
    }),
    { numRuns: 200 },
  )
})

/** The package with one text in it replaced by another of the same length. */
function replaced(name: string, from: string, to: string): Uint8Array {
  const bytes = readFileSync(file(name))
  const at = bytes.indexOf(from)
  if (at < 0 || from.length !== to.length) throw new Error(`${name} holds no ${from} to replace`)
  return bytes.fill(to, at, at + to.length, 'latin1')
}
