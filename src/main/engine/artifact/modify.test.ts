import fc from 'fast-check'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MetadataChange, modifyFront } from './modify.ts'
import { readArtifact } from './read.ts'
import { type ArtifactBytes, readFront } from './resign.ts'
import { MemorySink, STAMP, brokenArtifact, bytesOf, inPieces, moduleSpec, payload } from './samples.cases.ts'
import { signerOf } from './sign.ts'
import { joinBytes } from './tar-write.ts'
import { type ArtifactSpec, type ScriptSource, writeArtifact } from './write.ts'

const pair = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const signer = signerOf(pair.privateKey)
const KEYS = [{ name: 'mine', publicKeyPem: pair.publicKey }]

const at = (bytes: Uint8Array): ArtifactBytes => ({
  sizeBytes: bytes.length,
  chunks: (start, end) => inPieces(bytes.subarray(start, end), 700),
})

async function write(spec: ArtifactSpec, isSigned = false): Promise<Uint8Array> {
  const sink = new MemorySink()
  await writeArtifact(spec, sink, { stamp: STAMP, signer: isSigned ? signer : null })
  return sink.bytes
}

async function modified(bytes: Uint8Array, change: MetadataChange, signing: Parameters<typeof modifyFront>[2] = {}): Promise<Uint8Array> {
  const front = await readFront(at(bytes))
  return joinBytes([(await modifyFront(front, change, signing)).bytes, bytes.subarray(front.data.startsAt)])
}

function script(name: string, text: string): ScriptSource {
  return { name, mode: 0o755, uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 1_600_000_000_000, content: bytesOf(text) }
}

const rootfs = (changes: Partial<ArtifactSpec> = {}): ArtifactSpec =>
  moduleSpec({
    payloadType: 'rootfs-image',
    checksumProvide: 'rootfs-image.checksum',
    provides: { 'rootfs-image.version': 'release-1' },
    files: [payload('rootfs.ext4', bytesOf('a root file system'))],
    ...changes,
  })

const key = fc.stringMatching(/^[a-z][a-z.]{0,11}$/)
const pairs = fc.dictionary(key, fc.string({ maxLength: 8 }), { maxKeys: 3, noNullPrototype: true })
const words = fc.array(key, { maxLength: 3 })
const scriptName = fc.constantFrom('ArtifactInstall_Enter_00', 'ArtifactCommit_Leave_10_x', 'ArtifactFailure_Error_99')

const anyChange: fc.Arbitrary<MetadataChange> = fc.record(
  {
    name: key,
    group: fc.option(key),
    dependsNames: words,
    dependsGroups: words,
    provides: pairs,
    depends: pairs,
    metaData: fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3, noNullPrototype: true }),
    addClears: words,
    deleteClears: words,
    scripts: fc.uniqueArray(
      fc.tuple(scriptName, fc.string({ maxLength: 5 })).map(([name, text]) => script(name, text)),
      { selector: ({ name }) => name },
    ),
  },
  { requiredKeys: [] },
)

const anySpec: fc.Arbitrary<ArtifactSpec> = fc
  .record({
    isRootfs: fc.boolean(),
    compression: fc.constantFrom('none' as const, 'gzip' as const, 'zstd_fast' as const),
    hasLegacyEmptyType: fc.boolean(),
    group: fc.option(key),
    depends: pairs,
  })
  .map(({ isRootfs, ...changes }) => (isRootfs ? rootfs(changes) : moduleSpec({ ...changes, hasLegacyEmptyType: false })))

describe('modifying', () => {
  it('refuses what nobody could read again', async () => {
    const bytes = await write(moduleSpec())
    const refused: [MetadataChange, RegExp][] = [
      [{ group: 'lab\n' }, /artifact_group: must not contain control characters/],
      [{ metaData: { text: 'x'.repeat(600_000) } }, /meta-data" has 600011 bytes/],
      [{ scripts: [script('ArtifactInstall_Enter_01', 'x'.repeat(17 << 20))] }, /has 17825792 bytes/],
    ]
    for (const [change, message] of refused)
      await expect(modified(bytes, change)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(message) })
  })

  it('leaves every byte, and so the signature, when nothing changes', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, async (spec) => {
        const bytes = await write(spec, true)
        expect(Buffer.from(await modified(bytes, {})).equals(bytes)).toBe(true)
        const same = { name: spec.name, group: spec.group, depends: spec.depends, dependsNames: [], addClears: spec.clearsProvides }
        expect(Buffer.from(await modified(bytes, same)).equals(bytes)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('twice is the same as once, makes a valid artifact and leaves the payload as it is, whatever is changed', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, anyChange, async (spec, change) => {
        const bytes = await write(spec)
        const once = await modified(bytes, change)
        expect(Buffer.from(await modified(once, change)).equals(once)).toBe(true)
        const [before, after] = [await readArtifact(inPieces(bytes)), await readArtifact(inPieces(once))]
        expect(after.files).toEqual(before.files)
        expect(after.compression).toBe(before.compression)
        expect(after.name).toBe(change.name ?? before.name)
        expect(after.depends).toEqual(change.depends ?? before.depends)
        expect(Object.entries(after.provides)).toEqual(expect.arrayContaining(Object.entries(change.provides ?? before.provides)))
        for (const { name } of change.scripts ?? []) expect(after.scripts).toContain(name)
        for (const pattern of change.deleteClears ?? []) expect(after.clearsProvides).not.toContain(pattern)
        const [old, now] = [await readFront(at(bytes)), await readFront(at(once))]
        expect(Buffer.from(once.subarray(now.data.startsAt)).equals(bytes.subarray(old.data.startsAt))).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps the checksum of the payload when all provides are replaced, unless it is given', async () => {
    const bytes = await write(rootfs())
    const { 'rootfs-image.checksum': checksum = '' } = (await readArtifact(inPieces(bytes))).provides
    const provides = async (given: Record<string, string>) =>
      (await readArtifact(inPieces(await modified(bytes, { provides: given })))).provides
    expect(checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(await provides({ a: 'b' })).toEqual({ a: 'b', 'rootfs-image.checksum': checksum })
    expect(await provides({ 'rootfs-image.checksum': 'mine' })).toEqual({ 'rootfs-image.checksum': 'mine' })
  })

  it('mends the empty type of old tools when it writes the entry anew', async () => {
    const bytes = await write(rootfs({ hasLegacyEmptyType: true }))
    expect((await readFront(at(bytes))).header.warnings).toHaveLength(1)
    expect((await readFront(at(await modified(bytes, { provides: { a: 'b' } })))).header.warnings).toEqual([])
  })

  it('replaces a script of the same name where it stands and puts new ones behind', async () => {
    const bytes = await write(moduleSpec({ scripts: [script('ArtifactInstall_Enter_00', 'a'), script('ArtifactInstall_Leave_00', 'b')] }))
    const contents: string[] = []
    const after = await modified(bytes, { scripts: [script('ArtifactCommit_Enter_00', 'd'), script('ArtifactInstall_Enter_00', 'c')] })
    await readArtifact(inPieces(after), {
      onScript: async (name, content) => void contents.push(`${name}=${new TextDecoder().decode(content)}`),
    })
    expect(contents).toEqual(['ArtifactInstall_Enter_00=c', 'ArtifactInstall_Leave_00=b', 'ArtifactCommit_Enter_00=d'])
  })

  it('keeps an empty list of provides to clear, because none would mean all of them', async () => {
    const after = await modified(await write(moduleSpec()), { deleteClears: ['rootfs-image.script.*'] })
    expect((await readArtifact(inPieces(after))).clearsProvides).toEqual([])
  })
})

describe('the signature of an artifact that is modified', () => {
  it('is never lost without a word: a key, or leave to drop it, is needed', async () => {
    const bytes = await write(moduleSpec(), true)
    const change = { name: 'release-2' }
    await expect(modified(bytes, change)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      hint: expect.stringMatching(/-k KEY.*--drop-signature/),
    })
    const dropped = await readArtifact(inPieces(await modified(bytes, change, { isDropAllowed: true })))
    expect(dropped).toMatchObject({ name: 'release-2', signature: { present: false } })
    const resigned = await readArtifact(inPieces(await modified(bytes, change, { signer })), { keys: KEYS })
    expect(resigned).toMatchObject({ name: 'release-2', signature: { verifiedBy: 'mine' } })
  })

  it('can be added and taken away without a change to the metadata', async () => {
    const plain = await write(moduleSpec())
    const signed = await modified(plain, {}, { signer })
    expect(await readArtifact(inPieces(signed), { keys: KEYS })).toMatchObject({ signature: { verifiedBy: 'mine' } })
    expect(Buffer.from(await modified(signed, {}, { isDropAllowed: true })).equals(plain)).toBe(true)
  })
})

describe('a mutated artifact', () => {
  it('is refused with a code, or modified into what the strict reader takes or refuses', async () => {
    const bytes = await write(rootfs({ compression: 'gzip', group: 'lab' }), true)
    const mutation = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255), cut: fc.option(fc.nat(bytes.length), { freq: 8 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const mutant = bytes.slice(0, mutations[0]?.cut ?? bytes.length)
        for (const { at, byte } of mutations) if (at < mutant.length) mutant[at] = byte
        const after = await modified(mutant, { name: 'mutant' }, { isDropAllowed: true }).catch((thrown: unknown) => {
          expect(thrown).toMatchObject({ code: expect.stringMatching(/^(ARTIFACT_INVALID|SIGNATURE_INVALID|BAD_INPUT)$/) })
          return null
        })
        if (after) {
          const read = await readArtifact(inPieces(after)).catch((thrown: unknown) => thrown)
          if (read instanceof Error) expect(read).toMatchObject({ code: 'ARTIFACT_INVALID' })
          else expect(read).toMatchObject({ name: 'mutant', signature: { present: false } })
        }
      }),
      { numRuns: 250 },
    )
  })
})

describe('an artifact that is no good', () => {
  it.each([
    ['with a header that is not what the manifest says', { storedHeader: bytesOf('x') }, /damaged gzip|checksum/],
    ['with a file after its end', { whole: (usual: Uint8Array) => joinBytes([usual, bytesOf('x')]) }, /follows the end/],
    ['cut in its payload', { whole: (usual: Uint8Array) => usual.subarray(0, usual.length - 1500) }, /ends at byte/],
    [
      'with an entry behind the payload',
      { outer: (usual: { name: string; content: Uint8Array }[]) => [...usual, { name: 'x', content: bytesOf('x') }] },
      /an entry follows/,
    ],
    ['without a payload', { outer: (usual: { name: string; content: Uint8Array }[]) => usual.slice(0, -1) }, /data\/0000.tar is missing/],
  ])('is not touched: %s', async (_, broken, message) => {
    await expect(modified(brokenArtifact(broken), { name: 'x' })).rejects.toThrow(message)
  })
})
