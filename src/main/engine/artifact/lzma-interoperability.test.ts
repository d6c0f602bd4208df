import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { COMPRESSION_IDS } from '../../contract/compression.ts'
import { formatOf } from './compression.ts'
import { checkArtifact } from './read.ts'
import { MemorySink, STAMP, inPieces, moduleSpec, payload, sha256Of } from './samples.cases.ts'
import { signerOf } from './sign.ts'
import { BLOCK_BYTES } from './tar-header.ts'
import { type ArtifactSpec, writeArtifact } from './write.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'otabench-lzma-'))
afterAll(() => rm(folder, { recursive: true }))

/** Runs a program of the system in the test's folder; without it these tests fail, because they would prove nothing. */
async function tool(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args, { cwd: folder })).stdout
}

/** More than one block of xz and two frames of zstd, mostly empty. */
const IMAGE = new Uint8Array(9 << 20)
IMAGE.set(new Uint8Array(1 << 20).map((_, at) => ((at * 7919) >> (at % 5)) & (at >> 9)))

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'sec1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
await writeFile(join(folder, 'key.pem'), privateKey, { mode: 0o600 })
await writeFile(join(folder, 'key.pub'), publicKey)

async function write(changes: Partial<ArtifactSpec>, isSigned = false): Promise<Uint8Array> {
  const sink = new MemorySink()
  const signer = isSigned ? signerOf(privateKey) : null
  const { sizeBytes } = await writeArtifact(moduleSpec(changes), sink, { stamp: STAMP, signer })
  expect(sink.bytes.length).toBe(sizeBytes)
  await writeFile(join(folder, 'ours.mender'), sink.bytes)
  return sink.bytes
}

const rootfs = (content: Uint8Array, changes: Partial<ArtifactSpec> = {}): Partial<ArtifactSpec> => ({
  payloadType: 'rootfs-image',
  files: [payload('rootfs.ext4', content)],
  checksumProvide: 'rootfs-image.checksum',
  ...changes,
})

/** A provide that takes about half of its length when compressed. */
function versionOf(length: number): Record<string, string> {
  const digits = Array.from({ length: 10 }, (_, at) => sha256Of(Uint8Array.of(at))).join('')
  return { 'rootfs-image.version': digits.slice(0, length) }
}

describe.each(COMPRESSION_IDS)('an artifact in %s', (compression) => {
  it('is read back by the strict reader, and made of the same bytes again', async () => {
    const bytes = await write(rootfs(IMAGE, { compression }))
    const content = await checkArtifact(inPieces(bytes))
    expect(content).toMatchObject({ compression: formatOf(compression), files: [{ name: 'rootfs.ext4', sizeBytes: IMAGE.length }] })
    expect(Buffer.compare(bytes, await write(rootfs(IMAGE, { compression })))).toBe(0)
  })

  it('has a header of the size that was kept for it, however long it is', async () => {
    for (let length = 1; length < 400; length += 13) {
      const bytes = await write(rootfs(IMAGE.subarray(0, 1000), { compression, provides: versionOf(length) }))
      expect(await checkArtifact(inPieces(bytes))).toMatchObject({ provides: versionOf(length) })
    }
  })
})

describe('lzma', () => {
  it.each(['rootfs-image', 'script', null])('of ours is valid for mender-artifact: %s', async (payloadType) => {
    const files = payloadType === null ? [] : [payload('rootfs.ext4', IMAGE)]
    const checksumProvide = payloadType === 'rootfs-image' ? 'rootfs-image.checksum' : null
    for (const isSigned of [false, true]) {
      await write({ payloadType, files, checksumProvide, compression: 'lzma' }, isSigned)
      await tool('mender-artifact', 'validate', ...(isSigned ? ['-k', 'key.pub'] : []), 'ours.mender')
      expect(await tool('mender-artifact', 'read', 'ours.mender')).toContain('Name: release-1')
    }
  })

  it('of ours is valid for mender-artifact where the header had to be filled up', async () => {
    let filled = 0
    for (let length = 1; length < 600; length += 29) {
      await write(rootfs(IMAGE.subarray(0, 1000), { compression: 'lzma', provides: versionOf(length) }))
      const size = Number(/(\d+) \S+ \S+ header\.tar\.xz/.exec(await tool('tar', 'tvf', 'ours.mender'))?.[1])
      if (size % BLOCK_BYTES !== 0) continue
      filled += 1
      await tool('mender-artifact', 'validate', 'ours.mender')
      expect(await tool('mender-artifact', 'read', 'ours.mender')).toContain('rootfs-image.checksum')
    }
    expect(filled).toBeGreaterThan(0)
  })

  it('of mender-artifact is read', async () => {
    await writeFile(join(folder, 'rootfs.ext4'), IMAGE)
    const flags = ['-n', 'release-1', '-t', 'board', '-f', 'rootfs.ext4', '-k', 'key.pem', '-o', 'theirs.mender']
    await tool('mender-artifact', '--compression', 'lzma', 'write', 'rootfs-image', ...flags)
    const keys = [{ name: 'key', publicKeyPem: publicKey }]
    const content = await checkArtifact(inPieces(await readFile(join(folder, 'theirs.mender'))), { keys, requireSignature: true })
    expect(content).toMatchObject({ compression: 'lzma', files: [{ sizeBytes: IMAGE.length }], signature: { verifiedBy: 'key' } })
  })
})
