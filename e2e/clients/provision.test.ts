import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DebianBoard, menderPackage } from '../../src/main/engine/provision/debian-board.cases.ts'
import { BenchProcess } from './bench-process.ts'
import { deploy, outcome } from './one-board.ts'

const recipe = (url: string, ca: string) => `
version: 1
deviceType: board
identity:
  mac: {interface: auto}
  serial: {series: line, pattern: "L-{0000}"}
key: rsa-2048
server: {url: "${url}", ca: "${ca}"}
menderConf:
  UpdatePollIntervalSeconds: 1
  RetryPollIntervalSeconds: 1
  InventoryPollIntervalSeconds: 5
  DBus: {Enabled: false}
client: {packages: [mender.deb]}
services: {enable: [mender-client]}
checks: [{run: systemctl is-active mender-client, expect: active, withinSeconds: 30}]
`

it('a Debian without Mender is provisioned over SSH, joins by itself over https, and installs an artifact', async () => {
  if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: nothing was provisioned')
  const folder = mkdtempSync(join(tmpdir(), 'otabench-provision-'))
  try {
    await rename(menderPackage(folder), join(folder, 'mender.deb'))
    await using bench = await BenchProcess.start('none')
    await using board = await DebianBoard.start({ sudo: 'free' })
    await writeFile(join(folder, 'recipe.yaml'), recipe(bench.https, bench.caFile))
    const words = ['provision', 'ssh', board.place, '--recipe', join(folder, 'recipe.yaml'), '-i', join(board.folder, 'user')]
    await bench.cli(...words, '--preauthorize', '--data', join(folder, 'data'))
    await writeFile(join(folder, 'app.conf'), 'port = 1\n')
    const file = join(folder, 'a.mender')
    await bench.cli(
      'artifact',
      'write',
      'single-file',
      '-t',
      'board',
      '-n',
      'app-1',
      '--dest-dir',
      '/opt',
      '-f',
      join(folder, 'app.conf'),
      '-o',
      file,
    )
    await bench.cli('artifacts', 'upload', file)
    expect(await outcome(bench, await deploy(bench, 'app-1'))).toEqual({ status: 'success', log: '' })
    expect(board.run('cat /opt/app.conf')).toBe('port = 1\n')
    const again = await bench.cli('--json', ...words, '--preauthorize', '--data', join(folder, 'data'))
    expect(JSON.parse(again)).toMatchObject({ changed: [], identity: { serial: 'L-0001' } })
    const devices = await bench.cli('devices', 'list', '--json')
    expect(devices).toContain('"serial":"L-0001"')
    expect(await readFile(bench.caFile, 'utf8')).toBe(board.run('cat /var/lib/mender/server.crt'))
  } finally {
    await rm(folder, { recursive: true })
  }
})
