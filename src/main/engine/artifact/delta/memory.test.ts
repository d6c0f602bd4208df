import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const CHILD = fileURLToPath(import.meta.resolve('./memory-child.cases.ts'))

it('memory stays flat when a patch is made between two images of 512 MiB', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD])
  expect(Number(stdout)).toBeLessThan(130)
})
