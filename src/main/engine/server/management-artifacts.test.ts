import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v1/deployments/artifacts'
const BOUNDARY = 'x-boundary'
const good = JSON.stringify({ name: 'v1', deviceTypes: ['board'] })

interface Field {
  name: string
  value: string | Buffer
  filename?: string
}

function multipart(fields: readonly Field[]): Buffer {
  const parts = fields.flatMap(({ name, value, filename }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`
    return [
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]
  })
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)])
}

const type = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
const upload = (fields: readonly Field[]) => bench.call({ method: 'POST', path: PATH, payload: multipart(fields), headers: type })
const file = (value: string | Buffer = good, filename = 'good.mender'): Field => ({ name: 'artifact', value, filename })
const description: Field = { name: 'description', value: 'said so' }
const size: Field = { name: 'size', value: String(good.length) }

/** What lies in the artifact folder, temporary files too. */
async function onDisk(): Promise<string[]> {
  const entries = await readdir(bench.folder, { recursive: true })
  return entries.filter((name) => name !== 'tmp')
}

describe('uploading an artifact', () => {
  it.each([
    ['size, description, artifact', [size, description, file()]],
    ['artifact, description, size', [file(), description, size]],
    ['description, artifact, size', [description, file(), size]],
    ['artifact alone', [file()]],
  ])('takes the fields in the order %s', async (_, fields) => {
    const { status, headers } = await upload(fields)
    expect(status).toBe(201)
    const id = String(headers.location).split('/').at(-1) ?? ''
    expect(headers.location).toBe(`${PATH}/${id}`)
    const shown = await bench.call({ method: 'GET', path: `${PATH}/{id}`, params: { id } })
    expect(shown.json).toMatchObject({
      name: 'v1',
      description: fields.includes(description) ? 'said so' : '',
      size: good.length,
      signed: true,
    })
    expect(await onDisk()).toEqual([`${id}.mender`])
  })

  it('lists it as mender-cli needs it', async () => {
    await upload([file()])
    const { json } = await bench.call({ method: 'GET', path: PATH })
    expect(json).toEqual([
      expect.objectContaining({
        device_types_compatible: ['board'],
        info: { format: 'mender', version: 3 },
        updates: [
          {
            type_info: { type: 'module' },
            files: [{ name: 'f', size: 3, checksum: 'b'.repeat(64), date: '1970-01-01T00:00:00.000Z' }],
            meta_data: [{ key: 'value' }],
          },
        ],
        artifact_provides: { artifact_name: 'v1', 'rootfs-image.version': 'v1' },
        artifact_depends: { device_type: ['board'], 'rootfs-image.version': ['old'] },
      }),
    ])
  })

  it.each(['../../etc/passwd', '/etc/passwd', '..\\..\\x', 'a\0b', ''])('never uses the file name %j for a path', async (filename) => {
    const answer = await upload([file(good, filename)])
    expect([201, 400]).toContain(answer.status)
    for (const name of await onDisk()) expect(name).toMatch(/^[0-9a-f-]{36}\.mender$/)
  })

  it.each([
    ['something else than an artifact', [description, file('PK zip')], 'This is no artifact'],
    ['no file', [description], 'no file'],
    ['a file without a file name', [{ name: 'artifact', value: good }], 'no file'],
    ['a description that is too long', [{ name: 'description', value: 'x'.repeat(20_000) }, file()], 'longer than'],
    ['a long description after the file', [file(), { name: 'description', value: 'x'.repeat(20_000) }], 'longer than'],
    ['two files', [file(), file()], 'more than one file'],
  ])('refuses %s and keeps nothing', async (_, fields, why) => {
    const { status, json } = await upload(fields)
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: expect.stringContaining(why) })
    expect(await onDisk()).toEqual([])
    expect(bench.parts.store.artifacts.list()).toEqual([])
  })

  it('refuses a body that is no multipart form', async () => {
    expect((await bench.call({ method: 'POST', path: PATH, body: {} })).status).toBe(400)
  })

  it.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    ['of nothing', type['content-type'], ''],
    ['cut short in a file', type['content-type'], multipart([file()]).subarray(0, -BOUNDARY.length - 8)],
    ['cut short in a field', type['content-type'], multipart([description]).subarray(0, -BOUNDARY.length - 8)],
  ])('calls a form %s malformed', async (_, contentType, payload) => {
    const answer = await bench.call({ method: 'POST', path: PATH, payload: Buffer.from(payload), headers: { 'content-type': contentType } })
    expect(answer).toMatchObject({ status: 400, json: { error: expect.stringMatching(/malformed|no file/) } })
    expect(await onDisk()).toEqual([])
  })

  it('refuses the same name for one of the same device types, and only that', async () => {
    const named = (deviceTypes: string[]) => upload([file(JSON.stringify({ name: 'v1', deviceTypes }))])
    expect((await named(['a', 'b'])).status).toBe(201)
    expect(await named(['b', 'c'])).toMatchObject({
      status: 409,
      json: { error: expect.stringContaining('for b is already in the library') },
    })
    expect((await named(['c'])).status).toBe(201)
    expect(await onDisk()).toHaveLength(2)
  })

  it('says why over a real connection although the upload is large, and the connection can be used on', async () => {
    const url = await bench.app.listen({ port: 0, host: '127.0.0.1' })
    const body = multipart([description, file(Buffer.alloc(20 << 20, 'z'))])
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const answer = await fetch(`${url}${PATH}`, { method: 'POST', body, headers: { ...type, authorization: `Bearer ${bench.token}` } })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ error: expect.stringContaining('This is no artifact') })
    }
    expect(await onDisk()).toEqual([])
  })

  it('keeps nothing of an upload that breaks off', async () => {
    const { port } = new URL(await bench.app.listen({ port: 0, host: '127.0.0.1' }))
    const body = multipart([file(Buffer.concat([Buffer.from(good), Buffer.alloc(1 << 20, ' ')]))])
    const cut = request({
      host: '127.0.0.1',
      port,
      path: PATH,
      method: 'POST',
      headers: { ...type, authorization: `Bearer ${bench.token}`, 'content-length': body.length },
    })
    cut.on('error', () => undefined)
    await new Promise((resolve) => cut.write(body.subarray(0, 300_000), resolve))
    await expect.poll(onDisk).toHaveLength(1)
    cut.destroy()
    await expect.poll(onDisk).toEqual([])
    expect(bench.parts.store.artifacts.list()).toEqual([])
  })

  it('needs a token before it reads anything', async () => {
    expect((await bench.call({ method: 'POST', path: PATH, token: null, payload: multipart([file()]), headers: type })).status).toBe(401)
    expect(await onDisk()).toEqual([])
  })
})

describe('the library', () => {
  it('pages, filters and sorts', async () => {
    for (const name of ['b', 'a', 'c']) await bench.addArtifact(name, name === 'c' ? ['other'] : ['board'])
    const list = (query: string) => bench.call({ method: 'GET', path: `${PATH}/list`, query })
    const namesOf = ({ text }: { text: string }) => JSON.parse(text).map(({ name }: { name: string }) => name)
    const first = await list('?per_page=2')
    expect(namesOf(first)).toEqual(['a', 'b'])
    expect(first.headers['x-total-count']).toBe('3')
    expect(namesOf(await list('?sort=name:desc'))).toEqual(['c', 'b', 'a'])
    expect(namesOf(await list('?device_type=other'))).toEqual(['c'])
    expect(namesOf(await list('?name=a&name=c'))).toEqual(['a', 'c'])
    expect((await bench.call({ method: 'GET', path: '/api/management/v2/deployments/artifacts', query: '?name=a' })).json).toHaveLength(1)
  })

  it.each([`${PATH}/list`, '/api/management/v2/deployments/deployments/releases'])(
    'refuses an order that it does not know on %s',
    async (path) => {
      const headers = { authorization: `Bearer ${bench.token}` }
      for (const sort of ['size', '__proto__', 'constructor:asc'])
        expect(await bench.app.inject({ method: 'GET', url: `${path}?sort=${sort}`, headers })).toMatchObject({ statusCode: 400 })
    },
  )

  it('shows releases: all artifacts of one name', async () => {
    await bench.addArtifact('v1', ['a'])
    await bench.addArtifact('v1', ['b'])
    const path = '/api/management/v2/deployments/deployments/releases'
    expect((await bench.call({ method: 'GET', path })).json).toEqual([
      expect.objectContaining({ name: 'v1', artifacts: [expect.anything(), expect.anything()] }),
    ])
    expect((await bench.call({ method: 'GET', path: `${path}/{release_name}`, params: { release_name: 'v1' } })).json).toMatchObject({
      name: 'v1',
    })
    expect((await bench.call({ method: 'GET', path: `${path}/{release_name}`, params: { release_name: 'v2' } })).status).toBe(404)
    for (const v1 of ['releases', 'releases/list'])
      expect((await bench.call({ method: 'GET', path: `/api/management/v1/deployments/deployments/${v1}` })).json).toMatchObject([
        { Name: 'v1', ArtifactsCount: 2 },
      ])
    expect((await bench.call({ method: 'GET', path: '/api/management/v2/deployments/releases/all/types' })).json).toEqual(['module'])
  })

  it('hands out a link that serves the file without a token, unless it was changed', async () => {
    const id = await bench.addArtifact('v1')
    const { json } = await bench.call({ method: 'GET', path: `${PATH}/{id}/download`, params: { id }, headers: { host: 'bench.lab:8080' } })
    const { uri } = JSON.parse(JSON.stringify(json))
    expect(uri).toMatch(/^http:\/\/bench\.lab:8080\/api\/management\//)
    const { pathname, search } = new URL(uri)
    const got = await bench.app.inject({ method: 'GET', url: pathname + search })
    expect(got).toMatchObject({ statusCode: 200, body: good })
    expect(got.headers).toMatchObject({ 'content-type': 'application/vnd.mender-artifact', 'content-length': String(good.length) })
    for (const url of [
      pathname,
      (pathname + search).replace('expire=', 'expire=9'),
      (pathname + search).replace(id, await bench.addArtifact('v2')),
    ])
      expect([400, 401]).toContain((await bench.app.inject({ method: 'GET', url })).statusCode)
    expect((await bench.call({ method: 'GET', path: `${PATH}/{id}/download`, params: { id: 'x' } })).status).toBe(404)
  })

  it('tells how large a file is without reading it', async () => {
    const id = await bench.addArtifact('v1')
    const { sizeBytes } = bench.parts.store.artifacts.get(id) ?? {}
    const { uri } = JSON.parse((await bench.call({ method: 'GET', path: `${PATH}/{id}/download`, params: { id } })).text)
    const { pathname, search } = new URL(uri)
    let readCount = 0
    const { artifactFiles } = bench.parts
    const { readPart } = artifactFiles
    artifactFiles.readPart = (...part) => {
      readCount += 1
      return readPart(...part)
    }
    const head = await bench.app.inject({ method: 'HEAD', url: pathname + search })
    expect([head.statusCode, head.headers['content-length'], head.rawPayload.length, readCount]).toEqual([200, String(sizeBytes), 0, 0])
    const part = await bench.app.inject({ method: 'HEAD', url: pathname + search, headers: { range: 'bytes=1-3' } })
    expect([part.statusCode, part.headers['content-length'], readCount]).toEqual([206, '3', 0])
    expect((await bench.app.inject({ url: pathname + search })).rawPayload).toHaveLength(sizeBytes ?? -1)
    expect(readCount).toBe(1)
  })

  it('removes and describes an artifact, but not while it is being deployed', async () => {
    const id = await bench.addArtifact('v1')
    const one = { path: `${PATH}/{id}`, params: { id } }
    expect((await bench.call({ ...one, method: 'PUT', body: { description: 'new' } })).status).toBe(204)
    const body = { name: 'd', artifact_name: 'v1', devices: [bench.addDevice('a')] }
    const { headers } = await bench.call({ method: 'POST', path: '/api/management/v1/deployments/deployments', body })
    expect((await bench.call({ ...one, method: 'DELETE' })).status).toBe(409)
    expect((await bench.call({ ...one, method: 'PUT', body: { description: 'x' } })).status).toBe(422)
    const params = { deployment_id: String(headers.location).split('/').at(-1) ?? '' }
    await bench.call({
      method: 'PUT',
      path: '/api/management/v1/deployments/deployments/{deployment_id}/status',
      params,
      body: { status: 'aborted' },
    })
    expect((await bench.call({ ...one, method: 'GET' })).json).toMatchObject({ description: 'new' })
    expect((await bench.call({ ...one, method: 'DELETE' })).status).toBe(204)
    expect((await bench.call({ ...one, method: 'DELETE' })).status).toBe(404)
    expect(await onDisk()).toEqual([])
  })

  it('says how much it holds', async () => {
    await bench.addArtifact('v1')
    expect((await bench.call({ method: 'GET', path: '/api/management/v1/deployments/limits/storage' })).json).toEqual({
      limit: 0,
      usage: good.length,
    })
  })
})
