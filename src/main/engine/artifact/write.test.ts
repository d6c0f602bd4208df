import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gzip, gzipSmall } from './gzip.ts'
import { readArtifact } from './read.ts'
import { encodeFront, readFront } from './resign.ts'
import { MemorySink, STAMP, brokenArtifact, bytesOf, inPieces, moduleSpec, payload, sha256Of, wholeOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'
import { type ArtifactSpec, type ScriptSource, type WriteOptions, writeArtifact } from './write.ts'

async function write(spec: ArtifactSpec, options: Partial<WriteOptions> = {}): Promise<Uint8Array> {
  const sink = new MemorySink()
  await writeArtifact(spec, sink, { stamp: STAMP, ...options })
  return sink.bytes
}

const rootfs = (content: Uint8Array, changes: Partial<ArtifactSpec> = {}): ArtifactSpec =>
  moduleSpec({
    payloadType: 'rootfs-image',
    provides: {},
    checksumProvide: 'rootfs-image.checksum',
    files: [payload('root.img', content)],
    compression: 'gzip',
    ...changes,
  })

function script(name: string, sizeBytes: number): ScriptSource {
  return { name, mode: 0o755, uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0, content: new Uint8Array(sizeBytes) }
}

describe('writing', () => {
  it('reads back as what was asked for, whatever is in the files', async () => {
    const files = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[\w,-][\w.,-]{0,110}$/), fc.uint8Array({ maxLength: 3000 })), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.constantFrom('none', 'gzip'),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.string(),
        ),
        async (list, compression, provides) => {
          const bytes = await write(moduleSpec({ compression, provides, files: list.map(([name, content]) => payload(name, content)) }))
          const content = await readArtifact(inPieces(bytes, 997))
          expect(content).toMatchObject({ compression, sizeBytes: bytes.length, sha256: sha256Of(bytes) })
          expect(Object.entries(content.provides).toSorted()).toEqual(Object.entries(provides).toSorted())
          expect(content.files.map(({ name, sha256 }) => [name, sha256])).toEqual(list.map(([name, content]) => [name, sha256Of(content)]))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('keeps the compressed header in the room it reserved, whatever the checksum turns out to be', async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const provides = { filler: 'x'.repeat(seed * 7), noise: sha256Of(bytesOf(String(seed))).slice(0, seed) }
      const image = bytesOf(`image ${seed}`)
      const content = await readArtifact(inPieces(await write(rootfs(image, { provides }))))
      expect(content.provides['rootfs-image.checksum']).toBe(sha256Of(image))
    }
  })

  it('gives the same bytes for the same input', async () => {
    const image = new Uint8Array(3_000_000).map((_, at) => at >> 7)
    expect(sha256Of(await write(rootfs(image)))).toBe(sha256Of(await write(rootfs(image))))
  })

  it('refuses what no client would take', async () => {
    const refused: [Partial<ArtifactSpec>, RegExp][] = [
      [{ name: '' }, /name is empty/],
      [{ deviceTypes: [] }, /No device type/],
      [{ files: [payload('a b', bytesOf(''))] }, /characters that clients refuse/],
      [{ files: [payload('a', bytesOf('')), payload('a', bytesOf(''))] }, /Two payload files/],
      [{ payloadType: 'rootfs-image', files: [] }, /exactly one payload file/],
      [{ name: 'release\u0001' }, /artifact_name: must not contain control characters/],
      [{ name: 'ä'.repeat(129) }, /artifact_name: must not be longer than 256 bytes/],
      [{ group: 'lab\n' }, /artifact_group: must not contain control characters/],
      [{ provides: Object.fromEntries([['__proto__', 'x']]) }, /"__proto__" is not acceptable/],
      [{ metaData: { text: 'x'.repeat(600_000) } }, /meta-data" has 600011 bytes, more than the 524288/],
      [{ scripts: [script('ArtifactInstall_Enter_01', 17 << 20)] }, /has 17825792 bytes, more than/],
      [{ scripts: ['01', '02'].map((number) => script(`ArtifactInstall_Enter_${number}`, 10 << 20)) }, /expands to more than/],
      [{ files: Array.from({ length: 10_000 }, (_, index) => payload(`file${index}`, bytesOf(''))) }, /10002 lines are more than/],
    ]
    for (const [changes, message] of refused) await expect(write(moduleSpec(changes))).rejects.toThrow(message)
  })

  it('refuses a file that grows or shrinks while it is read', async () => {
    const source = payload('a', bytesOf('12345'))
    for (const sizeBytes of [4, 6])
      await expect(write(moduleSpec({ files: [{ ...source, sizeBytes }] }))).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('stops when it is told to, and closes its source', async () => {
    const abort = new AbortController()
    let isClosed = false
    async function* chunks() {
      try {
        for (let count = 0; ; count += 1) {
          if (count === 3) abort.abort()
          yield await Promise.resolve(new Uint8Array(1 << 20))
        }
      } finally {
        isClosed = true
      }
    }
    for (const compression of ['none', 'gzip'] as const) {
      const files = [{ ...payload('a', bytesOf('')), sizeBytes: 2 ** 33, chunks }]
      await expect(write(moduleSpec({ compression, files }), { signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(isClosed).toBe(true)
    }
  })

  it('passes on what the place it writes to cannot take', async () => {
    const sink = { write: () => Promise.reject(new Error('disk full')) }
    await expect(writeArtifact(moduleSpec(), sink, { stamp: STAMP })).rejects.toThrow('disk full')
  })

  it('accepts signers that answer later', async () => {
    const signer = { lengthBytes: 4, sign: async () => Promise.resolve('QUJD') }
    expect(await readArtifact(inPieces(await write(moduleSpec(), { signer })))).toMatchObject({
      signature: { present: true, verifiedBy: null },
    })
  })
})

describe('a payload that is handed out while it is read', () => {
  const image = new Uint8Array(600_000).map((_, at) => at >> 3)

  it('arrives whole, file by file', async () => {
    const bytes = await write(moduleSpec({ compression: 'gzip', files: [payload('a', image), payload('b', bytesOf('b'))] }))
    const sums: Record<string, string> = {}
    await readArtifact(inPieces(bytes), {
      onPayloadFile: async ({ name }, content) => {
        sums[name] = sha256Of(await wholeOf(content))
      },
    })
    expect(sums).toEqual({ a: sha256Of(image), b: sha256Of(bytesOf('b')) })
  })

  it('is checked also where its reader stops early', async () => {
    const broken = brokenArtifact({
      payload: [{ name: 'a', content: image }],
      manifest: (manifest) => bytesOf(new TextDecoder().decode(manifest).replace(/^./, (digit) => (digit === '0' ? '1' : '0'))),
    })
    const early = {
      onPayloadFile: async (_: unknown, content: AsyncIterable<Uint8Array>) => void (await content[Symbol.asyncIterator]().next()),
    }
    await expect(readArtifact(inPieces(broken), early)).rejects.toThrow(/checksum mismatch/)
  })

  it('throws at its end into its reader when the checksum is wrong', async () => {
    const broken = brokenArtifact({
      manifest: (manifest) => bytesOf(new TextDecoder().decode(manifest).replace(/^./, (digit) => (digit === '0' ? '1' : '0'))),
    })
    let seen = 0
    const onPayloadFile = async (_: unknown, content: AsyncIterable<Uint8Array>) => {
      for await (const piece of content) seen += piece.length
      throw new Error('the end was reached')
    }
    await expect(readArtifact(inPieces(broken), { onPayloadFile })).rejects.toThrow(/checksum mismatch/)
    expect(seen).toBe(11)
  })

  it('is not handed out when no known key has signed it', async () => {
    let wasOpened = false
    const options = {
      requireSignature: true,
      keys: [],
      onPayloadFile: async () => void (wasOpened = true),
      onScript: async () => void (wasOpened = true),
    }
    await expect(readArtifact(inPieces(await write(moduleSpec())), options)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
    expect(wasOpened).toBe(false)
  })
})

describe('the place of a signature', () => {
  it('takes a signature in and out without touching anything else', async () => {
    const plain = await write(moduleSpec({ compression: 'gzip' }))
    const at = (bytes: Uint8Array) => ({
      sizeBytes: bytes.length,
      chunks: (start: number, end?: number) => inPieces(bytes.subarray(start, end), 100),
    })
    const front = await readFront(at(plain))
    const signed = joinBytes([encodeFront(front, { signature: 'QUJD' }), plain.subarray(front.data.startsAt)])
    expect(await readArtifact(inPieces(signed))).toMatchObject({ signature: { present: true } })
    const again = await readFront(at(signed))
    expect(again.data.startsAt).toBe(front.data.startsAt + 1024)
    expect(again.signature?.content).toEqual(bytesOf('QUJD'))
    const removed = joinBytes([encodeFront(again, { signature: null }), signed.subarray(again.data.startsAt)])
    expect(Buffer.from(removed).equals(plain)).toBe(true)
  })
})

describe('gzip', () => {
  it('is one member that any reader takes, across the borders of its blocks', async () => {
    for (const sizeBytes of [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (7 << 20) + 12_345]) {
      const content = new Uint8Array(sizeBytes).map((_, at) => (at * at) >> 11)
      expect(sha256Of(gunzipSync(await wholeOf(gzip(inPieces(content, 300_001)))))).toBe(sha256Of(content))
    }
  })

  it('makes little of zeros, also between other blocks', async () => {
    const content = new Uint8Array(20 << 20)
    for (const at of [0, 5 << 20, (12 << 20) + 7]) content.fill(7, at, at + 1000)
    const small = await wholeOf(gzip(inPieces(content)))
    expect(small.length).toBeLessThan(60_000)
    expect(sha256Of(gunzipSync(small))).toBe(sha256Of(content))
  })

  it('fills a header to any size that it can have', async () => {
    const content = bytesOf('{"payloads":[]}'.repeat(30))
    const shortest = (await gzipSmall(content, null)) ?? new Uint8Array(0)
    for (const more of [0, 6, 7, 100, 511]) {
      const filled = (await gzipSmall(content, shortest.length + more)) ?? new Uint8Array(0)
      expect(filled.length).toBe(shortest.length + more)
      expect(gunzipSync(filled).equals(content)).toBe(true)
    }
    expect(await gzipSmall(content, shortest.length - 1)).toBeNull()
  })
})
