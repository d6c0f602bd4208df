import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { artifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { DOUBTFUL } from './doubtful.cases.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { lintArtifact } from './lint-file.ts'
import { CONTENT } from './malformed-content.cases.ts'
import { FRONT } from './malformed-front.cases.ts'
import { HEADER } from './malformed-header.cases.ts'
import { OUTSIDE } from './malformed-outside.cases.ts'
import { entry, flipped, headerOf } from './malformed.cases.ts'
import { checkArtifact, readArtifact } from './read.ts'
import { PAYLOAD, brokenArtifact, bytesOf, fileOf, inPieces, rawTar, sha256Of } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

const MALFORMED = [...OUTSIDE, ...FRONT, ...HEADER, ...CONTENT]

async function refusal(bytes: Uint8Array): Promise<AppError> {
  const thrown: unknown = await readArtifact(inPieces(bytes, 777)).then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof AppError) return thrown
  throw new Error(`Not refused as it should be: ${String(thrown)}`)
}

describe('a strict reader', () => {
  it('takes the artifact that all the broken ones are made of', async () => {
    const content = await readArtifact(inPieces(brokenArtifact({})))
    expect(content).toMatchObject({
      name: 'release-1',
      payloadType: 'script',
      compression: 'gzip',
      warnings: [],
      files: [{ name: 'update.sh', sizeBytes: 11 }],
    })
  })

  it.each(MALFORMED)('refuses $what', async ({ file, message }) => {
    const error = await refusal(file)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(error.message.startsWith('manifest.sig is') ? 'SIGNATURE_INVALID' : 'ARTIFACT_INVALID')
    expect(error.hint).not.toBe('')
    const findings = await lintArtifact(fileOf(file))
    expect(findings.filter(({ severity }) => severity === 'refused')).not.toEqual([])
  })

  it('is asked about every rule once, by artifacts that differ', () => {
    expect(new Set(MALFORMED.map(({ what }) => what)).size).toBe(MALFORMED.length)
    expect(new Set(MALFORMED.map(({ file }) => sha256Of(file))).size).toBe(MALFORMED.length)
    expect(MALFORMED.length).toBeGreaterThanOrEqual(300)
  })

  it.each(DOUBTFUL)('takes $what, and says so', async ({ file, warning, isRefusedByClient }) => {
    const { warnings } = await readArtifact(inPieces(file))
    const findings = await lintArtifact(fileOf(file))
    const finding = findings.find(({ message }) => warning.test(message))
    expect(finding?.severity).toBe(isRefusedByClient ? 'refused' : 'warning')
    if (isRefusedByClient) expect(warnings.join('\n')).toMatch(warning)
  })

  it('refuses an artifact cut at any block, and just before and after it', async () => {
    const bytes = brokenArtifact({ dataName: 'data/0000.tar' })
    for (let block = 0; block <= bytes.length; block += 512) {
      for (const length of [block - 1, block, block + 1]) {
        if (length < 0 || length >= bytes.length) continue
        expect((await refusal(bytes.slice(0, length))).code).toBe('ARTIFACT_INVALID')
      }
    }
  })

  it('notices any single flipped bit of what the manifest covers', async () => {
    const bytes = brokenArtifact({ headerName: 'header.tar', dataName: 'data/0000.tar' })
    const content = bytesOf('echo hello\n')
    const at = Buffer.from(bytes).indexOf(content)
    for (let offset = 0; offset < content.length; offset += 1) {
      expect((await refusal(flipped(bytes, at + offset))).message).toMatch(/checksum mismatch/)
    }
  })

  it('answers any header with its content or a typed error', async () => {
    const some = fc.oneof(fc.jsonValue(), fc.constant('script'), fc.constant(['d']), fc.constant([{ type: 'script' }]))
    const likeInfo = fc.record({
      payloads: some,
      artifact_provides: fc.oneof(some, fc.record({ artifact_name: some })),
      artifact_depends: fc.record({ device_type: some }),
    })
    const likeTypes = fc.record(
      { type: some, artifact_provides: some, artifact_depends: some, clears_artifact_provides: some },
      { requiredKeys: ['type'] },
    )
    const names = fc.constantFrom(
      'header-info',
      'scripts/ArtifactInstall_Enter_00',
      'headers/0000/type-info',
      'headers/0000/meta-data',
      'x',
    )
    const content = fc.oneof(likeInfo, likeTypes, some).map((value) => bytesOf(JSON.stringify(value)))
    const entries = fc.oneof(
      fc
        .tuple(likeInfo, likeTypes)
        .map(([a, b]) => [entry('header-info', JSON.stringify(a)), entry('headers/0000/type-info', JSON.stringify(b))]),
      fc.array(fc.record({ name: names, content }), { maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const read = await checkArtifact(inPieces(brokenArtifact({ header: list }))).catch((thrown: unknown) => thrown)
        if (read instanceof Error) expect(read).toMatchObject({ name: 'AppError', code: 'ARTIFACT_INVALID' })
        else expect(artifactContent.safeParse(read).success).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('reads zstd, and header and payload of different compressions', async () => {
    const file = brokenArtifact({ dataName: 'data/0000.tar.zst', storedData: zstdCompressSync(rawTar(PAYLOAD)) })
    expect(await readArtifact(inPieces(file, 100))).toMatchObject({ compression: 'zstd' })
    expect(await readArtifact(inPieces(brokenArtifact({ headerName: 'header.tar' })))).toMatchObject({ compression: 'gzip' })
  })

  it('takes zeros after the end, as tar pads its records', async () => {
    const file = brokenArtifact({ whole: (bytes) => joinBytes([bytes, new Uint8Array(10_240)]) })
    expect(await readArtifact(inPieces(file))).toMatchObject({ name: 'release-1', sizeBytes: file.length, sha256: sha256Of(file) })
  })

  it('stops at its limits before it has read what lies beyond', async () => {
    const limits = { ...DEFAULT_LIMITS, payload: 10, headerExpanded: 100_000, manifest: 300 }
    const tooLarge = (file: Uint8Array) => readArtifact(inPieces(file), { limits })
    await expect(tooLarge(brokenArtifact({}))).rejects.toThrow(/more than the 10 bytes that are accepted/)
    const bomb = brokenArtifact({ header: headerOf(entry('headers/0000/type-info', ' '.repeat(200_000))) })
    await expect(tooLarge(bomb)).rejects.toThrow(/expands to more than the 100000 bytes/)
    const lines = brokenArtifact({ payload: [entry('a'), entry('b'), entry('c'), entry('d')] })
    await expect(tooLarge(lines)).rejects.toThrow(/manifest" has \d+ bytes, more than the 300/)
  })

  it('says that it was stopped', async () => {
    await expect(readArtifact(inPieces(brokenArtifact({})), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
