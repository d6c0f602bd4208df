import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually, run } from './bench-process.ts'

const CLI = join(import.meta.dirname, '../../out/main/cli.js')
const artifactNames = z.array(z.object({ name: z.string() }))
const outcomes = z.array(z.object({ status: z.string() }))

async function library(bench: BenchProcess): Promise<string[]> {
  return artifactNames.parse(await bench.api('GET', 'v1/deployments/artifacts')).map(({ name }) => name)
}

async function filesInLibrary(bench: BenchProcess): Promise<string[]> {
  const folder = join(bench.folder, 'artifacts')
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name)
}

describe('after kill -9', () => {
  let folder = ''
  let artifact = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-kill-'))
    artifact = join(folder, 'v2.mender')
    await writeFile(join(folder, 'payload.bin'), randomFillSync(new Uint8Array(6 << 20)))
    const args = [
      'artifact',
      'write',
      'module-image',
      '-T',
      'single-file',
      '-n',
      'v2',
      '-t',
      'virtual',
      '-f',
      join(folder, 'payload.bin'),
      '-o',
      artifact,
    ]
    await run(process.execPath, [CLI, ...args])
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('in the middle of an upload no half artifact is visible or left on disk, and what was acknowledged before is there', async () => {
    await using bench = await BenchProcess.start('all')
    await uploadHalf(bench, artifact)
    await bench.kill()
    await bench.restart('all')
    expect(await library(bench)).toEqual([])
    expect(await filesInLibrary(bench)).toEqual([])

    await bench.cli('artifacts', 'upload', artifact)
    await bench.kill()
    await bench.restart('all')
    expect(await library(bench)).toEqual(['v2'])
    const [file] = await filesInLibrary(bench)
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(await readFile(join(bench.folder, 'artifacts', file ?? '')))).toBe(sha256(await readFile(artifact)))
  })

  it('in the middle of a deployment the devices finish it, and nothing acknowledged is lost', async () => {
    await using bench = await BenchProcess.start('all')
    await bench.cli('artifacts', 'upload', artifact)
    await using sim = simulate(bench, join(folder, 'boards'))
    await eventually('three devices', async () => {
      const devices: unknown = JSON.parse(await bench.cli('devices', 'list', '--json'))
      return Array.isArray(devices) && devices.length === 3
    })
    const id = (await bench.cli('deploy', 'v2', '--all')).trim()
    const before = await eventually('a device is downloading', async () => {
      const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${id}/devices/list`))
      return found.some(({ status }) => status === 'downloading') && found
    })
    await bench.kill()
    await bench.restart('all')
    const after = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${id}/devices/list`))
    expect(after.length).toBe(before.length)
    await eventually('all devices succeed', async () => {
      const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${id}/devices/list`))
      return found.every(({ status }) => status === 'success')
    })
    expect(sim.child.exitCode).toBeNull()
  })
})

/** Three simulated devices that download slowly enough to be interrupted. */
function simulate(bench: BenchProcess, state: string): AsyncDisposable & { child: ChildProcess } {
  const args = [
    'sim',
    '--count',
    '3',
    '--type',
    'virtual',
    '--poll',
    '1',
    '--resume',
    '1',
    '--speed',
    '1500000',
    '--data',
    state,
    '--server',
    bench.http,
  ]
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return { child, [Symbol.asyncDispose]: stop }
}

/** Sends half of a multipart upload and leaves the rest unsent, so that the server is waiting in the middle of it. */
async function uploadHalf(bench: BenchProcess, path: string): Promise<void> {
  const bytes = await readFile(path)
  const head =
    '--b\r\ncontent-disposition: form-data; name="artifact"; filename="a.mender"\r\ncontent-type: application/octet-stream\r\n\r\n'
  const upload = request(`${bench.http}/api/management/v1/deployments/artifacts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bench.token}`, 'content-type': 'multipart/form-data; boundary=b' },
  })
  // The server dies under it: that is the point.
  upload.on('error', () => undefined)
  upload.write(head)
  upload.write(bytes.subarray(0, bytes.length / 2))
  await eventually('the upload is on disk in part', async () => (await filesInLibrary(bench)).length > 0)
}
