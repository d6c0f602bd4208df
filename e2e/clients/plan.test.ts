import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { BenchProcess, eventually } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { writeScript } from './script-artifact.ts'

const shown = z.object({
  status: z.string(),
  isOpen: z.boolean(),
  devices: z.array(
    z.object({ status: z.string(), failedAttempts: z.number(), startedAt: z.number().nullable(), finishedAt: z.number().nullable() }),
  ),
})

it('two real clients get a deployment of a filter one after the other, and the one that fails at first gets it again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-plan-'))
  try {
    await using bench = await BenchProcess.start('all')
    const [script, file, key] = [join(folder, 'once.sh'), join(folder, 'once.mender'), join(folder, 'signing.key')]
    await writeFile(script, `#!/bin/sh\nif [ -e '${folder}/failed' ]; then echo well; else touch '${folder}/failed'; exit 3; fi\n`)
    await bench.cli('keys', 'generate', '-o', key, '--algorithm', 'p256')
    await bench.cli(...writeScript({ name: 'once', script, to: file }, '-k', key))
    const options = { deviceType: 'azure_vm', serverUrl: bench.http, verificationKeyFile: `${key}.pub` }
    await using _first = await MenderClient.start({ ...options, mac: '52:54:00:00:00:01' })
    await using _second = await MenderClient.start({ ...options, mac: '52:54:00:00:00:02' })
    await bench.cli('groups', 'add', 'lab', '--filter', 'identity/mac~^52:54')
    await eventually('both devices', async () => (await bench.cli('groups', 'list')).match(/lab +2 /))
    await bench.cli('artifacts', 'upload', file)
    const id = (await bench.cli('deploy', 'once', '--group', 'lab', '--phases', '1,rest', '--retries', '1')).trim()
    const ended = await eventually('both updates', async () => {
      const deployment = shown.parse(JSON.parse(await bench.cli('--json', 'deployments', 'show', id)))
      return deployment.devices.every(({ finishedAt }) => finishedAt !== null) && deployment
    })
    const [one, other] = ended.devices.toSorted((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))
    expect([one, other]).toMatchObject([
      { status: 'success', failedAttempts: 1 },
      { status: 'success', failedAttempts: 0 },
    ])
    expect(other?.startedAt).toBeGreaterThan(one?.finishedAt ?? Number.POSITIVE_INFINITY)
    expect(ended.isOpen).toBe(true)
    await bench.cli('deployments', 'abort', id)
  } finally {
    await rm(folder, { recursive: true })
  }
})
