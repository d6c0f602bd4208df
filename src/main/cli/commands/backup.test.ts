import { createRouterClient } from '@orpc/server'
import Database from 'better-sqlite3'
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, createEngine } from '../../engine/engine.ts'
import { nodeHost } from '../../engine/host.node.ts'
import { SCHEMA_VERSION } from '../../engine/store/migrations.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import type { EngineClient } from '../context.ts'
import { now, until } from '../live.ts'
import { backupCommand, restoreCommand } from './backup.ts'

describe('otabench backup and restore', () => {
  let folder = ''
  let engine: Engine | null = null
  let client: EngineClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-backup-'))
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  })
  afterEach(async () => {
    await engine?.close()
    engine = null
    await rm(folder, { recursive: true, force: true })
  })

  async function start(data: string): Promise<void> {
    const listen = { host: '127.0.0.1', port: 0 }
    engine = await createEngine(nodeHost(), { dataFolder: join(folder, data), http: listen, https: listen })
    client = createRouterClient(engine.router)
  }

  async function stop(): Promise<void> {
    await engine?.close()
    engine = null
  }

  async function addArtifact(name: string): Promise<void> {
    const { jobId } = await client.artifacts.write({
      ...{ kind: 'script', paths: [join(folder, 'run.sh')], name, deviceTypes: ['board'], compression: 'none', keyId: null },
    })
    await until(client.jobs.list(), (jobs) => jobs.some(({ id, state }) => id === jobId && state === 'done'))
  }

  const backup = (...args: string[]): Promise<CommandRun> =>
    runLine(['--json', ...args], { command: backupCommand, cwd: folder, globals: { data: join(folder, 'bench') } })
  const restore = (data: string, ...args: string[]): Promise<CommandRun> =>
    runLine(args, { command: restoreCommand, cwd: folder, globals: { data: join(folder, data) } })

  /** What a bench is known by from outside. */
  async function facts() {
    const artifacts = await now(client.artifacts.list())
    const keys = await now(client.keys.list())
    const { caPem } = await now(client.server.status())
    return { artifacts, keys, caPem }
  }

  it('brings a bench back as it was while its server ran, and that bench works', async () => {
    await start('bench')
    await client.keys.generate({ name: 'release', algorithm: 'p256' })
    await addArtifact('app-1')
    const before = await facts()
    const run = await backup('copy.tar')
    expect(run).toMatchObject({ exitCode: 0, json: [{ artifactCount: 1, schemaVersion: SCHEMA_VERSION }] })
    expect((await stat(join(folder, 'copy.tar'))).mode & 0o777).toBe(0o600)
    await addArtifact('app-2')
    await stop()

    expect(await restore('other', 'copy.tar')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 artifacts') })
    expect((await stat(join(folder, 'other', 'tls', 'ca.key'))).mode & 0o777).toBe(0o600)
    await start('other')
    expect(await facts()).toEqual(before)
    const key = before.keys[0]?.id ?? ''
    await client.artifacts.write({
      ...{ kind: 'script', paths: [join(folder, 'run.sh')], name: 'app-3', deviceTypes: ['board'], compression: 'none', keyId: key },
    })
    const signed = await until(client.artifacts.list(), (all) => all.some(({ name }) => name === 'app-3'))
    expect(signed.find(({ name }) => name === 'app-3')?.signature.verifiedBy).toBe('release')
  })

  it('is read by tar', async () => {
    await start('bench')
    await addArtifact('app-1')
    await backup('copy.tar')
    const { stdout } = await nodeHost().programs.run('tar', ['-tf', join(folder, 'copy.tar')])
    expect(stdout.split('\n')).toEqual([
      'bench.db',
      expect.stringMatching(/^artifacts\/.+\.mender$/),
      ...['tls/ca.key', 'tls/ca.pem', 'tls/server.key', 'tls/server.pem', 'backup.json', ''],
    ])
  })

  it('is whole however busy the bench is meanwhile', async () => {
    await start('bench')
    const busy = { isOver: false }
    const work = (async () => {
      for (let count = 0; !busy.isOver; count += 1) {
        await addArtifact(`app-${count}`)
        if (count % 2 === 0) continue
        const [oldest] = await now(client.artifacts.list())
        if (oldest) await client.artifacts.remove({ id: oldest.id })
      }
    })()
    for (let round = 0; round < 5; round += 1) {
      expect(await backup(`copy-${round}.tar`)).toMatchObject({ exitCode: 0 })
      expect(await restore(`restored-${round}`, `copy-${round}.tar`)).toMatchObject({ exitCode: 0 })
    }
    busy.isOver = true
    await work
  })

  it('touches no folder that holds a bench, unless it may move it aside; and none in use', async () => {
    await start('bench')
    await backup('copy.tar')
    const inUse = await restore('bench', 'copy.tar', '--replace')
    expect(inUse).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error CONFLICT: Another OTA Bench is using/m) })
    await stop()
    expect(await restore('bench', 'copy.tar')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/is not empty\nhint: .*--replace/),
    })
    const replaced = await restore('bench', 'copy.tar', '--replace')
    expect(replaced.exitCode).toBe(0)
    const aside = /What was there is now in (\S+)/.exec(replaced.stderr)?.[1] ?? ''
    expect((await stat(join(aside, 'bench.db'))).isFile()).toBe(true)
  })

  it('refuses what is no whole backup, and leaves nothing', async () => {
    await start('bench')
    await addArtifact('app-1')
    await backup('copy.tar')
    await stop()
    const bytes = await readFile(join(folder, 'copy.tar'))
    const damage: Record<string, () => Promise<void>> = {
      'cut.tar': async () => {
        await copyFile(join(folder, 'copy.tar'), join(folder, 'cut.tar'))
        await truncate(join(folder, 'cut.tar'), bytes.length - 8192)
      },
      'changed.tar': () => writeFile(join(folder, 'changed.tar'), changed(bytes, bytes.indexOf('#!/bin/sh') + 3)),
      'none.tar': () => writeFile(join(folder, 'none.tar'), 'hello'),
    }
    for (const [name, make] of Object.entries(damage)) {
      await make()
      const run = await restore('other', name)
      expect(run).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/^error ARTIFACT_INVALID: .*backup.+\nhint: /m) })
    }
    expect((await readdir(folder)).filter((name) => name.startsWith('other'))).toEqual([])
  })

  it('unpacks nothing that does not belong into a data folder', async () => {
    await mkdir(join(folder, 'evil', 'keys'), { recursive: true })
    await writeFile(join(folder, 'evil', 'keys', 'authorized_keys'), 'x')
    await nodeHost().programs.run('tar', ['-cf', 'evil.tar', '--format=ustar', '-C', 'evil', 'keys/authorized_keys'], { cwd: folder })
    expect(await restore('other', 'evil.tar')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('"keys/authorized_keys"') })
  })

  it('refuses the bench of a newer build', async () => {
    await start('bench')
    await stop()
    const db = new Database(join(folder, 'bench', 'bench.db'))
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
    db.close()
    const run = await backup('copy.tar')
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error CONFLICT: The database has schema/) })
    expect(await readdir(folder)).not.toContain('copy.tar')
  })

  it('says where there is no bench, and that it is made where the folder is', async () => {
    expect(await backup('copy.tar')).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/^error NOT_FOUND: There is no bench in/) })
    const run = await runLine(['copy.tar'], { command: backupCommand, cwd: folder, globals: { server: 'http://127.0.0.1:1', token: 't' } })
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^error BAD_INPUT: /) })
  })
})

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
