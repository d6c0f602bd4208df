import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { openDeviceBench } from './device.cases.ts'
import { openTls } from './tls.ts'

it('answers the same over https with a certificate of its own authority, and hands out https links there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-https-'))
  await using bench = await openDeviceBench()
  const tls = await openTls({ host: nodeHost(), folder })
  const at = { host: '127.0.0.1', port: 0 }
  const { http, https } = await bench.server.start({ http: at, https: { ...at, key: tls.key, cert: tls.cert } })
  const { id, token } = await bench.join('aa')
  await bench.addArtifact('v2', Buffer.alloc(5000))
  bench.deploy('v2', [id])
  const text = await new Promise<string>((resolve, reject) => {
    const path = '/api/devices/v1/deployments/device/deployments/next?artifact_name=v1&device_type=board'
    request(`${https}${path}`, { ca: tls.caPem, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      answer.on('data', (chunk) => resolve(String(chunk)))
    })
      .on('error', reject)
      .end()
  })
  expect(text).toContain(`"uri":"${https}/api/devices/`)
  expect(http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await rm(folder, { recursive: true })
})
