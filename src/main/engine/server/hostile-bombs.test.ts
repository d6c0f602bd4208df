import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOMBS } from '../artifact/bombs.cases.ts'
import { libraryCheck } from '../artifact/read.ts'
import { MemorySink, STAMP, moduleSpec, payload } from '../artifact/samples.cases.ts'
import { writeArtifact } from '../artifact/write.ts'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench(libraryCheck())
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v1/deployments/artifacts'
const BOUNDARY = 'x-boundary'

function upload(file: Uint8Array, query = '') {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="artifact"; filename="a.mender"\r\n\r\n`
  return bench.app.inject({
    method: 'POST',
    url: PATH + query,
    payload: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
    headers: { authorization: `Bearer ${bench.token}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  })
}

const bomb = async (name: string): Promise<Uint8Array> => (await BOMBS[name]?.()) ?? new Uint8Array(0)
const names = () => bench.parts.store.artifacts.list().map(({ content }) => content.name)

async function isClean(): Promise<void> {
  expect(names()).toEqual([])
  expect(await readdir(bench.folder, { recursive: true })).toEqual(['tmp'])
}

const PAYLOADS = Object.keys(BOMBS).filter((name) => /512 MiB|7 GiB|stored in/.test(name))

describe('a zip bomb that is uploaded', () => {
  it.each(PAYLOADS)('is refused, and nothing of it stays: %s', async (name) => {
    const { statusCode, headers, body } = await upload(await bomb(name))
    expect(statusCode).toBe(400)
    if (headers['x-otabench-code'] === 'EXPANSION_LIMIT') expect(body).toContain('?allow_expansion=true')
    else expect(headers['x-otabench-code']).toBe('ARTIFACT_INVALID')
    await isClean()
  })

  it('is refused in three steps too', async () => {
    const { json } = await bench.call({ method: 'POST', path: `${PATH}/directupload` })
    const { pathname, search } = new URL(String(Object(json)['uri']))
    const sent = async (query: string) =>
      bench.app.inject({
        method: 'PUT',
        url: pathname + search + query,
        payload: Buffer.from(await bomb('zstd_fast: 512 MiB of payload')),
        headers: { 'content-type': 'application/vnd.mender-artifact' },
      })
    expect(await sent('')).toMatchObject({ statusCode: 400, headers: { 'x-otabench-code': 'EXPANSION_LIMIT' } })
    await isClean()
    expect(await sent('&allow_expansion=true')).toMatchObject({ statusCode: 200 })
  })

  it('holds up nobody: others are answered while the slowest is read', async () => {
    const order: string[] = []
    const reading = upload(await bomb('xz: what is slowest, as much as is accepted')).then(({ statusCode }) =>
      order.push(`bomb ${statusCode}`),
    )
    for (let count = 0; count < 5; count += 1) {
      await bench.call({ method: 'GET', path: '/api/management/v1/useradm/users/me' })
      order.push('other')
    }
    await reading
    expect(order).toEqual(['other', 'other', 'other', 'other', 'other', 'bomb 201'])
  })
})

describe('an honest artifact that expands far', () => {
  it('is taken from who says so', async () => {
    const file = await bomb('zstd_fast: 512 MiB of payload')
    expect(await upload(file)).toMatchObject({ statusCode: 400, headers: { 'x-otabench-code': 'EXPANSION_LIMIT' } })
    expect(await upload(file, '?allow_expansion=perhaps')).toMatchObject({ statusCode: 400, headers: { 'x-otabench-code': 'BAD_INPUT' } })
    expect((await upload(file, '?allow_expansion=true')).statusCode).toBe(201)
    expect(names()).toEqual(['release-1'])
  })

  it('needs no word when it only begins with zeros: it is looked at again when all of it has come', async () => {
    const image = Buffer.concat([Buffer.alloc(80 << 20), randomBytes(2 << 20)])
    const sink = new MemorySink()
    const spec = moduleSpec({ name: 'late', files: [payload('image', image)], compression: 'zstd_fast' })
    const { warnings } = await writeArtifact(spec, sink, { stamp: STAMP })
    expect(warnings).toEqual([])
    expect((await upload(sink.bytes)).statusCode).toBe(201)
    expect(names()).toEqual(['late'])
  })
})
