import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { joined } from './one-board.ts'
import { writeScript } from './script-artifact.ts'

const outcomes = z.array(z.object({ status: z.string() }))
const configuration = z.object({ configured: z.record(z.string(), z.string()), deployment_id: z.string().optional() })

/** As mender-configure keeps what it is given: its update module copies the meta-data of the artifact. */
const CONFIGURE = `#!/bin/sh
case "$1" in
  ArtifactInstall) cp "$2/header/meta-data" /etc/mender/device-config.json ;;
  SupportsRollback) echo No ;;
  NeedsArtifactReboot) echo No ;;
esac
`

describe('the real Mender client', () => {
  let folder = ''
  let bench: BenchProcess
  let client: MenderClient
  let id = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-pause-'))
    bench = await BenchProcess.start('all')
    const options = { serverUrl: bench.http, mac: '52:54:00:00:00:31', deviceType: 'azure_vm', modules: { 'mender-configure': CONFIGURE } }
    client = await MenderClient.start({ ...options, pollSeconds: 2 })
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\nexit 0\n')
    for (const name of ['v2', 'v3']) {
      const file = join(folder, `${name}.mender`)
      await bench.cli(...writeScript({ name, script: join(folder, 'run.sh'), to: file }))
      await bench.cli('artifacts', 'upload', file)
    }
    id = await joined(bench)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const reaches = (deploymentId: string, wanted: string) =>
    eventually(wanted, async () => {
      const [found] = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/list`))
      return found?.status === wanted && found.status
    })

  it('waits before it installs, and goes on when it may', async () => {
    const deploymentId = (await bench.cli('deploy', 'v2', '--device', id, '--pause-before', 'install')).trim()
    expect(await reaches(deploymentId, 'pause_before_installing')).toBe('pause_before_installing')
    await bench.cli('deployments', 'continue', deploymentId)
    expect(await reaches(deploymentId, 'success')).toBe('success')
  })

  it('waits before it commits, and undoes the update when it is told to fail', async () => {
    const deploymentId = (await bench.cli('deploy', 'v3', '--device', id, '--pause-before', 'commit')).trim()
    expect(await reaches(deploymentId, 'pause_before_committing')).toBe('pause_before_committing')
    await bench.cli('deployments', 'continue', deploymentId, '--fail')
    expect(await reaches(deploymentId, 'failure')).toBe('failure')
  })

  it('installs a configuration, which nobody sees as an artifact', async () => {
    await bench.cli('devices', 'config', id, 'timezone=Europe/Berlin', 'greeting=hello = world', '--apply')
    const { configured, deployment_id: deploymentId = '' } = configuration.parse(
      await bench.api('GET', `v1/deviceconfig/configurations/device/${id}`),
    )
    expect(await reaches(deploymentId, 'success')).toBe('success')
    const installed: unknown = JSON.parse(await readFile(join(client.folder, 'etc/device-config.json'), 'utf8'))
    expect(installed).toEqual(configured)
    expect(installed).toEqual({ timezone: 'Europe/Berlin', greeting: 'hello = world' })
    expect(await bench.cli('artifacts', 'list')).not.toContain('configuration-')
  })
})
