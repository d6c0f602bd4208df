import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** vitest's global set-up: whatever tests leave in os.tmpdir() stands in one folder, and goes when the run ends. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ota-bench-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
