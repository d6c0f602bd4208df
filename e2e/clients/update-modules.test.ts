import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { builtDeb } from '../../src/main/engine/artifact/packages.cases.ts'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { deploy } from './one-board.ts'

const outcomes = z.array(z.object({ status: z.string() }))

/** Deploys an artifact to the one device there is; answers how it ended. */
async function install(bench: BenchProcess, file: string, artifactName: string): Promise<z.infer<typeof outcomes>> {
  await bench.cli('artifacts', 'upload', file)
  const deploymentId = await deploy(bench, artifactName)
  return eventually('the deployment to finish', async () => {
    const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/list`))
    return found.every(({ status }) => status === 'success' || status === 'failure') && found
  })
}

describe('the real Mender client, with the update modules it comes with', () => {
  let folder = ''
  const at = (name: string) => join(folder, name)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-modules-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const board = { deviceType: 'azure_vm', hasOwnPackages: true }

  it('puts a folder in the place of another, with its modes and links', async () => {
    await using bench = await BenchProcess.start('all')
    await mkdir(at('tree/etc'), { recursive: true })
    await writeFile(at('tree/etc/app.conf'), 'port = 8080\n')
    await writeFile(at('tree/run'), '#!/bin/sh\n')
    await chmod(at('tree/run'), 0o750)
    await symlink('etc/app.conf', at('tree/conf'))
    await bench.cli(
      'artifact',
      'write',
      'directory',
      '-t',
      'azure_vm',
      '-n',
      'app-v1',
      '-f',
      at('tree'),
      '--dest-dir',
      '/opt/app',
      '-o',
      at('app.mender'),
    )
    await using client = await MenderClient.start({ ...board, serverUrl: bench.http, mac: '52:54:00:00:00:08' })
    const place = join(client.folder, 'opt/app')
    await mkdir(place)
    await writeFile(join(place, 'old'), '')
    expect(await install(bench, at('app.mender'), 'app-v1')).toMatchObject([{ status: 'success' }])
    expect(await readFile(join(place, 'etc/app.conf'), 'utf8')).toBe('port = 8080\n')
    expect((await stat(join(place, 'run'))).mode & 0o777).toBe(0o750)
    expect(await readlink(join(place, 'conf'))).toBe('etc/app.conf')
    await expect(stat(join(place, 'old'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('installs a Debian package whose name clients would refuse', async () => {
    await using bench = await BenchProcess.start('all')
    await writeFile(at('bench-tool_1.0+b1~rc2_all.deb'), await builtDeb('xz', { 'opt/bench-tool': 'a tool\n' }))
    await bench.cli(
      'artifact',
      'write',
      'deb',
      '-t',
      'azure_vm',
      '-n',
      'tool-v1',
      '-f',
      at('bench-tool_1.0+b1~rc2_all.deb'),
      '-o',
      at('tool.mender'),
    )
    await using client = await MenderClient.start({ ...board, serverUrl: bench.http, mac: '52:54:00:00:00:09' })
    expect(await install(bench, at('tool.mender'), 'tool-v1')).toMatchObject([{ status: 'success' }])
    expect(await readFile(join(client.folder, 'opt/bench-tool'), 'utf8')).toBe('a tool\n')
    expect(await readFile(join(client.folder, 'dpkg/status'), 'utf8')).toMatch(/Package: bench-tool\nStatus: install ok installed/)
  })
})
