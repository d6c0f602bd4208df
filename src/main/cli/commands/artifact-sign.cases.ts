import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { metaDataJson } from '../../engine/artifact/schema.ts'
import { nodeHost } from '../../engine/host.node.ts'
import type { CliContext } from '../context.ts'
import { Printer } from '../print.ts'
import { runCommand } from '../run-command.ts'
import { artifactCommand } from './artifact.ts'

export interface Run {
  exitCode: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  isJson?: boolean
  signal?: AbortSignal
}

/** A folder for tests of `otabench artifact`, emptied before each, with keys that openssl made: rsa and ec, each .pem and .pub. */
export class Workshop {
  readonly folder: string

  constructor(name: string) {
    this.folder = join(mkdtempSync(join(tmpdir(), `otabench-${name}-`)), 'work')
    beforeAll(() => this.#makeKeys())
    beforeEach(() => this.#reset())
    afterAll(() => rmSync(join(this.folder, '..'), { recursive: true }))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name))
  }

  put(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content)
  }

  /** Runs one line of `otabench artifact` in this process, split at each space. */
  async run(line: string, { isJson = false, signal = new AbortController().signal }: RunOptions = {}): Promise<Run> {
    const written = { stdout: '', stderr: '' }
    const into = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) })
    const out = new Printer(
      { stdout: into('stdout'), stderr: into('stderr') },
      { isJson, isQuiet: false, isVerbose: false, isTerminal: false },
    )
    const context: CliContext = {
      ...{ host: nodeHost(), out, signal, cwd: this.folder, environment: {}, rendererFolder: '' },
      globals: () => ({ data: this.path('data') }),
      openEngine: () => Promise.reject(new Error('these commands need no engine')),
    }
    return { exitCode: await runCommand(artifactCommand(context), line.split(' '), context), ...written }
  }

  async succeed(line: string, options?: RunOptions): Promise<Run> {
    const run = await this.run(line, options)
    if (run.exitCode !== 0) throw new Error(`${line} exits ${run.exitCode}: ${run.stderr}`)
    return run
  }

  /** What `read --json` says of an artifact. */
  async content(name: string): Promise<Record<string, unknown>> {
    return metaDataJson.parse(JSON.parse((await this.succeed(`read ${name}`, { isJson: true })).stdout))
  }

  /** Runs a program of the machine in the folder; answers what it prints. Fails where it is missing, because then nothing is proved. */
  tool(name: string, ...args: string[]): string {
    return execFileSync(name, args, { cwd: this.folder, stdio: 'pipe', encoding: 'utf8' })
  }

  /** Whether mender-artifact finds the artifact sound, and signed with this key when one is given. */
  isValid(name: string, key?: string): boolean {
    try {
      return this.tool('mender-artifact', 'validate', ...(key ? ['-k', key] : []), name).includes('validated successfully')
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') throw thrown
      return false
    }
  }

  #makeKeys(): void {
    const run = (...args: string[]) => execFileSync('openssl', args, { cwd: join(this.folder, '..'), stdio: 'pipe' })
    run('genrsa', '-traditional', '-out', 'rsa.pem', '2048')
    run('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ec.pem')
    for (const key of ['rsa', 'ec']) run('pkey', '-in', `${key}.pem`, '-pubout', '-out', `${key}.pub`)
  }

  #reset(): void {
    rmSync(this.folder, { recursive: true, force: true })
    mkdirSync(this.folder)
    for (const name of ['rsa.pem', 'rsa.pub', 'ec.pem', 'ec.pub']) copyFileSync(join(this.folder, '..', name), this.path(name))
    this.put('rootfs.ext4', Buffer.alloc(200_000, 'root file system '))
    this.put('update.sh', '#!/bin/sh\necho updated\n')
    this.put('meta.json', '{"b": 2, "a": [1, "<"]}')
    this.put('ArtifactInstall_Enter_00', '#!/bin/sh\n')
  }
}
