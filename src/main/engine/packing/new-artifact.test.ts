import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { artifactCommand } from '../../cli/commands/artifact.ts'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import type { Job } from '../../contract/jobs.ts'
import { type NewArtifact, newArtifact } from '../../contract/new-artifact.ts'
import { type NewArtifactKind, newArtifactKind } from '../../contract/new-artifact-kinds.ts'
import { writeWords } from '../../contract/write-command.ts'
import { lintArtifact } from '../artifact/lint-file.ts'
import { builtPackages } from '../artifact/packages.cases.ts'
import { fileOf } from '../artifact/samples.cases.ts'
import { type Engine, createEngine } from '../engine.ts'
import { nodeHost } from '../host.node.ts'

describe('a new artifact of the library', () => {
  let folder = ''
  let engine: Engine
  let client: EngineClient
  const packages = { deb: new Uint8Array(0), rpm: new Uint8Array(0) }
  beforeAll(async () => Object.assign(packages, await builtPackages()))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-new-artifact-'))
    engine = await createEngine(nodeHost(), { dataFolder: join(folder, 'data'), http: null, https: null })
    client = createRouterClient(engine.router)
    await writeFile(join(folder, 'app.conf'), 'port = 80\n')
    await chmod(join(folder, 'app.conf'), 0o640)
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\nexit 0\n')
    await writeFile(join(folder, 'rootfs.ext4'), Buffer.alloc(300_000, 'root'))
    await mkdir(join(folder, 'scripts'))
    await writeFile(join(folder, 'meta.json'), '{"b": [1, {"a": null}]}')
    await writeFile(join(folder, 'tool_1.0+b1.deb'), packages.deb)
    await writeFile(join(folder, 'tool.rpm'), packages.rpm)
    await writeFile(join(folder, 'scripts', 'ArtifactInstall_Enter_01_greet'), '#!/bin/sh\necho grüezi\n')
    await writeFile(join(folder, 'scripts', 'ArtifactCommit_Leave_00'), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]))
  })
  afterEach(async () => {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })

  const fill = (more: Partial<NewArtifact>): NewArtifact => {
    const draft = {
      kind: 'script',
      paths: [join(folder, 'run.sh')],
      name: 'new-v1',
      deviceTypes: ['board'],
      compression: 'none',
      keyId: null,
    }
    return newArtifact.parse({ ...draft, ...more })
  }

  async function ended(jobId: string): Promise<Job | undefined> {
    const isEnded = ({ id, state }: Job) => id === jobId && state !== 'running'
    return (await until(client.jobs.list(), (jobs) => jobs.some(isEnded))).find(isEnded)
  }

  async function written(input: NewArtifact): Promise<{ id: string; path: string }> {
    const { id, jobId } = await client.artifacts.write(input)
    expect(await ended(jobId)).toMatchObject({ state: 'done', failure: null })
    return { id, path: join(folder, 'data', 'artifacts', `${id}.mender`) }
  }

  /** Runs the words of a command line in the test's folder. */
  async function otabench(words: readonly string[]): Promise<number> {
    return (await runLine(words.slice(2), { command: artifactCommand, cwd: folder })).exitCode
  }

  const CONTENT: Readonly<Record<NewArtifactKind, (at: (name: string) => string) => Partial<NewArtifact>>> = {
    'rootfs-image': (at) => ({ paths: [at('rootfs.ext4')] }),
    'single-file': (at) => ({ paths: [at('app.conf')], destination: '/etc/my app' }),
    directory: (at) => ({ paths: [at('scripts')], destination: '/opt/app' }),
    script: (at) => ({ paths: [at('run.sh')] }),
    deb: (at) => ({ paths: [at('tool_1.0+b1.deb')] }),
    rpm: (at) => ({ paths: [at('tool.rpm')] }),
    docker: () => ({ paths: [], containers: ['nginx:1.27', `lab/app@sha256:${'a'.repeat(64)}`], runArgs: '--restart always' }),
    'docker-compose': (at) => ({ paths: [at('scripts')], imagesPath: at('scripts'), projectName: 'shop' }),
    'module-image': (at) => ({ paths: [at('run.sh'), at('app.conf')], payloadType: 'my-module', metaDataPath: at('meta.json') }),
    'bootstrap-artifact': () => ({ paths: [] }),
  }

  it.each(newArtifactKind.options)('is byte for byte what the equivalent command line writes: %s', async (kind) => {
    const more = {
      ...{ softwareName: 'app', softwareVersion: '1.2', softwareFilesystem: 'data', scripts: [join(folder, 'scripts')] },
    }
    for (const isFull of [false, true]) {
      const input = fill({
        ...{ kind, name: `${kind}-${String(isFull)}`, compression: isFull ? 'zstd_fast' : 'none' },
        ...CONTENT[kind]((name) => join(folder, name)),
        ...(isFull && { provides: { 'rootfs-image.app.version': '2' }, depends: { k: 'v:w' }, clearsProvides: ['old.*'] }),
        ...(isFull && { group: 'beta', dependsNames: ['v1', 'v2'], dependsGroups: ['lab'] }),
        ...(isFull && kind !== 'bootstrap-artifact' && more),
      })
      const { path: stored } = await written(input)
      expect(await otabench(writeWords(input, null))).toBe(0)
      const twin = await readFile(join(folder, `${input.name}.mender`))
      expect(twin.equals(await readFile(stored))).toBe(true)
      expect(await lintArtifact(fileOf(twin))).toEqual([])
    }
  })

  it('says in the log of its job which packages it packs', async () => {
    const { jobId } = await client.artifacts.write(fill({ kind: 'deb', paths: [join(folder, 'tool_1.0+b1.deb')] }))
    expect(await ended(jobId)).toMatchObject({ state: 'done' })
    expect(await client.jobs.log({ id: jobId })).toContain('package bench-tool 2:1.0+b1~rc2 (all)')
  })

  it('is signed with a key of the ring, which then proves it', async () => {
    const key = await client.keys.generate({ name: 'release', algorithm: 'p256' })
    const { id } = await written(fill({ keyId: key.id }))
    expect(await now(client.artifacts.show({ id }))).toMatchObject({ signature: { present: true, verifiedBy: 'release' } })
  })

  it('shows the text of its state scripts, and says of a program that it is none', async () => {
    const { id } = await written(fill({ scripts: [join(folder, 'scripts')] }))
    expect(await client.artifacts.scripts({ id })).toEqual([
      { name: 'ArtifactCommit_Leave_00', text: null },
      { name: 'ArtifactInstall_Enter_01_greet', text: '#!/bin/sh\necho grüezi\n' },
    ])
  })

  it('is refused before its job starts where the field can be named', async () => {
    await written(fill({}))
    await copyFile(join(folder, 'run.sh'), join(folder, 'run.deb'))
    await mkdir(join(folder, 'empty'))
    const COMPOSE = { kind: 'docker-compose', projectName: 'shop', name: 'other' } as const
    const refusals: [string, Partial<NewArtifact>][] = [
      ['paths: There is no file', { paths: ['/nowhere/run.sh'], name: 'other' }],
      ['paths: run.deb is no Debian package', { kind: 'deb', paths: [join(folder, 'run.deb')], name: 'other' }],
      ['paths: .*run.sh is a file, not a folder', { kind: 'directory', paths: [join(folder, 'run.sh')], destination: '/a', name: 'other' }],
      ['imagesPath: There is no file in empty', { ...COMPOSE, paths: [folder], imagesPath: join(folder, 'empty') }],
      ['metaDataPath: .*not JSON', { kind: 'module-image', payloadType: 'x', metaDataPath: join(folder, 'run.sh'), name: 'other' }],
      ['scripts: "run.sh" is not', { scripts: [join(folder, 'run.sh')], name: 'other' }],
      ['keyId: ', { keyId: 'none', name: 'other' }],
      ['name: new-v1 is already', {}],
    ]
    for (const [message, more] of refusals) {
      const refused = await client.artifacts.write(fill(more)).catch(toAppError)
      expect(refused).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(`^${message}`) })
    }
  })

  it.each([0, 1])('leaves nothing behind when it is cancelled at step %i', async (step) => {
    await truncate(join(folder, 'rootfs.ext4'), 2 ** 29)
    const { jobId } = await client.artifacts.write(fill({ kind: 'rootfs-image', paths: [join(folder, 'rootfs.ext4')] }))
    const isThere = (job: Job) => job.id === jobId && job.step === step && (job.progress?.done ?? 0) > 0
    await until(client.jobs.list(), (jobs) => jobs.some(isThere))
    await client.jobs.cancel({ id: jobId })
    expect(await ended(jobId)).toMatchObject({ state: 'cancelled' })
    expect(await readdir(join(folder, 'data', 'artifacts', 'tmp'))).toEqual([])
    expect(await readdir(join(folder, 'data', 'artifacts'))).toEqual(['tmp'])
    expect(await now(client.artifacts.list())).toEqual([])
  })
})
