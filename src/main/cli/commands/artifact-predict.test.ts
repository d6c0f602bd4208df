import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../engine/store/open.ts'
import { type Run, runArtifactLine } from './run-line.cases.ts'

const cwd = mkdtempSync(join(tmpdir(), 'otabench-predict-cli-'))
const otabench = (line: string, isJson = false): Promise<Run> => runArtifactLine(line, { cwd, isJson })

describe('artifact will-install', () => {
  beforeAll(async () => {
    writeFileSync(join(cwd, 'payload'), 'payload')
    const flags = '-N release-0 -N release-1 -G lab -d kernel:6'
    const run = await otabench(`artifact write module-image -T script -f payload -n release-2 -t board -t toaster ${flags} -o a.mender`)
    if (run.exitCode !== 0) throw new Error(run.stderr)
    mkdirSync(join(cwd, 'data'))
    const store = openStore(join(cwd, 'data/bench.db'))
    store.devices.add({ id: 'd1', identityHash: 'h', identity: { mac: '02:00' }, createdAt: 1 })
    store.devices.setReported('d1', { deviceType: 'board', artifactName: 'release-1', at: 1 })
    const inventory = { kernel: '5', artifact_group: 'lab' }
    store.inventory.replace(
      'd1',
      'inventory',
      Object.entries(inventory).map(([name, value]) => ({ scope: 'inventory', name, value })),
      1,
    )
    store.close()
  })
  afterAll(() => rmSync(cwd, { recursive: true }))

  it('says yes for provides that meet every rule', async () => {
    const provides = '--provides device_type=board artifact_name=release-1 --provides artifact_group=lab kernel=6'
    expect(await otabench(`artifact will-install a.mender ${provides}`)).toMatchObject({
      exitCode: 0,
      stdout: 'a.mender: would be installed. The device type fits, and everything that the artifact depends on is there.\n',
    })
  })

  it.each([
    ['device_type=fridge', 'Its device type "fridge" is not among "board", "toaster".'],
    ['device_type=board artifact_name=x', 'It depends on artifact_name being "release-0", "release-1"; the device has "x".'],
    ['device_type=board artifact_name=release-0', 'It depends on artifact_group being "lab"; the device does not provide it.'],
    ['device_type=board artifact_name=release-0 artifact_group=lab kernel=a=b', 'It depends on kernel being "6"; the device has "a=b".'],
  ])('exits 5 for %s and names the rule', async (provides, why) => {
    const run = await otabench(`artifact will-install a.mender --provides ${provides}`, true)
    expect(run.exitCode).toBe(5)
    expect(JSON.parse(run.stdout)).toEqual({ path: 'a.mender', name: 'release-2', device: null, willInstall: false, why })
  })

  it('asks the bench about a device', async () => {
    expect(await otabench('artifact will-install a.mender --device 02:00')).toMatchObject({
      exitCode: 5,
      stdout: 'a.mender: would not be installed. It depends on kernel being "6"; the device has "5".\n',
    })
    expect(await otabench('artifact will-install a.mender --device nobody')).toMatchObject({ exitCode: 3, stdout: '' })
  })

  it.each([
    ['', 2, /device type is not said/],
    [' --provides kernel', 2, /"kernel" is not KEY=VALUE/],
    [' --provides device_type=a --device 02:00', 2, /both say/],
  ])('refuses to guess:%s', async (flags, exitCode, message) => {
    const run = await otabench(`artifact will-install a.mender${flags}`)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
  })

  it('exits 4 for a file that is no artifact', async () => {
    expect((await otabench('artifact will-install payload --provides device_type=a')).exitCode).toBe(4)
  })
})
