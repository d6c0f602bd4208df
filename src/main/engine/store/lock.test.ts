import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { holdFolder } from './lock.ts'

it('a data folder is held by one engine at a time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-lock-'))
  const held = holdFolder(folder)
  expect(() => holdFolder(folder)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  held[Symbol.dispose]()
  holdFolder(folder)[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})
