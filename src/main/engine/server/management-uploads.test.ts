import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeArtifact } from '../device/test-device.cases.ts'
import { libraryCheck } from '../artifact/read.ts'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench(libraryCheck())
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v1/deployments/artifacts'
const DIRECT = `${PATH}/directupload`
const complete = (id: string) =>
  bench.call({ method: 'POST', path: `${DIRECT}/{id}/complete`, params: { id }, body: { size: 1, updates: [] } })
const begin = async (): Promise<{ id: string; uri: string }> =>
  JSON.parse((await bench.call({ method: 'POST', path: DIRECT, headers: { host: 'bench.lab:8080' } })).text)
const put = (uri: string, payload: Buffer) => {
  const { pathname, search } = new URL(uri)
  return bench.app.inject({
    method: 'PUT',
    url: pathname + search,
    payload,
    headers: { 'content-type': 'application/vnd.mender-artifact' },
  })
}
const temporary = () => readdir(join(bench.folder, 'tmp'))

describe('an upload in three steps', () => {
  it('is an address of this server, the file, and the word that it is complete', async () => {
    const { id, uri } = await begin()
    expect(uri).toMatch(/^http:\/\/bench\.lab:8080\/api\/management\//)
    expect((await complete(id)).status).toBe(404)
    expect(await put(uri, Buffer.from(await makeArtifact({ name: 'v1' })))).toMatchObject({ statusCode: 200, body: '' })
    expect(bench.parts.store.artifacts.list()).toEqual([])
    expect((await complete(id)).status).toBe(202)
    expect(bench.parts.store.artifacts.list()).toMatchObject([{ content: { name: 'v1' } }])
    expect((await complete(id)).status).toBe(404)
    expect(await temporary()).toEqual([])
  })

  it('takes the last file that was sent, and refuses what is no artifact at once', async () => {
    const { id, uri } = await begin()
    await put(uri, Buffer.from(await makeArtifact({ name: 'v1' })))
    expect(await put(uri, Buffer.from('no artifact'))).toMatchObject({ statusCode: 400 })
    await put(uri, Buffer.from(await makeArtifact({ name: 'v2' })))
    expect(await temporary()).toHaveLength(1)
    expect((await complete(id)).status).toBe(202)
    expect(bench.parts.store.artifacts.list()).toMatchObject([{ content: { name: 'v2' } }])
  })

  it('keeps one of several files that were sent at once, and nothing of the others', async () => {
    const { id, uri } = await begin()
    await put(uri, Buffer.from(await makeArtifact({ name: 'v1' })))
    const files = await Promise.all(['v2', 'v3', 'v4'].map((name) => makeArtifact({ name })))
    await Promise.all(files.map((file) => put(uri, Buffer.from(file))))
    expect(await temporary()).toHaveLength(1)
    expect((await complete(id)).status).toBe(202)
    expect(await temporary()).toEqual([])
  })

  it('refuses an address that was changed or never given', async () => {
    const [{ uri }, other] = [await begin(), await begin()]
    const file = Buffer.from(await makeArtifact({ name: 'v1' }))
    const { pathname, search } = new URL(uri)
    const wrong = [uri.replace('expire=', 'expire=9'), `http://x${pathname.replace(/[0-9a-f-]{36}/, other.id)}${search}`]
    for (const each of wrong) expect((await put(each, file)).statusCode).toBe(401)
    expect((await put(`http://x${pathname}`, file)).statusCode).toBe(400)
    expect(await temporary()).toEqual([])
  })

  it('may be open twenty times, and is forgotten at the end', async () => {
    const begun = await Promise.all(Array.from({ length: 20 }, begin))
    const headers = { authorization: `Bearer ${bench.token}` }
    expect((await bench.app.inject({ method: 'POST', url: DIRECT, headers })).statusCode).toBe(409)
    await put(begun[0]?.uri ?? '', Buffer.from(await makeArtifact({ name: 'v1' })))
    await bench.app.close()
    expect(await temporary()).toEqual([])
  })

  it('is refused when the name is taken, with the artifact that is in the way', async () => {
    const file = Buffer.from(await makeArtifact({ name: 'v1' }))
    for (const expected of [202, 409]) {
      const { id, uri } = await begin()
      await put(uri, file)
      const url = `${DIRECT}/${id}/complete`
      const answer = await bench.app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${bench.token}` } })
      expect(answer.statusCode).toBe(expected)
    }
    expect(bench.parts.store.artifacts.list()).toHaveLength(1)
    expect(await temporary()).toEqual([])
  })
})

const BOUNDARY = 'x-boundary'

function form(fields: Record<string, string>, file: string): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="raw"\r\nContent-Type: application/octet-stream\r\n\r\n`
  return Buffer.from(`${parts.join('')}${head}${file}\r\n--${BOUNDARY}--\r\n`)
}

const fields = {
  name: 'conf-1',
  description: 'one file',
  device_types_compatible: 'board,other',
  type: 'single_file',
  args: JSON.stringify({ filename: 'app.conf', dest_dir: '/etc/app' }),
}
const generate = (change: Record<string, string> = {}, file = 'key=value\n') =>
  bench.call({
    ...{ method: 'POST', path: `${PATH}/generate`, payload: form({ ...fields, ...change }, file) },
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  })

describe('an artifact made on the server', () => {
  it('installs one file, and mender-artifact finds it sound', async () => {
    const { status, headers } = await generate()
    expect(status).toBe(201)
    const id = String(headers.location).split('/').at(-1) ?? ''
    expect((await bench.call({ method: 'GET', path: `${PATH}/{id}`, params: { id } })).json).toMatchObject({
      name: 'conf-1',
      description: 'one file',
      device_types_compatible: ['board', 'other'],
      artifact_provides: { 'rootfs-image.single-file.version': 'conf-1' },
    })
    const home = await mkdtemp(join(tmpdir(), 'otabench-generate-'))
    try {
      const { stdout } = await promisify(execFile)('mender-artifact', ['read', bench.parts.artifactFiles.path(id)], {
        env: { HOME: home, PATH: process.env['PATH'] },
      })
      for (const text of ['single-file', 'app.conf', 'dest_dir', 'permissions']) expect(stdout).toContain(text)
    } finally {
      await rm(home, { recursive: true })
    }
    expect(await temporary()).toEqual([])
  })

  it.each([
    ['no name', { name: '' }],
    ['no device type', { device_types_compatible: ' , ' }],
    ['another type', { type: 'docker' }],
    ['args that are no JSON', { args: '{' }],
    ['no file name', { args: '{"dest_dir":"/etc"}' }],
    ['a file name that is a path', { args: '{"filename":"../x","dest_dir":"/etc"}' }],
    ['a destination that is no absolute path', { args: '{"filename":"x","dest_dir":"etc"}' }],
  ])('is not made with %s', async (_, change) => {
    expect((await generate(change)).status).toBe(400)
    expect(await temporary()).toEqual([])
    expect(bench.parts.store.artifacts.list()).toEqual([])
  })
})
