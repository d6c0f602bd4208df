import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../../cli/live.ts'
import type { Device } from '../../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine.cases.ts'

describe('a virtual device, by mender-cli through this server', () => {
  let bench: TestEngine
  let device: Device
  let token = ''
  const children: ChildProcess[] = []
  beforeAll(async () => {
    bench = await openTestEngine()
    device = await bench.addDevice('02:00:00:00:00:01', {}, { hasConnect: true })
    token = await bench.token()
    const isConnected = ({ connection }: Device) => connection.state === 'connected'
    await until(bench.client.devices.list(), (all) => all.some(isConnected))
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await bench[Symbol.asyncDispose]()
  })

  const words = (...args: string[]) => ['--server', bench.url, '--token-value', token, ...args]
  const env = () => ({ ...process.env, HOME: bench.folder })
  const cli = async (...args: string[]) => (await promisify(execFile)('mender-cli', words(...args), { env: env() })).stdout

  function terminal() {
    const child = spawn('mender-cli', words('terminal', device.id), { env: env(), stdio: 'pipe' })
    children.push(child)
    const said = { text: '' }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
    /** Everything that it has said by the time this was said. */
    const hears = async (text: RegExp): Promise<string> => {
      await expect.poll(() => said.text).toMatch(text)
      return said.text
    }
    return { child, hears, type: (text: string) => child.stdin?.write(text) }
  }

  it('has a terminal that says what it is, shows its files and its client, and ends by exit', async () => {
    const { child, hears, type } = terminal()
    await hears(/no Linux system/)
    type('cat /etc/mender/artifact_info; mender show-provides\n')
    await hears(/artifact_name=factory\r\n[^]*rootfs-image.checksum=[0-9a-f]{64}/)
    type('cd /data && echo one two > note && cat note; ls -l /\n')
    await hears(/one two\r\n[^]*drwxr-xr-x[^\n]* data/)
    type('echo x > /etc/passwd; frobnicate; ls | wc\n')
    await hears(/has no \|/)
    type('echo x > /etc/passwd\nfrobnicate\n')
    await hears(/Read-only file system[^]*frobnicate: not found on this virtual device/)
    // more than one message holds
    type(`echo ${'x'.repeat(3000)}; echo the-end\n`)
    await hears(/x{3000}\r\nthe-end/)
    type('exit\n')
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })

  it('lets several work on it side by side', async () => {
    const [first, second] = [terminal(), terminal()]
    for (const { hears, type } of [first, second]) {
      type('uname -a\n')
      await hears(/Linux \S+ 0.0-virtual virtual/)
    }
    first.child.kill('SIGKILL')
    second.type('hostname\n')
    expect(await second.hears(/virtual-02-00/)).not.toContain('too many')
    second.child.kill('SIGKILL')
  })

  it('takes and gives files of any size with their mode, and says in words what it cannot', async () => {
    const [here, back] = [join(bench.folder, 'here.bin'), join(bench.folder, 'back.bin')]
    const bytes = randomBytes(2 * 1024 * 1024 + 321)
    await writeFile(here, bytes, { mode: 0o640 })
    await cli('cp', here, `${device.id}:/data/there.bin`)
    await cli('cp', `${device.id}:/data/there.bin`, back)
    expect((await readFile(back)).equals(bytes)).toBe(true)
    expect((await stat(back)).mode & 0o777).toBe(0o640)
    await writeFile(here, '')
    await cli('cp', here, `${device.id}:/tmp/empty`)
    // mender-cli writes over what is there, and leaves the rest of it
    await cli('cp', `${device.id}:/tmp/empty`, `${back}.empty`)
    expect(await readFile(`${back}.empty`, 'utf8')).toBe('')
    await cli('cp', `${device.id}:/etc/mender/artifact_info`, `${back}.info`)
    expect(await readFile(`${back}.info`, 'utf8')).toBe('artifact_name=factory\n')
    await expect(cli('cp', `${device.id}:/no/such`, back)).rejects.toThrow(/no such file/i)
    await expect(cli('cp', `${device.id}:/etc`, back)).rejects.toThrow(/directory/)
    await expect(cli('cp', here, `${device.id}:/etc/x`)).rejects.toThrow(/Read-only/)
    await expect(cli('cp', here, `${device.id}:/data/../../../../../../tmp/../etc/x`)).rejects.toThrow(/Read-only/)
  })

  it('polls when it is told to, long before its time', async () => {
    const { id } = await bench.addDevice('02:00:00:00:00:02', {}, { hasConnect: true, pollMs: 3_600_000 })
    const find = (all: readonly Device[]) => all.find((each) => each.id === id)
    const connected = find(await until(bench.client.devices.list(), (all) => find(all)?.connection.state === 'connected'))
    await bench.client.remote.pollNow({ deviceId: id })
    await until(bench.client.devices.list(), (all) => (find(all)?.lastSeenAt ?? 0) > (connected?.lastSeenAt ?? 0))
    expect(connected?.status).toBe('accepted')
  })

  it('comes back after a reset with /data and without /tmp', async () => {
    const before = (await now(bench.client.devices.list())).find(({ id }) => id === device.id)?.connection.since ?? 0
    terminal().type('echo kept > /data/kept; echo lost > /tmp/lost; reboot\n')
    const isBack = ({ id, connection }: Device) => id === device.id && connection.state === 'connected' && (connection.since ?? 0) > before
    await until(bench.client.devices.list(), (all) => all.some(isBack))
    const again = terminal()
    again.type('cat /data/kept; ls /tmp; cat /tmp/lost\n')
    expect(await again.hears(/lost: No such file/)).toMatch(/[^ ]kept\r\n/)
  })
})
