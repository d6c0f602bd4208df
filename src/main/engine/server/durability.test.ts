import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { openStore } from '../store/open.ts'
import { authBody, makeDevice } from './device.cases.ts'

const hello = z.object({ url: z.string() })

it('keeps everything that it has answered with 2xx when it is killed in the midst of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-kill-'))
  const child = fork(join(import.meta.dirname, 'durability.child.ts'), [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [message]: unknown[] = await once(child, 'message')
  const { url } = hello.parse(message)

  const acknowledged: string[] = []
  const joinOne = async (mac: string): Promise<void> => {
    const device = makeDevice(mac)
    const body = authBody(device)
    const answer = await fetch(`${url}/api/devices/v1/authentication/auth_requests`, {
      method: 'POST',
      headers: { 'x-men-signature': device.sign(body) },
      body,
    })
    const token = await answer.text()
    const inventory = await fetch(`${url}/api/devices/v1/inventory/device/attributes`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify([{ name: 'serial', value: mac }]),
    })
    if (inventory.status === 200) acknowledged.push(mac)
    if (acknowledged.length === 40) child.kill('SIGKILL')
  }
  // Several at a time, so that the kill falls into the middle of something.
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let index = 0; child.signalCode === null; index += 1) await joinOne(`${lane}-${index}`)
  })
  await Promise.allSettled(lanes)
  expect(acknowledged.length).toBeGreaterThanOrEqual(40)

  const store = openStore(join(folder, 'bench.db'))
  const kept = store.devices.list().flatMap(({ id }) => store.inventory.ofDevice(id).map(({ value }) => value))
  expect(kept).toEqual(expect.arrayContaining(acknowledged))
  expect(store.devices.list().every(({ status }) => status === 'accepted')).toBe(true)
  store.close()
  await rm(folder, { recursive: true })
})
