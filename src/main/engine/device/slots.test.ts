import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { makeSlots, slotPath } from './slots.ts'
import { noise } from './test-device.cases.ts'

it('a new device carries its factory image in slot A, and nothing in slot B', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-slots-'))
  const image = noise(600_000)
  await writeFile(join(folder, 'factory.img'), image)
  expect(await makeSlots(nodeHost().files, folder, 1_000_000, join(folder, 'factory.img'))).toBe(image.length)
  const a = await readFile(slotPath(folder, 'A'))
  expect([a.length, a.subarray(0, image.length).equals(image), a.subarray(image.length).every((byte) => byte === 0)]).toEqual([
    1_000_000,
    true,
    true,
  ])
  expect((await readFile(slotPath(folder, 'B'))).every((byte) => byte === 0)).toBe(true)
  await rm(folder, { recursive: true })
})
