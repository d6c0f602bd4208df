import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, runArtifactLine } from './run-line.cases.ts'

const cwd = mkdtempSync(join(tmpdir(), 'otabench-lint-cli-'))
const otabench = (line: string, isJson = false): Promise<Run> => runArtifactLine(line, { cwd, isJson })
/** Fails when mender-artifact does. */
const menderArtifact = (line: string) => execFileSync('/usr/bin/mender-artifact', line.split(' '), { cwd, stdio: 'ignore' })
const LONG = 'n'.repeat(91)

describe('artifact lint', () => {
  beforeAll(() => {
    for (const name of ['payload', LONG, 'ArtifactInstall_Enter_01x', 'ArtifactCommit_Leave_011']) writeFileSync(join(cwd, name), 'x')
  })
  afterAll(() => rmSync(cwd, { recursive: true }))

  it('lists all that the client refuses of a file which mender-artifact makes and calls valid, and exits 4', async () => {
    const scripts = '-s ArtifactInstall_Enter_01x -s ArtifactCommit_Leave_011'
    menderArtifact(`write module-image -T script -n r -t d -f ${LONG} ${scripts} -o bad.mender`)
    menderArtifact('validate bad.mender')
    const run = await otabench('artifact lint bad.mender')
    expect(run.exitCode).toBe(4)
    for (const line of [
      /^refused: header.tar: "scripts\/ArtifactInstall_Enter_01x" is not the name of a state script/m,
      /^refused: header.tar: "scripts\/ArtifactCommit_Leave_011" is not the name of a state script/m,
      /^refused: the payload file name "n+" is longer than 90 bytes/m,
    ])
      expect(run.stdout).toMatch(line)
    const json: unknown = JSON.parse((await otabench('artifact lint bad.mender', true)).stdout)
    expect(json).toMatchObject({ path: 'bad.mender', isRefused: true, findings: [{}, {}, {}] })
  })

  it('exits 0 with warnings, and with nothing to object', async () => {
    menderArtifact('write rootfs-image -n r -t d -f payload -o old.mender')
    expect(await otabench('artifact lint old.mender')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^warning: type-info has an empty type.*\n$/),
    })
    await otabench('artifact write rootfs-image -n r -t d -f payload -o good.mender')
    expect(await otabench('artifact lint good.mender')).toMatchObject({ exitCode: 0, stdout: 'good.mender: nothing to object\n' })
  })

  it('exits 4 for what is no artifact, 3 for what is not there', async () => {
    expect(await otabench('artifact lint payload')).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('refused: artifact ends'),
    })
    expect(await otabench('artifact lint nothing')).toMatchObject({ exitCode: 3, stdout: '' })
    expect((await otabench('artifact lint good.mender -k nothing')).exitCode).toBe(3)
  })
})
