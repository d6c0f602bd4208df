import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { encodeCpio } from './cpio.ts'
import { Tree } from './tree.ts'

it('makes an initramfs that busybox unpacks as it was meant', () => {
  const tree = new Tree()
  tree.putFile('/init', '#!/bin/sh\n', 0o755)
  tree.putFile('/modules/empty', '')
  tree.putFile('/modules/odd', 'seven..')
  tree.put('/bin/sh', { kind: 'link', target: '../busybox' })
  const folder = mkdtempSync(join(tmpdir(), 'otabench-cpio-'))
  const said = execFileSync('busybox', ['cpio', '-i', '-d', '-v'], {
    cwd: folder,
    input: encodeCpio(tree),
    encoding: 'utf8',
    stdio: 'pipe',
  })
  expect(said).not.toContain('cpio:')
  expect(statSync(join(folder, 'init')).mode & 0o777).toBe(0o755)
  expect(readFileSync(join(folder, 'modules/odd'), 'utf8')).toBe('seven..')
  expect(readFileSync(join(folder, 'modules/empty'), 'utf8')).toBe('')
  expect(readlinkSync(join(folder, 'bin/sh'))).toBe('../busybox')
  rmSync(folder, { recursive: true })
})
