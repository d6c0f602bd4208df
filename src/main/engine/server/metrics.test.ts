import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { ensureAdmin, openLogin } from './login.ts'
import { openDeviceBench } from './device.cases.ts'

it('shows its figures in the format of Prometheus to who holds a token, and to nobody else', async () => {
  await using bench = await openDeviceBench()
  const clock = { now: () => bench.clock.now, sleep: async () => undefined }
  await ensureAdmin({ store: bench.store, clock, password: 'p' })
  const token = openLogin({ store: bench.store, clock }).adminSession()
  const { id, token: deviceToken } = await bench.join('aa')
  await bench.join('bb')
  const bytes = Buffer.alloc(5000, 'x')
  await bench.addArtifact('v2', bytes)
  bench.deploy('v2', [id])
  const next = await bench.app.inject({
    url: '/api/devices/v1/deployments/device/deployments/next?artifact_name=v1&device_type=board',
    headers: { authorization: `Bearer ${deviceToken}` },
  })
  const uri = new URL(next.json<{ artifact: { source: { uri: string } } }>().artifact.source.uri)
  const download = await bench.app.inject({ url: `${uri.pathname}${uri.search}` })
  expect(createHash('sha256').update(download.rawPayload).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))

  const answer = await bench.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(answer.body.split('\n')).toEqual(
    expect.arrayContaining([
      'otabench_devices{status="accepted"} 2',
      'otabench_devices{status="pending"} 0',
      'otabench_artifacts 1',
      'otabench_device_deployments{status="pending"} 1',
      'otabench_download_bytes_total 5000',
      'otabench_downloads_open 0',
      'otabench_http_requests_total{interface="device",status="2xx"} 4',
      expect.stringMatching(/^process_resident_memory_bytes \d{7,}$/),
    ]),
  )
  expect((await bench.app.inject({ url: '/metrics' })).statusCode).toBe(401)
  expect((await bench.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${deviceToken}` } })).statusCode).toBe(401)
})
