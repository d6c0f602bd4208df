import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CONTENT } from './malformed-content.cases.ts'
import { FRONT } from './malformed-front.cases.ts'
import { HEADER } from './malformed-header.cases.ts'
import { OUTSIDE } from './malformed-outside.cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'otabench-malformed-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Whether Debian's mender-artifact calls it valid; without the tool this fails, because it would prove nothing. */
function isTaken(file: Uint8Array): boolean {
  writeFileSync(join(folder, 'a.mender'), file)
  try {
    execFileSync('mender-artifact', ['validate', 'a.mender'], { cwd: folder, stdio: 'ignore' })
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number') return false
    throw thrown
  }
}

describe('of what we refuse, mender-artifact 3.9', () => {
  it.each([...OUTSIDE, ...FRONT, ...HEADER, ...CONTENT])('says what the table says: $what', ({ file, isTakenByPeer }) => {
    expect(isTaken(file)).toBe(isTakenByPeer)
  })
})
