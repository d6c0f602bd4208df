import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import { serveCommand } from './serve.ts'

const ready = z.object({
  ready: z.literal(true),
  urls: z.array(z.string()),
  page: z.string().nullable(),
  createdPassword: z.string().nullable(),
  caFile: z.string().nullable(),
})

interface Served {
  /** The first words of the command; null when it ended without any. */
  line: string | null
  stop(): Promise<CommandRun>
  ended: Promise<CommandRun>
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-serve-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function serve(args: string[], environment: Record<string, string> = {}): Promise<Served> {
  const abort = new AbortController()
  const line = Promise.withResolvers<string | null>()
  const rendererFolder = join(folder, 'page')
  const ended = runLine(args, {
    ...{ command: serveCommand, cwd: folder, globals: { data: join(folder, 'data') }, signal: abort.signal, environment, rendererFolder },
    onOutput: (text) => line.resolve(text),
  })
  void ended.then(() => line.resolve(null))
  const stop = () => {
    abort.abort(new AppError('CANCELLED', 'Stopped by SIGTERM'))
    return ended
  }
  return { line: await line.promise, stop, ended }
}

const login = (url: string, password: string) =>
  fetch(`${url}/api/management/v1/useradm/auth/login`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` },
  })

describe('otabench serve', () => {
  it('says in one line when it is ready and where, serves until it is told to stop, and then lets go', async () => {
    const { line, stop } = await serve(['--http', '127.0.0.1:0'], { OTABENCH_ADMIN_PASSWORD: 'p' })
    const [, url = ''] = /^ready (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line ?? '') ?? []
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await login(url, 'p')).status).toBe(200)
    expect((await fetch(`${url}/ui/`)).status).toBe(404)
    expect(await stop()).toMatchObject({ exitCode: 0, stdout: line, stderr: 'Stopping…\n' })
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
    const again = await serve(['--http', '127.0.0.1:0'])
    expect(again.line).toMatch(/^ready http/)
    await again.stop()
  })

  it('makes a password at its first start and says it once, not when one is given', async () => {
    const first = await serve(['--json', '--http', '127.0.0.1:0'])
    const said = ready.parse(JSON.parse(first.line ?? ''))
    expect((await login(said.urls[0] ?? '', said.createdPassword ?? '')).status).toBe(200)
    expect((await first.stop()).stderr).toContain(`password ${said.createdPassword} `)
    const second = await serve(['--json', '--http', '127.0.0.1:0'])
    expect(ready.parse(JSON.parse(second.line ?? '')).createdPassword).toBeNull()
    expect((await second.stop()).stderr).not.toContain('password')
    const third = await serve(['--json', '--http', '127.0.0.1:0'], { OTABENCH_ADMIN_PASSWORD: 'changed' })
    const { urls } = ready.parse(JSON.parse(third.line ?? ''))
    expect((await login(urls[0] ?? '', said.createdPassword ?? '')).status).toBe(401)
    expect((await login(urls[0] ?? '', 'changed')).status).toBe(200)
    await third.stop()
  })

  it('serves https with an authority of its own, and the app to a browser with --ui', async () => {
    await mkdir(join(folder, 'page'))
    await writeFile(join(folder, 'page', 'index.html'), '<title>OTA Bench</title>')
    const { line, stop } = await serve([
      '--json',
      '--ui',
      '--http',
      '127.0.0.1:0',
      '--https',
      '127.0.0.1:0',
      '--accept',
      'all',
      '--silent-after',
      '2h',
    ])
    const said = ready.parse(JSON.parse(line ?? ''))
    expect(said.urls.map((url) => new URL(url).protocol)).toEqual(['http:', 'https:'])
    expect((await stat(said.caFile ?? '')).isFile()).toBe(true)
    expect(said.page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ui\/#token=\S+$/)
    expect(await (await fetch(said.page ?? '')).text()).toBe('<title>OTA Bench</title>')
    expect((await stop()).exitCode).toBe(0)
  })

  it('refuses to share the machine with a page that it does not serve', async () => {
    expect(
      await runLine(['--share-machine'], { command: serveCommand, cwd: folder, globals: { data: join(folder, 'other') } }),
    ).toMatchObject({
      ...{ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^error BAD_INPUT: --share-machine .*\nhint: Give --ui too/) },
    })
  })

  it('refuses an address that is none, a mode that is none, a TCP port and a folder in use', async () => {
    const running = await serve(['--http', '127.0.0.1:0'], { OTABENCH_ADMIN_PASSWORD: 'p' })
    const taken = /127\S+/.exec(running.line ?? '')?.[0] ?? ''
    const folderInUse = await serve(['--http', '127.0.0.1:0'])
    expect(await folderInUse.ended).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error CONFLICT: .*\nhint: /) })
    await rm(join(folder, 'other'), { recursive: true, force: true })
    const other = (args: string[]) => runLine(args, { command: serveCommand, cwd: folder, globals: { data: join(folder, 'other') } })
    expect(await other(['--http', taken])).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error PORT_IN_USE: .*\nhint: /) })
    for (const args of [['--http', 'here'], ['--http', '127.0.0.1:70000'], ['--accept', 'some'], ['--silent-after', 'some'], ['now']])
      expect(await other(args)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^error BAD_INPUT: .*\nhint: /) })
    await running.stop()
  })
})
