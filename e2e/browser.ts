import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Browser, chromium, expect } from '@playwright/test'
import { cliPath, nodePath } from './app.ts'

/** Debian's browser, which `./test` installs. As root, it runs without its sandbox or not at all. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args] })
}

interface ServeOptions {
  /** Whether a browser uses the files and drives of this machine. */
  isMachineShared?: boolean
  environment?: Record<string, string>
  http?: string
}

/** `otabench serve --ui` on `folder`/data, for a browser. */
export class Served {
  readonly process: ChildProcess
  /** The address that it printed, with the token in it. */
  readonly url: string

  private constructor(server: ChildProcess, url: string) {
    this.process = server
    this.url = url
  }

  /** Answers once the address is printed. */
  static async start(
    folder: string,
    { environment = {}, http = '127.0.0.1:0', isMachineShared = false }: ServeOptions = {},
  ): Promise<Served> {
    const listen = ['--http', http, '--https', '127.0.0.1:0', '--grace', '1']
    const words = [cliPath, 'serve', '--ui', ...(isMachineShared ? ['--share-machine'] : []), ...listen, '--data', join(folder, 'data')]
    const { OTABENCH_NODE: node = nodePath, ...rest } = environment
    const server = spawn(node, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...rest } })
    let said = ''
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
    await expect.poll(() => said).toMatch(/http:\S+#token=\S+/)
    return new Served(server, /http:\S+#token=\S+/.exec(said)?.[0] ?? '')
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill()
    const late = setTimeout(() => this.process.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
  }
}
