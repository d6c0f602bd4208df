import { once } from 'node:events'
import { type AddressInfo, type Server, createServer } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { nearestFree } from './free-port.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function occupy(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  open.push(server)
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

it('a TCP port that is free is taken as it is wanted', async () => {
  const port = await occupy(0)
  open.splice(0).forEach((server) => server.close())
  expect(await nearestFree({ host: '127.0.0.1', port })).toEqual({ host: '127.0.0.1', port })
})

it('the next free one is taken when somebody listens on it', async () => {
  const port = await occupy(0)
  const found = await nearestFree({ host: '127.0.0.1', port })
  expect(found.port).toBeGreaterThan(port)
  expect(found.port).toBeLessThanOrEqual(port + 9)
})
