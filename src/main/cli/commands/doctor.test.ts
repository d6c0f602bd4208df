import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { finding } from '../../contract/doctor.ts'
import { runLine } from '../command.cases.ts'
import { doctorCommand } from './doctor.ts'

it('otabench doctor says of this machine what it has and lacks, and ends with 5 where something does not work', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'otabench-doctor-'))
  const squatter = createServer()
  try {
    const doctor = (...args: string[]) => runLine(args, { command: doctorCommand, cwd })
    const { json, exitCode } = await doctor('--json')
    const findings = z.array(finding).parse(json[0])
    expect(exitCode).toBe(findings.some(({ state }) => state === 'lacks') ? 5 : 0)
    expect(findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['node', 'disk-space', 'drives.access', 'serial.access', 'tool.ssh']),
    )
    const { stdout } = await doctor()
    expect(stdout).toMatch(/^good {4}Node\.js: It runs on Node\.js \d+\.\d+\.\d+\.$/m)
    expect(stdout).toMatch(/^good {4}Keeping others off a card: A card is locked while it is written\.$/m)
    // Where another program has the port already, that is said as well.
    await new Promise<void>((resolve) => squatter.once('error', () => resolve()).listen(8080, '0.0.0.0', resolve))
    expect((await doctor()).stdout).toMatch(
      /^partly {2}TCP ports of the server: Another program listens on 8080.*\n {8}Stop it, or choose others: /m,
    )
  } finally {
    squatter.close()
    await rm(cwd, { recursive: true })
  }
})
