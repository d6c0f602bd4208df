import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeHost } from './host.cases.ts'
import { fakeHost } from './host.fake.ts'
import { nodeHost } from './host.node.ts'

describeHost('the real machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-host-'))
  return { host: nodeHost(), folder, pass: () => undefined, dispose: () => rm(folder, { recursive: true }) }
})

describeHost('the simulated machine', async () => {
  const host = fakeHost({
    sh: (_, input, [socket]) => {
      socket?.pipe(socket)
      return { exitCode: 3, stdout: input || 'out\n', stderr: 'err\n' }
    },
  })
  await host.files.makeFolder('/data')
  return { host, folder: '/data', pass: (ms) => host.clock.advance(ms), dispose: async () => undefined }
})

describe('the simulated disk', () => {
  it('is full at its capacity, and has room again when something is removed', async () => {
    const { files } = fakeHost()
    files.roomBytes = 10
    await using file = await files.open('/a', 'create')
    await file.write(new Uint8Array(8), 0)
    await expect(file.write(new Uint8Array(8), 8)).rejects.toMatchObject({ code: 'DISK_FULL' })
    await files.remove('/a')
    await using next = await files.open('/b', 'create')
    await next.write(new Uint8Array(8), 0)
  })
})
