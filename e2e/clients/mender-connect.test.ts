import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../src/main/engine/lib/free-port.cases.ts'
import { BenchProcess, eventually, run } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { connected, joined } from './one-board.ts'

const CLI = join(import.meta.dirname, '../../out/main/cli.js')
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('mender-cli, through this server, to a real mender-connect', () => {
  let folder = ''
  let bench: BenchProcess
  let client: MenderClient
  let id = ''
  let children: ChildProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-connect-'))
    bench = await BenchProcess.start('all')
    client = await MenderClient.start({
      serverUrl: bench.http,
      mac: '52:54:00:00:00:21',
      deviceType: 'azure_vm',
      hasConnect: true,
      pollSeconds: 600,
    })
    id = await joined(bench)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  beforeEach(() => isThere())
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    children = []
  })

  const isThere = () => connected(bench, id)
  const words = (...args: string[]) => ['--server', bench.http, '--token-value', bench.token, ...args]
  const cli = (...args: string[]) => run('mender-cli', words(...args), { ...process.env, HOME: folder })

  function start(...args: string[]): { child: ChildProcess; output: () => string } {
    const child = spawn('mender-cli', words(...args), { env: { ...process.env, HOME: folder }, stdio: 'pipe' })
    children.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    return { child, output: () => text }
  }

  /** What a terminal shows, and what the device says of it. */
  const said = (output: () => string) => () => `${output()}\n${client.log.slice(-6000)}`

  /** A shell that has not shown its prompt may be started again, and knows nothing then of what was typed. */
  const prompted = (output: () => string) => eventually('a prompt', async () => /[#$] /.test(output()), { said: said(output) })

  /** Shells that mender-connect runs for us: children of it. */
  async function shells(): Promise<number> {
    const connect = (await readFile(join(client.folder, 'connect.pid'), 'utf8')).trim()
    const list = await run('ps', ['-o', 'pid=', '--ppid', connect]).catch(() => '')
    return list.split('\n').filter((line) => line.trim() !== '').length
  }

  it('opens a terminal, runs what is typed and pasted, and leaves no shell behind', async () => {
    const { child, output } = start('terminal', id)
    await prompted(output)
    child.stdin?.write('echo typed-$((40+2))\n')
    await eventually('the answer', async () => output().includes('typed-42'), { said: said(output) })
    // more than a device takes in one message, as when a file is pasted
    const lines = Array.from({ length: 400 }, (_, index) => `: ${index} ${'x'.repeat(40)}`)
    child.stdin?.write(`stty -echo\n${lines.join('\n')}\necho pasted-$((50+1))\n`)
    await eventually('the end of the paste', async () => output().includes('pasted-51'))
    child.stdin?.write('\u001d')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    await eventually('the shell to end', async () => (await shells()) === 0)
  })

  it('lets two terminals of one person run side by side, and stops the shell of one that was killed', async () => {
    const [first, second] = [start('terminal', id), start('terminal', id)]
    for (const { child, output } of [first, second]) {
      await prompted(output)
      child.stdin?.write('echo here-$((40+2))\n')
      await eventually('the answer', async () => output().includes('here-42'), { said: said(output) })
    }
    expect(await shells()).toBe(2)
    first.child.kill('SIGKILL')
    await eventually('its shell to end', async () => (await shells()) === 1)
    second.child.stdin?.write('echo still-$((40+2))\n')
    await eventually('the other goes on', async () => second.output().includes('still-42'))
    second.child.kill('SIGKILL')
    await eventually('its shell to end', async () => (await shells()) === 0)
  })

  it('copies files in both directions, bit by bit, with their mode', async () => {
    const bytes = randomBytes(3 * 1024 * 1024 + 123)
    const [here, there, back] = ['a file.bin', 'on the device.bin', 'back.bin'].map((name) => join(folder, name))
    await writeFile(here ?? '', bytes, { mode: 0o640 })
    await cli('cp', here ?? '', `${id}:${there}`)
    expect(sha256(await readFile(there ?? ''))).toBe(sha256(bytes))
    expect((await stat(there ?? '')).mode & 0o777).toBe(0o640)
    await cli('cp', `${id}:${there}`, back ?? '')
    expect(sha256(await readFile(back ?? ''))).toBe(sha256(bytes))
  })

  it('is told in words why a file cannot be had or put', async () => {
    const here = join(folder, 'small')
    await writeFile(here, 'small')
    await expect(cli('cp', `${id}:/no/such/file`, here)).rejects.toThrow(/no such file/i)
    await expect(cli('cp', `${id}:/etc`, here)).rejects.toThrow(/directory/)
    await expect(cli('cp', here, `${id}:/no/such/folder/file`)).rejects.toThrow(/no such file/i)
    await writeFile(join(folder, 'empty'), '')
    await cli('cp', join(folder, 'empty'), `${id}:${join(folder, 'empty there')}`)
    expect(await readFile(join(folder, 'empty there'), 'utf8')).toBe('')
  })

  it('forwards a port to what listens on the device', async () => {
    const body = randomBytes(300_000).toString('hex')
    const web = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
    await once(web, 'listening')
    const address = web.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const local = await freePort()
    start('port-forward', id, `${local}:${port}`)
    const got = await eventually('the page through the tunnel', () =>
      fetch(`http://127.0.0.1:${local}/`).then(
        (answer) => answer.text(),
        () => null,
      ),
    )
    expect(got === body).toBe(true)
    web.closeAllConnections()
    web.close()
  })

  it('does not reach a device whose mender-connect died, and reaches it again when that is back', async () => {
    const terminal = start('terminal', id)
    await eventually('a terminal', async () => {
      terminal.child.stdin?.write('echo up-$((40+2))\n')
      return terminal.output().includes('up-42')
    })
    await client.crash('connect')
    await eventually('the terminal to be told', async () => /close|error|disconnected/i.test(terminal.output().split('up-42').at(-1) ?? ''))
    await isThere()
    const here = join(folder, 'after.bin')
    await writeFile(here, 'after')
    await cli('cp', here, `${id}:${join(folder, 'after there.bin')}`)
    expect(await readFile(join(folder, 'after there.bin'), 'utf8')).toBe('after')
  })

  it('reaches the device again after the server was killed', async () => {
    await bench.kill()
    await bench.restart('all')
    await isThere()
    const { child, output } = start('terminal', id)
    await prompted(output)
    child.stdin?.write('echo back-$((40+2))\n')
    await eventually('the answer', async () => output().includes('back-42'))
    expect(output()).toContain('back-42')
  })

  it('a poll is asked for, and the device, which would poll in ten minutes, polls', async () => {
    const before = await polls()
    await bench.api('POST', `v1/deviceconnect/devices/${id}/check-update`)
    await eventually('a poll', async () => (await polls()) > before)
    expect(before).toBeGreaterThan(0)
    await bench.api('POST', `v1/deviceconnect/devices/${id}/send-inventory`)
  })

  /** `otabench` with this server; in a terminal of its own when there is one to emulate. */
  function startOurs(args: string[], isTerminal = false): { child: ChildProcess; output: () => string } {
    const line = [process.execPath, CLI, ...args, '--server', bench.http, '--token', bench.token]
    const [program = '', ...rest] = isTerminal ? ['script', '-qec', line.map((word) => `'${word}'`).join(' '), '/dev/null'] : line
    const child = spawn(program, rest, { stdio: 'pipe' })
    children.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    return { child, output: () => text }
  }

  it('otabench terminal is a real terminal: raw, with its size, left by Ctrl+], and no shell stays behind', async () => {
    const { child, output } = startOurs(['terminal', id], true)
    child.stdin?.write('stty size; echo typed-$((40+2))\n')
    await eventually('the answer', async () => output().includes('typed-42'), { said: said(output) })
    expect(output()).toContain('24 80')
    // said by what Ctrl+C has to reach: the shell may not have started it yet when it says something itself
    child.stdin?.write("sh -c 'echo asleep-$((1+1)); exec sleep 600'\n")
    await eventually('it to sleep', async () => output().includes('asleep-2'))
    child.stdin?.write('\u0003')
    child.stdin?.write('echo interrupted-$((1+1))\n')
    await eventually('Ctrl+C to reach the device', async () => output().includes('interrupted-2'))
    child.stdin?.write('\u001d')
    expect(await once(child, 'exit')).toEqual([0, null])
    await eventually('the shell to end', async () => (await shells()) === 0)
  })

  it('otabench terminal types what is piped in, and ends when the shell does', async () => {
    const { child, output } = startOurs(['terminal', id])
    child.stdin?.end('echo piped-$((40+2))\n')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(output()).toContain('piped-42')
    await eventually('the shell to end', async () => (await shells()) === 0)
  })

  it('otabench terminal says so, and ends with 1, when the device is lost', async () => {
    const { child, output } = startOurs(['terminal', id])
    await eventually('a prompt', async () => output().length > 0)
    await client.crash('connect')
    const [code] = await once(child, 'exit')
    expect([code, output()]).toEqual([1, expect.stringContaining('DEVICE_UNREACHABLE')])
    await isThere()
  })

  it('otabench devices cp copies in both directions, into folders too; poll-now polls', async () => {
    const bytes = randomBytes(1_234_567)
    const here = join(folder, 'ours.bin')
    await writeFile(here, bytes, { mode: 0o750 })
    const there = await mkdtemp(join(folder, 'there'))
    await bench.cli('devices', 'cp', here, `${id}:${there}`)
    expect(sha256(await readFile(join(there, 'ours.bin')))).toBe(sha256(bytes))
    expect((await stat(join(there, 'ours.bin'))).mode & 0o777).toBe(0o750)
    const back = await mkdtemp(join(folder, 'back'))
    await bench.cli('devices', 'cp', `${id}:${there}/ours.bin`, back)
    expect(sha256(await readFile(join(back, 'ours.bin')))).toBe(sha256(bytes))
    await expect(bench.cli('devices', 'cp', `${id}:/no/such`, back)).rejects.toThrow(/NOT_FOUND.*no such file/s)
    const before = await polls()
    await bench.cli('devices', 'poll-now', id)
    await eventually('a poll', async () => (await polls()) > before)
  })

  async function polls(): Promise<number> {
    return client.log.split('\n').filter((line) => line.includes('update-check')).length
  }
})
