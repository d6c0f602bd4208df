import { generateKeyPairSync, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { type LintOptions, lintArtifact } from './lint-file.ts'
import { checkArtifact } from './read.ts'
import { PAYLOAD, type RawEntry, brokenArtifact, bytesOf, fileOf, inPieces, rawTar, sha256Of, textOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

const HEADER_INFO = { payloads: [{ type: 'script' }], artifact_provides: { artifact_name: 'r' }, artifact_depends: { device_type: ['d'] } }
const CLEAN = { type: 'script', artifact_provides: { x: '1' }, clears_artifact_provides: ['x'] }
const entry = (name: string, text = ''): RawEntry => ({ name, content: bytesOf(text) })
const info = entry('header-info', JSON.stringify(HEADER_INFO))
const typeInfo = entry('headers/0000/type-info', JSON.stringify(CLEAN))

async function lint(bytes: Uint8Array, options: LintOptions = {}): Promise<string[]> {
  const findings = await lintArtifact(fileOf(bytes), options)
  return findings.map(({ severity, message }) => `${severity}: ${message}`)
}

const refused = (text: string) => expect.stringMatching(new RegExp(`^refused: ${text}`))

describe('lint', () => {
  it('has nothing to object to a usual artifact', async () => {
    expect(await lint(brokenArtifact({ typeInfo: CLEAN }))).toEqual([])
  })

  it('lists everything that is wrong, not the first alone', async () => {
    const bytes = brokenArtifact({
      header: [
        entry('scripts/README'),
        entry('scripts/ArtifactInstall_Enter_01x'),
        { ...info, content: bytesOf(JSON.stringify({ ...HEADER_INFO, payloads: [{ type: 'a' }, { type: 'b' }], extra: 1 })) },
        entry('headers/0000/type-info', JSON.stringify({ type: 'script', artifact_depends: { kernel: ['5', '6'] } })),
        entry('headers/0000/type-info', '{}'),
        entry('headers/0000/meta-data', '[]'),
        entry('headers/0001/type-info', '{}'),
      ],
      payload: [...PAYLOAD, entry('n'.repeat(91)), entry('not allowed'), ...PAYLOAD],
      manifest: (manifest) => bytesOf(`${textOf(manifest)}${'0'.repeat(64)}  data/0000/gone\n${'A'.repeat(64)}  upper\n`),
      outer: (all) => [...all.toSpliced(2, 0, entry('foo'), entry('manifest-augment')), entry('data/0001.tar')],
    })
    expect(await lint(bytes)).toEqual(
      expect.arrayContaining([
        refused('header.tar: "scripts/README" is not the name of a state script'),
        refused('header.tar: "scripts/ArtifactInstall_Enter_01x" is not the name'),
        refused('header.tar: "header-info" stands behind'),
        refused('header-info: .*extra'),
        refused('header.tar: "headers/0000/type-info" is there twice'),
        refused('meta-data: '),
        refused('header.tar: "headers/0001/type-info" is of another payload'),
        refused('depends "kernel" is a list'),
        refused('the payload file name "n+" is longer than 90 bytes'),
        refused('data/0000.tar: the name "not allowed" has characters'),
        refused('data/0000.tar: "update.sh" is there twice'),
        refused('data/0000.tar: "gone" is missing'),
        refused('manifest, line \\d+: "A+ {2}upper" is not'),
        refused('artifact: "foo" does not belong there'),
        refused('artifact: it is augmented'),
        refused('artifact: "data/0001.tar" is another payload'),
      ]),
    )
  })

  it.each<[string, Uint8Array, string]>([
    ['a list among the depends', brokenArtifact({ typeInfo: { ...CLEAN, artifact_depends: { k: ['a', 'b'] } } }), 'depends "k" is a list'],
    [
      'two payloads',
      brokenArtifact({ headerInfo: { ...HEADER_INFO, payloads: [{ type: 'script' }, { type: 'script' }] } }),
      'header-info: 2 payloads',
    ],
    ['another type', brokenArtifact({ typeInfo: { ...CLEAN, type: 'other' } }), 'type-info: the type "other" is not "script"'],
    ['a missing header', brokenArtifact({ outer: (all) => all.toSpliced(2, 1) }), 'artifact: header.tar is missing'],
    ['a missing type-info', brokenArtifact({ header: [info] }), 'header.tar: headers/0000/type-info is missing'],
    ['no final newline in the manifest', brokenArtifact({ manifest: (bytes) => bytes.slice(0, -1) }), 'manifest: the last line'],
    [
      'a wrong sum',
      brokenArtifact({ manifest: (bytes) => bytesOf(textOf(bytes).replace(/[0-9a-f]{64} {2}data/, `${'0'.repeat(64)}  data`)) }),
      'data/0000/update.sh: its checksum is',
    ],
    [
      'an unlisted file',
      brokenArtifact({ manifest: (bytes) => bytesOf(textOf(bytes).replace(/.*data.*\n/, '')) }),
      'manifest: data/0000/update.sh is not listed',
    ],
    ['bytes after the end', joinBytes([brokenArtifact({ typeInfo: CLEAN }), bytesOf('x')]), 'artifact: something follows'],
    ['damaged gzip data', brokenArtifact({ storedData: (data) => data.with(data.length - 5, 0) }), 'data/0000.tar: damaged gzip data'],
    [
      'a rootfs-image with two files',
      brokenArtifact({
        headerInfo: { ...HEADER_INFO, payloads: [{ type: 'rootfs-image' }] },
        typeInfo: { ...CLEAN, type: 'rootfs-image' },
        payload: [...PAYLOAD, entry('b')],
      }),
      'data/0000.tar: 2 files',
    ],
    [
      'a name with control characters',
      brokenArtifact({ headerInfo: { ...HEADER_INFO, artifact_provides: { artifact_name: 'a\tb' } } }),
      'header-info: artifact_provides.artifact_name: must not contain control',
    ],
    ['another format', brokenArtifact({ version: bytesOf('{"format":"foo","version":3}') }), 'version: format: '],
    [
      'format version 2',
      brokenArtifact({
        version: bytesOf('{"format":"mender","version":2}'),
        header: [
          entry('header-info', '{"artifact_name":"r","updates":[{"type":"rootfs-image"}],"device_types_compatible":["d"]}'),
          entry('headers/0000/files', '{"files":["update.sh"]}'),
          entry('headers/0000/type-info', '{"type":"rootfs-image"}'),
        ],
      }),
      'this is format version 2',
    ],
    ['no artifact at all', bytesOf('hello'.repeat(300)), 'artifact, byte 0: this is not a tar header'],
    ['nothing', new Uint8Array(0), 'artifact ends at byte 0'],
    ['an artifact in a gzip', gzipSync(brokenArtifact({})), 'artifact'],
  ])('says that a client refuses %s', async (_what, bytes, message) => {
    expect(await lint(bytes)).toContainEqual(refused(message))
  })

  it('warns of what a client takes and nobody means', async () => {
    const empty = { type: '', artifact_provides: { 'rootfs-image.checksum': sha256Of(bytesOf('other')), artifact_name: 'x' } }
    const found = await lint(brokenArtifact({ headerInfo: { ...HEADER_INFO, payloads: [{ type: 'rootfs-image' }] }, typeInfo: empty }))
    expect(found).toEqual([
      expect.stringMatching(/^warning: type-info has an empty type/),
      expect.stringMatching(/^warning: it has no clears_artifact_provides/),
      expect.stringMatching(/^warning: type-info says artifact_name again/),
      expect.stringMatching(/^warning: rootfs-image.checksum .* is not the checksum/),
    ])
  })

  it('checks the signature as a client does: no newline, and made with a key that it has', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keyOf = (key: typeof publicKey, name: string) => ({ name, publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString() })
    const manifests: Uint8Array[] = []
    const plain = brokenArtifact({ typeInfo: CLEAN, manifest: (bytes) => (manifests.push(bytes), bytes) })
    const signature = sign('sha256', manifests[0] ?? plain, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')
    const signed = (text: string) => brokenArtifact({ typeInfo: CLEAN, signature: bytesOf(text) })
    expect(await lint(signed(signature), { keys: [keyOf(other.publicKey, 'other'), keyOf(publicKey, 'mine')] })).toEqual([])
    expect(await lint(signed(signature))).toEqual([])
    expect(await lint(signed(`${signature}\n`))).toEqual([refused('manifest.sig: there is a newline')])
    expect(await lint(signed(signature), { keys: [keyOf(other.publicKey, 'other')] })).toEqual([
      refused('the signature was not made with other'),
    ])
    expect(await lint(plain, { keys: [keyOf(publicKey, 'mine')] })).toEqual([refused('it is not signed')])
    expect(await lint(signed('no base64'))).toContainEqual(refused('manifest.sig is not base64'))
  })

  it('never calls good what the strict reader refuses, and never fails, whatever the bytes are', async () => {
    const good = brokenArtifact({ typeInfo: CLEAN, dataName: 'data/0000.tar', headerName: 'header.tar' })
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(good.length), async (changes, cut) => {
        const bytes = Uint8Array.from(changes.length % 4 === 0 ? good.subarray(0, cut) : good)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const isGood = await checkArtifact(inPieces(bytes)).then(
          () => true,
          (thrown: unknown) => !(thrown instanceof AppError),
        )
        const isRefused = (await lint(bytes)).some((text) => text.startsWith('refused'))
        expect(isRefused || isGood).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('reads the payload once, also of an artifact that is broken', async () => {
    const large = { name: 'large', content: new Uint8Array(1 << 20) }
    for (const manifest of [
      (bytes: Uint8Array) => bytes,
      (bytes: Uint8Array) => bytesOf(textOf(bytes).replace(/^[0-9a-f]{64}/, '0'.repeat(64))),
    ]) {
      const { sizeBytes, chunks } = fileOf(brokenArtifact({ payload: [large], dataName: 'data/0000.tar', manifest }))
      let readBytes = 0
      async function* counted(start: number, end?: number) {
        for await (const chunk of chunks(start, end)) {
          readBytes += chunk.length
          yield chunk
        }
      }
      await lintArtifact({ sizeBytes, chunks: counted })
      expect(readBytes).toBeLessThan(sizeBytes + 200_000)
    }
  })

  it('passes on a failure to read the file', async () => {
    async function* broken() {
      yield await Promise.resolve(new Uint8Array(10))
      throw new AppError('PERMISSION', 'the disk is gone')
    }
    await expect(lintArtifact({ sizeBytes: 10, chunks: broken })).rejects.toMatchObject({ code: 'PERMISSION' })
    await expect(lintArtifact(fileOf(rawTar([info, typeInfo])), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})
