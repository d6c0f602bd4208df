import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lintArtifact } from './lint-file.ts'
import { entry } from './malformed.cases.ts'
import { checkArtifact } from './read.ts'
import { type RawEntry, bytesOf, fileOf, inPieces, rawTar, sha256Of, textOf } from './samples.cases.ts'
import { ByteReader } from './byte-reader.ts'
import { TarReader } from './tar-read.ts'

const folder = mkdtempSync(join(tmpdir(), 'otabench-augment-'))
const FLAGS =
  '-T mine -n r1 -t d -f a.sh -p a:b -d k:v --augment-type more --augment-file b.sh --augment-provides x:y --augment-depends q:r'

/** Written by mender-artifact 3.9, the last that we have to augment with. */
function augmented(compression: string, name: string): Uint8Array {
  const args = ['write', 'module-image', ...FLAGS.split(' '), '--augment-meta-data', 'm.json', '--compression', compression, '-o', name]
  execFileSync('mender-artifact', args, { cwd: folder, stdio: 'pipe' })
  return readFileSync(join(folder, name))
}

beforeAll(() => {
  writeFileSync(join(folder, 'a.sh'), 'echo a\n')
  writeFileSync(join(folder, 'b.sh'), 'echo b\n')
  writeFileSync(join(folder, 'm.json'), '{"m": 1}')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function entriesOf(bytes: Uint8Array): Promise<RawEntry[]> {
  const tar = new TarReader(new ByteReader(inPieces(bytes), 'artifact'), 1 << 16)
  const entries: RawEntry[] = []
  for (let found = await tar.next(); found; found = await tar.next()) entries.push(entry(found.name, await tar.contentWhole(1 << 20)))
  return entries
}

const read = (bytes: Uint8Array) => checkArtifact(inPieces(bytes), { allowAugmented: true })

describe('an augmented artifact', () => {
  it.each(['none', 'gzip', 'lzma'])('is read as mender-artifact reads it, with a loud warning: %s', async (compression) => {
    const bytes = augmented(compression, 'a.mender')
    expect(await read(bytes)).toMatchObject({
      ...{ name: 'r1', payloadType: 'more', compression, metaData: { m: 1 } },
      ...{
        provides: { a: 'b', x: 'y', 'rootfs-image.mine.version': 'r1' },
        depends: { k: 'v', q: 'r' },
        clearsProvides: ['rootfs-image.mine.*'],
      },
      files: [{ name: 'a.sh' }, { name: 'b.sh' }],
      warnings: [expect.stringMatching(/augmented: the signature covers neither/)],
    })
    const text = execFileSync('mender-artifact', ['read', 'a.mender'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    for (const fact of ['Type:   more', 'a: b', 'x: y', 'k: v', 'q: r', 'name:     b.sh']) expect(text).toContain(fact)
  })

  it('is refused where nobody asked for such, and by lint', async () => {
    const bytes = augmented('none', 'a.mender')
    await expect(checkArtifact(inPieces(bytes))).rejects.toThrow(/it is augmented/)
    const findings = await lintArtifact(fileOf(bytes))
    expect(findings).toContainEqual({ severity: 'refused', message: expect.stringMatching(/it is augmented/) })
  })

  type Edit = (entries: RawEntry[]) => RawEntry[]
  const replaced = (name: string, edit: (content: Uint8Array) => Uint8Array): Edit => {
    return (entries) => entries.map((each) => (each.name === name ? { ...each, content: edit(each.content) } : each))
  }
  const listed = (edit: (text: string) => string): Edit => replaced('manifest-augment', (content) => bytesOf(edit(textOf(content))))
  const header =
    (...inside: RawEntry[]): Edit =>
    (entries) => {
      const tar = rawTar(inside)
      const sum = (text: string) => text.replace(/[0-9a-f]{64}( {2}header-augment.tar)/, `${sha256Of(tar)}$1`)
      return listed(sum)(replaced('header-augment.tar', () => tar)(entries))
    }
  const INFO = { payloads: [{ type: 'more' }], artifact_provides: { artifact_name: 'r1' }, artifact_depends: { device_type: ['d'] } }
  const info = entry('header-info', JSON.stringify(INFO))

  it.each<[string, Edit, RegExp]>([
    ['no header-augment', (all) => all.filter(({ name }) => name !== 'header-augment.tar'), /header-augment.tar is missing where "data/],
    ['no manifest-augment', (all) => all.filter(({ name }) => name !== 'manifest-augment'), /it is augmented/],
    [
      'header-augment before the header',
      (all) => [...all.slice(0, 3), ...all.slice(3, 5).toReversed(), ...all.slice(5)],
      /header.tar is missing where "header-aug/,
    ],
    [
      'a wrong sum of header-augment',
      listed((text) => text.replace(/[0-9a-f]{64}( {2}header)/, `${'0'.repeat(64)}$1`)),
      /the manifest-augment says 0{64}/,
    ],
    ['no sum of header-augment', listed((text) => text.replace(/.*header.*\n/, '')), /manifest-augment: header-augment.tar is not listed/],
    ['a wrong sum of a file', listed((text) => text.replace(/[0-9a-f]{64}( {2}data)/, `${'0'.repeat(64)}$1`)), /b.sh: checksum mismatch/],
    ['a file that is not listed', listed((text) => text.replace(/.*data.*\n/, '')), /"b.sh" is not listed/],
    [
      'a file of the original',
      listed((text) => `${'0'.repeat(64)}  data/0000/a.sh\n${text}`),
      /manifest-augment: "data\/0000\/a.sh" is in the manifest already/,
    ],
    ['a version in manifest-augment', listed((text) => `${text}${'0'.repeat(64)}  version\n`), /"version" is in the manifest already/],
    [
      'a script in header-augment',
      header(info, entry('scripts/ArtifactInstall_Enter_00'), entry('headers/0000/type-info', '{"type":"more"}')),
      /header-augment.tar: it has scripts/,
    ],
    ['no type-info in header-augment', header(info), /header-augment.tar: headers\/0000\/type-info is missing/],
  ])('is refused with %s', async (_what, edit, message) => {
    const entries = await entriesOf(augmented('none', 'a.mender'))
    expect(await read(rawTar(entries))).toMatchObject({ payloadType: 'more' })
    await expect(read(rawTar(edit(entries)))).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(message) })
  })
})
