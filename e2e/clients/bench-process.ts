import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const CLI = join(root, 'out/main/cli.js')

/** As ./run starts it. */
const SERVER_FLAGS = ['--max-semi-space-size=2']
const SERVER_MEMORY = { MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_ARENA_MAX: '2' }

export const ADMIN_PASSWORD = 'pass:word'

/** `otabench serve` as a process of its own, on a fresh data folder and TCP ports that the system chose. */
export class BenchProcess implements AsyncDisposable {
  readonly folder: string
  readonly ownsFolder: boolean
  http = ''
  https = ''
  caFile = ''
  #child: ChildProcess | null = null
  #token = ''

  private constructor(folder: string, ownsFolder: boolean) {
    this.folder = folder
    this.ownsFolder = ownsFolder
  }

  static async start(accept: 'all' | 'none', folder?: string): Promise<BenchProcess> {
    const bench = new BenchProcess(folder ?? (await mkdtemp(join(tmpdir(), 'otabench-e2e-'))), folder === undefined)
    await bench.launch(accept, '127.0.0.1:0', '127.0.0.1:0')
    return bench
  }

  /** Starts it again on the same folder and the same addresses, as after a crash. */
  async restart(accept: 'all' | 'none'): Promise<void> {
    await this.launch(accept, new URL(this.http).host, new URL(this.https).host)
  }

  private async launch(accept: string, http: string, https: string): Promise<void> {
    const args = ['serve', '--json', '--http', http, '--https', https, '--accept', accept, '--data', this.folder]
    const env = { ...process.env, ...SERVER_MEMORY, OTABENCH_ADMIN_PASSWORD: ADMIN_PASSWORD }
    const child = spawn(process.execPath, [...SERVER_FLAGS, CLI, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    const ready: { urls: string[]; caFile: string } = JSON.parse(await firstLine(child))
    this.http = ready.urls.find((url) => url.startsWith('http:')) ?? ''
    this.https = ready.urls.find((url) => url.startsWith('https:')) ?? ''
    this.caFile = ready.caFile
    const credentials = Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')
    const login = await fetch(`${this.http}/api/management/v1/useradm/auth/login`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
    })
    this.#token = await login.text()
  }

  /** Of the running server. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('otabench serve is not running')
    return this.#child.pid
  }

  get token(): string {
    return this.#token
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** A POST to the management API; answers its answer, which is a good one. */
  async post(path: string, body: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' }
    const response = await fetch(`${this.http}/api/management/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`)
    return response
  }

  /** A request of the management API; answers the JSON body, or null when there is none. */
  async api(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const response = await fetch(`${this.http}/api/management/${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' || !response.headers.get('content-type')?.includes('json') ? text || null : JSON.parse(text)
  }

  /** Runs one `otabench` command against this server; answers its standard output. */
  async cli(...args: string[]): Promise<string> {
    return run(process.execPath, [CLI, ...args, '--server', this.http, '--token', this.#token])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGTERM')
    if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  if (!child.stdout) throw new Error('no standard output')
  for await (const chunk of child.stdout) {
    text += String(chunk)
    const end = text.indexOf('\n')
    if (end >= 0) return text.slice(0, end)
  }
  throw new Error('otabench serve ended before it was ready')
}

/** Runs a program to its end; answers its standard output, throws with both outputs when it fails. */
export async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([collect(child.stdout), collect(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
  return stdout
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk.toString()
  return text
}

/** Waits until `look` answers something, for at most `seconds`; `said` tells what there was instead. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  { seconds = 240, said = () => '' }: { seconds?: number; said?: () => string } = {},
): Promise<T> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const found = await look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`Not within ${seconds} s: ${what}\n${said()}`)
}
