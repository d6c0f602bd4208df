import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ADMIN_PASSWORD, BenchProcess, eventually, run } from './bench-process.ts'
import { MenderClient } from './mender-client.ts'
import { Nginx } from './nginx.ts'
import { connected, joined } from './one-board.ts'

const artifacts = z.array(z.object({ name: z.string(), size: z.number() }))
const outcomes = z.array(z.object({ status: z.string() }))

/** More than nginx takes by default, and than it keeps in memory. */
const PAYLOAD_BYTES = 20 * 2 ** 20

describe('behind nginx, which ends TLS, with the configuration that is shipped', () => {
  let folder = ''
  let bench: BenchProcess
  let nginx: Nginx
  let client: MenderClient
  let id = ''
  let payload: Buffer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-behind-'))
    bench = await BenchProcess.start('all')
    nginx = await Nginx.start(bench.http)
    client = await MenderClient.start({
      ...{ serverUrl: nginx.url, caFile: nginx.caFile },
      ...{ mac: '52:54:00:00:00:31', deviceType: 'azure_vm', hasConnect: true },
    })
    id = await joined(bench)
    payload = randomBytes(PAYLOAD_BYTES)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await nginx[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const env = () => ({ ...process.env, HOME: folder })
  const words = (...args: string[]) => ['--server', nginx.url, '--skip-verify', ...args]
  const cli = (...args: string[]) => run('mender-cli', words(...args), env())

  it('mender-cli logs in and uploads an artifact of 20 MiB, and the real client gets it over https', async () => {
    await cli('login', '--username', 'admin', '--password', ADMIN_PASSWORD)
    await writeFile(join(folder, 'app.bin'), payload)
    const file = join(folder, 'app.mender')
    const content = ['-f', join(folder, 'app.bin'), '--dest-dir', folder, '--compression', 'none']
    await bench.cli('artifact', 'write', 'single-file', '-n', 'app-1', '-t', 'azure_vm', ...content, '-o', file)
    await rm(join(folder, 'app.bin'))
    await cli('artifacts', 'upload', file)
    expect(artifacts.parse(await bench.api('GET', 'v1/deployments/artifacts'))).toMatchObject([{ name: 'app-1' }])
    const before = await connected(bench, id)
    const deployment = (await bench.cli('deploy', 'app-1', '--device', id)).trim()
    await eventually('the end of the deployment', async () => {
      const [outcome] = outcomes.parse(await bench.api('GET', `v1/deployments/deployments/${deployment}/devices/list`))
      if (outcome?.status === 'failure') throw new Error(client.log)
      return outcome?.status === 'success'
    })
    const installed = await readFile(join(folder, 'app.bin'))
    expect(sha256(installed)).toBe(sha256(payload))
    await connected(bench, id, before)
  })

  it('a terminal opens through it, and a file goes to the device and back', async () => {
    const terminal = spawn('mender-cli', words('terminal', id), { env: env(), stdio: 'pipe' })
    const output = outputOf(terminal)
    const said = () => `${output()}\n${client.log.slice(-6000)}`
    try {
      await eventually('a prompt', async () => /[#$] /.test(output()), { said })
      terminal.stdin.write('echo through-$((40+2))\n')
      await eventually('the answer', async () => output().includes('through-42'), { said })
    } finally {
      terminal.kill('SIGKILL')
    }
    const [here, back] = [join(folder, 'here'), join(folder, 'back')]
    await writeFile(here, payload.subarray(0, 2 ** 20))
    await cli('cp', here, `${id}:${here}.there`)
    await cli('cp', `${id}:${here}.there`, back)
    expect(sha256(await readFile(back))).toBe(sha256(payload.subarray(0, 2 ** 20)))
  })

  it('a download goes on where it broke off', async () => {
    const range = ['-r', '1000000-', '-o', join(folder, 'rest')]
    const artifact = z.array(z.object({ id: z.string() })).parse(await bench.api('GET', 'v1/deployments/artifacts'))[0]?.id ?? ''
    const link = z.object({ uri: z.string() }).parse(await bench.api('GET', `v1/deployments/artifacts/${artifact}/download`))
    const through = link.uri.replace(new URL(link.uri).origin, nginx.url)
    await run('curl', ['-sf', '--cacert', nginx.caFile, ...range, through])
    const whole = await readFile(join(folder, 'app.mender'))
    expect(sha256(await readFile(join(folder, 'rest')))).toBe(sha256(whole.subarray(1_000_000)))
  })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function outputOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}
