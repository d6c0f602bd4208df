import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { writeScript } from './script-artifact.ts'

const devices = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    identity_data: z.record(z.string(), z.string()),
    auth_sets: z.array(z.object({ id: z.string() })),
  }),
)
const outcomes = z.array(z.object({ id: z.string(), status: z.string(), log: z.boolean() }))

/** Ids of the devices with one of these MACs, once they have all asked to join. */
function joined(bench: BenchProcess, macs: readonly string[], status: string): Promise<z.infer<typeof devices>> {
  return eventually(`${macs.join(', ')} ${status}`, async () => {
    const found = devices.parse(await bench.api('GET', 'v2/devauth/devices?per_page=100'))
    const ours = found.filter((device) => macs.includes(device.identity_data['mac'] ?? '') && device.status === status)
    return ours.length === macs.length && ours
  })
}

function finished(bench: BenchProcess, deploymentId: string): Promise<z.infer<typeof outcomes>> {
  return eventually(`deployment ${deploymentId} finished`, async () => {
    const found = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/list?per_page=100`))
    return found.every(({ status }) => status === 'success' || status === 'failure') && found
  })
}

async function deploy(bench: BenchProcess, artifactName: string, group: string): Promise<string> {
  return (await bench.cli('deploy', artifactName, '--group', group)).trim()
}

/** Uploads an artifact and deploys it to the accepted device of this address; answers the deployment's id. */
async function deployTo(bench: BenchProcess, mac: string, { file, artifactName }: { file: string; artifactName: string }): Promise<string> {
  const [device] = await joined(bench, [mac], 'accepted')
  await bench.cli('artifacts', 'upload', file)
  return (await bench.cli('deploy', artifactName, '--device', device?.id ?? '')).trim()
}

const board = { deviceType: 'azure_vm' }

describe('the real Mender client', () => {
  let folder = ''
  let key = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-artifacts-'))
    key = join(folder, 'signing.key')
    await using bench = await BenchProcess.start('none')
    await bench.cli('keys', 'generate', '-o', key, '--algorithm', 'p256')
    await writeFile(join(folder, 'upgrade_os.sh'), '#!/bin/sh\necho upgraded\n')
    await writeFile(join(folder, 'fail.sh'), '#!/bin/sh\necho "no space for the new kernel" >&2\nexit 3\n')
    const good = { name: 'ubuntu-apt-upgrade-v2', script: join(folder, 'upgrade_os.sh'), to: join(folder, 'good.mender') }
    await bench.cli(...writeScript(good, '-k', key))
    const bad = { name: 'broken-upgrade', script: join(folder, 'fail.sh'), to: join(folder, 'bad.mender') }
    await bench.cli(...writeScript(bad, '-k', key))
  })
  afterAll(() => rm(folder, { recursive: true }))

  for (const scheme of ['http', 'https'] as const) {
    it(`is accepted over ${scheme}, installs a signed script on two boards of a group, and reports a failing one with its log`, async () => {
      await using bench = await BenchProcess.start('none')
      const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02']
      const options = {
        deviceType: 'azure_vm',
        serverUrl: scheme === 'http' ? bench.http : bench.https,
        verificationKeyFile: `${key}.pub`,
        ...(scheme === 'https' ? { caFile: bench.caFile } : {}),
      }
      await using _first = await MenderClient.start({ ...options, mac: '52:54:00:00:00:01' })
      await using _second = await MenderClient.start({ ...options, mac: '52:54:00:00:00:02' })
      const asking = await joined(bench, macs, 'pending')
      await bench.cli('devices', 'accept', ...asking.map(({ id }) => id))
      await joined(bench, macs, 'accepted')
      await bench.cli('groups', 'add', 'lab', ...asking.map(({ id }) => id))

      await bench.cli('artifacts', 'upload', join(folder, 'good.mender'), join(folder, 'bad.mender'))
      const good = await finished(bench, await deploy(bench, 'ubuntu-apt-upgrade-v2', 'lab'))
      expect(good.map(({ status }) => status)).toEqual(['success', 'success'])

      const deploymentId = await deploy(bench, 'broken-upgrade', 'lab')
      const bad = await finished(bench, deploymentId)
      expect(bad.map(({ status }) => status)).toEqual(['failure', 'failure'])
      const log = await eventually('the log', async () => {
        const text = await bench.api('GET', `v1/deployments/deployments/${deploymentId}/devices/${bad[0]?.id}/log`).catch(() => null)
        return typeof text === 'string' && text
      })
      expect(log).toContain('no space for the new kernel')
    })
  }

  it('installs a single file of the generator at its place, with its mode', async () => {
    await using bench = await BenchProcess.start('all')
    const file = join(folder, 'app.conf')
    await writeFile(file, 'port = 8080\n')
    await chmod(file, 0o640)
    const place = join(folder, 'on the device', 'etc')
    const artifact = join(folder, 'conf.mender')
    const write = ['artifact', 'write', 'single-file', '-t', 'azure_vm', '-n', 'conf-v1', '-k', key]
    await bench.cli(...write, '--dest-dir', place, '-f', file, '-o', artifact)
    const mac = '52:54:00:00:00:04'
    await using _client = await MenderClient.start({ ...board, serverUrl: bench.http, mac, verificationKeyFile: `${key}.pub` })
    const deploymentId = await deployTo(bench, mac, { file: artifact, artifactName: 'conf-v1' })
    expect(await finished(bench, deploymentId)).toMatchObject([{ status: 'success' }])
    expect(await readFile(join(place, 'app.conf'), 'utf8')).toBe('port = 8080\n')
    expect((await stat(join(place, 'app.conf'))).mode & 0o777).toBe(0o640)
  })

  it('refuses an artifact that is not signed with its verification key, and the bench says why', async () => {
    await using bench = await BenchProcess.start('all')
    const otherKey = join(folder, 'other.key')
    await bench.cli('keys', 'generate', '-o', otherKey, '--algorithm', 'p256')
    const file = join(folder, 'forged.mender')
    await bench.cli(...writeScript({ name: 'forged', script: join(folder, 'upgrade_os.sh'), to: file }, '-k', otherKey))
    const mac = '52:54:00:00:00:03'
    await using _client = await MenderClient.start({ ...board, serverUrl: bench.http, mac, verificationKeyFile: `${key}.pub` })
    const deploymentId = await deployTo(bench, mac, { file: file, artifactName: 'forged' })
    expect(await finished(bench, deploymentId)).toMatchObject([{ status: 'failure' }])
    const shown = await eventually('an explanation', async () => {
      const text = await bench.cli('deployments', 'show', deploymentId)
      return /signature/i.test(text) && text
    })
    expect(shown).toMatch(/signature/i)
  })
})
