import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now } from '../live.ts'
import { artifactsCommand } from './artifacts.ts'

let bench: TestEngine
let token = ''
beforeAll(async () => {
  bench = await openTestEngine()
  token = await bench.token()
})
afterAll(() => bench[Symbol.asyncDispose]())

const artifacts = (...args: string[]) =>
  runLine(args, { command: artifactsCommand, cwd: bench.folder, globals: { server: bench.url, token } })
const library = () => now(bench.client.artifacts.list())

describe('otabench artifacts', () => {
  it('says what to do while the library is empty', async () => {
    expect(await artifacts('list')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('otabench artifacts upload FILE') })
    expect((await artifacts('--json', 'list')).json).toEqual([[]])
  })

  it('uploads files by their relative paths, an event each, and lists them', async () => {
    const files = [basename(await bench.artifactFile('v1')), basename(await bench.artifactFile('v2'))]
    const { exitCode, json } = await artifacts('--json', 'upload', ...files, '--description', 'from CI')
    expect([exitCode, json]).toEqual([0, files.map((file) => ({ id: expect.any(String), file }))])
    expect((await library()).map(({ name, description }) => [name, description]).toSorted()).toEqual([
      ['v1', 'from CI'],
      ['v2', 'from CI'],
    ])
    const { stdout } = await artifacts('list')
    expect(stdout.split('\n')[0]).toMatch(/^ID +NAME +DEVICE TYPES +PAYLOAD +SIZE +SIGNATURE +ADDED$/)
    expect(stdout).toMatch(/ v1 +virtual +rootfs-image +\d+(\.\d)? kB +unsigned +20/)
  })

  it('keeps what came before a bad file, names that one, and ends with 4', async () => {
    const good = basename(await bench.artifactFile('v3'))
    await writeFile(join(bench.folder, 'bad.mender'), 'nothing')
    const { exitCode, stdout, stderr } = await artifacts('upload', good, 'bad.mender', basename(await bench.artifactFile('v4')))
    expect(exitCode).toBe(4)
    expect(stdout).toMatch(/^\S+ {2}v3\.mender\n$/)
    expect(stderr).toMatch(/^error ARTIFACT_INVALID: \S+bad\.mender: .+\nhint: .+/m)
    expect((await library()).map(({ name }) => name).toSorted()).toEqual(['v1', 'v2', 'v3'])
    expect((await artifacts('upload', 'missing.mender')).exitCode).toBe(3)
  })

  it('shows one by its name or id', async () => {
    const [{ id } = { id: '' }] = (await library()).filter(({ name }) => name === 'v1')
    const [byName, byId] = [await artifacts('show', 'v1'), await artifacts('show', id)]
    expect(byName).toEqual(byId)
    expect(byName.stdout).toContain('rootfs-image')
    expect((await artifacts('--json', 'show', id)).json).toMatchObject([{ id, name: 'v1', deviceTypes: ['virtual'] }])
  })

  it('removes all that are named or, when one is not there, none', async () => {
    const wrong = await artifacts('rm', 'v1', 'none-such')
    expect([wrong.exitCode, wrong.stderr]).toEqual([3, expect.stringMatching(/^error NOT_FOUND: .*"none-such".*\nhint: /)])
    expect(await library()).toHaveLength(3)
    expect((await artifacts('rm', 'v1', 'v3')).stdout).toBe('removed: v1, v3\n')
    expect((await library()).map(({ name }) => name)).toEqual(['v2'])
  })

  it('does not remove what an unfinished deployment needs', async () => {
    const device = await bench.addDevice('02:00:00:00:00:01', { speedBytesPerSecond: 1000 })
    await bench.client.deployments.create({ name: 'slow', artifactName: 'v2', target: { kind: 'devices', ids: [device.id] } })
    expect(await artifacts('rm', 'v2')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error CONFLICT: .*v2.*\nhint: .*abort/),
    })
    expect((await library()).map(({ name }) => name)).toEqual(['v2'])
  })
})
