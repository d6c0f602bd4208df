import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { libraryCheck } from '../artifact/read.ts'
import { nodeHost } from '../host.node.ts'
import { type Bench, PASSWORD, openBench } from './management.cases.ts'
import { openTls } from './tls.ts'

/** Runs a tool of Debian, with a home of its own; answers what it printed. Fails when the tool is missing or has failed. */
function run(tool: 'mender-cli' | 'mender-artifact', args: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(tool, args, { env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env } }, (error, stdout, stderr) => {
      if (!error) resolve(stdout + stderr)
      else if (error.code === 'ENOENT') reject(new Error(`${tool} is not installed: apt-get install mender-cli mender-artifact`))
      else reject(new Error(`${tool} ${args.join(' ')}: ${error.message}`))
    })
  })
}

describe('mender-cli', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(libraryCheck())
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  /** The whole life of an artifact; answers the files that are left of it. */
  async function work(server: string, env: Record<string, string> = {}): Promise<string[]> {
    const home = join(bench.folder, 'home')
    const cli = (...args: string[]) => run('mender-cli', ['--server', server, ...args], { HOME: home, ...env })
    const script = join(bench.folder, 'script.sh')
    const file = join(bench.folder, 'v1.mender')
    await writeFile(script, `#!/bin/sh\n# ${randomUUID()}\n`)
    await run('mender-artifact', ['write', 'module-image', '-T', 'script', '-n', 'v1', '-t', 'board', '-f', script, '-o', file], {
      HOME: home,
    })

    expect(await cli('login', '--username', 'admin', '--password', PASSWORD)).toContain('login successful')
    expect(await cli('artifacts', 'upload', '--description', 'said so', file)).toContain('upload successful')
    await expect(cli('artifacts', 'upload', file)).rejects.toThrow('409')
    await expect(cli('artifacts', 'upload', script)).rejects.toThrow('400')
    const listed = await cli('artifacts', 'list', '-d', '3')
    for (const text of ['v1', 'said so', 'board', 'script']) expect(listed).toContain(text)

    const [artifact] = bench.parts.store.artifacts.list()
    const bytes = await readFile(file)
    expect(artifact).toMatchObject({ sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    expect(await readFile(bench.parts.artifactFiles.path(artifact?.id ?? ''))).toEqual(bytes)

    const device = bench.addDevice('02:00:00:00:00:01')
    expect(await cli('devices', 'list', '-d', '3')).toContain(device)
    const token = bench.parts.login.createToken(bench.parts.login.visitor(bench.token), { name: 'ci', expiresInMs: null })
    expect(await cli('--token-value', token, 'devices', 'list', '--raw')).toContain('02:00:00:00:00:01')

    expect(await cli('artifacts', 'delete', artifact?.id ?? '')).toContain('delete successful')
    return (await readdir(bench.folder)).filter((name) => name !== 'v1.mender' && name.endsWith('.mender'))
  }

  it('logs in, uploads, lists and deletes artifacts and lists devices over http', async () => {
    expect(await work(await bench.app.listen({ port: 0, host: '127.0.0.1' }))).toEqual([])
  })

  it('does the same over https, given our authority as the one to trust', async () => {
    const { key, cert, caFile } = await openTls({ host: nodeHost(), folder: join(bench.folder, 'tls') })
    const server = createServer({ key, cert }, (request, response) => bench.app.routing(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      expect(await work(`https://localhost:${port}`, { SSL_CERT_FILE: caFile, SSL_CERT_DIR: '/nonexistent' })).toEqual([])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('with a token of some scopes may what that says, and is told what it may not', async () => {
    const server = await bench.app.listen({ port: 0, host: '127.0.0.1' })
    const { login } = bench.parts
    const token = login.createToken(login.visitor(bench.token), { name: 'ci', expiresInMs: null, scopes: ['artifacts:write'] })
    const home = join(bench.folder, 'home')
    const cli = (...args: string[]) => run('mender-cli', ['--server', server, '--token-value', token, ...args], { HOME: home })
    const file = join(bench.folder, 'v1.mender')
    await writeFile(join(bench.folder, 'script.sh'), '#!/bin/sh\n')
    await run(
      'mender-artifact',
      ['write', 'module-image', '-T', 'script', '-n', 'v1', '-t', 'board', '-f', join(bench.folder, 'script.sh'), '-o', file],
      { HOME: home },
    )
    expect(await cli('artifacts', 'upload', file)).toContain('upload successful')
    expect(await cli('artifacts', 'list')).toContain('v1')
    await expect(cli('devices', 'list')).rejects.toThrow('403')
  })

  it('is told why a login failed', async () => {
    const server = await bench.app.listen({ port: 0, host: '127.0.0.1' })
    const login = run('mender-cli', ['--server', server, 'login', '--username', 'admin', '--password', 'wrong'], { HOME: bench.folder })
    await expect(login).rejects.toThrow('401')
  })
})
