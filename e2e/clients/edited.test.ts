import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { deploy } from './one-board.ts'

const outcomes = z.array(z.object({ status: z.string() }))

describe('the real Mender client', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-edited-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('installs an artifact whose image was changed inside and signed anew, and gets what was put there', async () => {
    await using bench = await BenchProcess.start('all')
    const at = (name: string) => join(folder, name)
    await mkdir(at('tree/etc'), { recursive: true })
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', at('tree'), at('rootfs.ext4'), '16M'], { stdio: 'ignore' })
    await writeFile(at('motd'), 'put there afterwards\n')
    await bench.cli('keys', 'generate', '-o', at('key'), '--algorithm', 'p256')
    const what = ['-T', 'slot', '-t', 'azure_vm', '-n', 'image-v1', '-f', at('rootfs.ext4'), '-k', at('key')]
    await bench.cli('artifact', 'write', 'module-image', ...what, '-o', at('image.mender'))
    await bench.cli('artifact', 'cp', at('motd'), `${at('image.mender')}:/etc/motd`, '-k', at('key'))
    await using _client = await MenderClient.start({
      ...{ deviceType: 'azure_vm', serverUrl: bench.http, mac: '52:54:00:00:00:08', verificationKeyFile: `${at('key')}.pub` },
      modules: {
        slot: `#!/bin/sh\ncase "$1" in\nNeedsArtifactReboot) echo No ;;\nSupportsRollback) echo No ;;\nArtifactInstall) cp "$2/files/rootfs.ext4" ${at('slot')} ;;\nesac\n`,
      },
    })
    await bench.cli('artifacts', 'upload', at('image.mender'))
    const deploymentId = await deploy(bench, 'image-v1')
    const ended = await eventually('the deployment to finish', async () => {
      const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/list`))
      return found.every(({ status }) => status === 'success' || status === 'failure') && found
    })
    expect(ended).toMatchObject([{ status: 'success' }])
    execFileSync('/usr/sbin/e2fsck', ['-fn', at('slot')], { stdio: 'ignore' })
    expect(execFileSync('/usr/sbin/debugfs', ['-R', 'cat /etc/motd', at('slot')], { encoding: 'utf8' })).toBe('put there afterwards\n')
  })
})
