import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { deploy } from './one-board.ts'
import { writeScript } from './script-artifact.ts'

const outcomes = z.array(z.object({ status: z.string() }))

describe('the real Mender client', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-lzma-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('installs an artifact in lzma', async () => {
    await using bench = await BenchProcess.start('all')
    const [script, file] = [join(folder, 'upgrade_os.sh'), join(folder, 'small.mender')]
    await writeFile(script, `#!/bin/sh\nexit 0\n${'# a line to compress\n'.repeat(10_000)}`)
    await bench.cli(...writeScript({ name: 'ubuntu-apt-upgrade-v2', script, to: file }, '--compression', 'lzma'))
    await using _client = await MenderClient.start({ deviceType: 'azure_vm', serverUrl: bench.http, mac: '52:54:00:00:00:07' })
    await bench.cli('artifacts', 'upload', file)
    const deploymentId = await deploy(bench, 'ubuntu-apt-upgrade-v2')
    const ended = await eventually('the deployment to finish', async () => {
      const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/list`))
      return found.every(({ status }) => status === 'success' || status === 'failure') && found
    })
    expect(ended).toMatchObject([{ status: 'success' }])
  })
})
