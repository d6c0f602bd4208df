import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, asyncProperty, nat, uint8Array } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { TarFiles } from './tar-files.ts'

let folder: string
const file = (name: string) => join(folder, name)

/** Everything in a tar, its content as text; the code of the error instead where there is one. */
async function read(bytes: Uint8Array, pieceBytes = 1000): Promise<string[] | string> {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const tar = new TarFiles(new ByteReader(pieces(), 'test.tar'))
  const lines: string[] = []
  try {
    for (let each = await tar.next(); each; each = await tar.next()) {
      const content = Buffer.concat(await Array.fromAsync(tar.content(), (piece) => Buffer.from(piece)))
      const { kind, path, target, mode, uid, sizeBytes, attributes } = each
      expect(content.length).toBe(sizeBytes)
      const names = attributes.map(({ name, value }) => `${name}=${Buffer.from(value).toString('hex')}`)
      lines.push([kind, path, target, mode.toString(8), uid, content.toString(), ...names].join(' ').trim())
    }
    return lines
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code
    throw thrown
  }
}

describe('the tar of a root file system', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-tar-'))
    mkdirSync(file('root/etc'), { recursive: true })
    writeFileSync(file('root/etc/motd'), 'hello')
    symlinkSync('motd', file('root/etc/link'))
    writeFileSync(file(`root/${'n'.repeat(200)}`), 'long')
    writeFileSync(file('root/größe'), '')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const tar = (...options: string[]): Buffer => {
    execFileSync('tar', ['--owner=0', '--group=0', '--mode=0644', '--sort=name', ...options, '-C', file('root'), '-cf', file('t.tar'), '.'])
    return readFileSync(file('t.tar'))
  }
  const EXPECTED = [
    'folder /  644 0',
    'folder /etc  644 0',
    'link /etc/link motd 644 0',
    'file /etc/motd  644 0 hello',
    'file /größe  644 0',
    `file /${'n'.repeat(200)}  644 0 long`,
  ].toSorted()

  it.each(['gnu', 'pax', 'ustar', 'oldgnu'])('is read as GNU tar writes it, in the format %s', async (format) => {
    if (format === 'ustar') rmSync(file(`root/${'n'.repeat(200)}`))
    const wanted = EXPECTED.filter((line) => format !== 'ustar' || !line.includes('nnn'))
    for (const pieceBytes of [1, 512, 100_000]) {
      const found = await read(tar(`--format=${format}`), pieceBytes)
      expect(Array.isArray(found) && found.map((line) => line.trim()).toSorted()).toEqual(wanted)
    }
    writeFileSync(file(`root/${'n'.repeat(200)}`), 'long')
  })

  it('is refused where files are written with their holes left out, and where a name leads out of it', async () => {
    execFileSync('truncate', ['-s', '1M', file('root/holes')])
    expect(await read(tar('--sparse', '--format=gnu'))).toBe('ARTIFACT_INVALID')
    expect(await read(tar('--sparse', '--format=pax'))).toBe('ARTIFACT_INVALID')
    rmSync(file('root/holes'))
    expect(await read(tar('--transform=s,motd,../../up,'))).toBe('ARTIFACT_INVALID')
  })

  it('never crashes, hangs or fills memory, whatever is damaged in it', async () => {
    const whole = tar('--format=pax')
    await assert(
      asyncProperty(nat(whole.length - 1), nat(255), async (at, value) => {
        const found = await read(whole.with(at, value), 4096)
        return Array.isArray(found) || found === 'ARTIFACT_INVALID'
      }),
      { numRuns: 300 },
    )
    await assert(
      asyncProperty(nat(whole.length), async (end) => read(whole.subarray(0, end), 4096).then(() => true)),
      { numRuns: 100 },
    )
    await assert(
      asyncProperty(uint8Array({ maxLength: 2000 }), async (bytes) => read(bytes).then(() => true)),
      { numRuns: 100 },
    )
  })
})
