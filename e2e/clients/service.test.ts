import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { eventually, run } from './bench-process.ts'

const root = join(import.meta.dirname, '../..')
/** What a service has of root's rights: none. Root stays the owner of the checkout, wherever that lies. */
const WITHOUT_RIGHTS = ['--bounding-set', '-all', '--inh-caps', '-all', '--no-new-privs']

it('the systemd unit that is shipped is sound, and its command serves with no rights until it is told to stop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-service-'))
  try {
    const shipped = await readFile(join(root, 'resources/deploy/otabench.service'), 'utf8')
    const unit = join(folder, 'otabench.service')
    await writeFile(unit, shipped.replaceAll('/opt/ota-bench', root))
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', unit])
    expect(stderr).toBe('')

    const command = /^ExecStart=(.+)$/m.exec(shipped)?.[1] ?? ''
    const words = command
      .replaceAll('/opt/ota-bench', root)
      .replace('/var/lib/otabench', join(folder, 'data'))
      .replaceAll(/0\.0\.0\.0:\d+/g, '127.0.0.1:0')
      .split(' ')
    const server = spawn('setpriv', [...WITHOUT_RIGHTS, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    server.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const url = await eventually('the server to be ready', async () => /http:\/\/\S+/.exec(said)?.[0])
    expect(await run('curl', ['-sf', `${url}/healthz`])).toBe('{"status":"ok"}')
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  } finally {
    await rm(folder, { recursive: true })
  }
})
