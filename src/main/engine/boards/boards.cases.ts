import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { buildParts } from '../board-parts.ts'
import type { Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import type { BoardSpec } from './board-seed.ts'
import type { BuildJob } from './build.ts'

/** Packages are fetched once, for all tests and later runs: it is kept with the toolchain. */
export const KEPT_PACKAGES = join(import.meta.dirname, '../../../../.tools/boards')

/** A job that nobody watches. */
export function someJob({ signal = new AbortController().signal }: { signal?: AbortSignal } = {}): BuildJob {
  return { signal, step: () => undefined, progress: () => undefined, log: () => undefined }
}

export function realParts(host: Pick<Host, 'files' | 'programs'> = nodeHost()) {
  return buildParts(host)
}

const pem = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) => String(key.export({ type: 'pkcs8', format: 'pem' }))

export function someBoard(changes: Partial<BoardSpec> = {}): BoardSpec {
  return {
    ...{ name: 'tried', deviceType: 'virt-arm64', artifactName: 'system-1', serverUrl: 'http://10.0.2.2:8080', pollSeconds: 2 },
    ...{ caPem: null, verifyKeyPem: null, authorizedKeys: [] },
    deviceKeyPem: pem(generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey),
    hostKeyPem: pem(generateKeyPairSync('ed25519').privateKey),
    ...changes,
  }
}

export async function sha256(path: string, { start = 0, sizeBytes = Number.POSITIVE_INFINITY } = {}): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { start, end: start + sizeBytes - 1 }), hash)
  return hash.digest('hex')
}

/** A machine of QEMU with a card, its console in `said`. Ends with us. */
export class Machine implements AsyncDisposable {
  readonly #child: ChildProcess
  said = ''

  constructor({ cardPath, ubootPath, sshPort }: { cardPath: string; ubootPath: string; sshPort?: number }) {
    const forward = sshPort === undefined ? '' : `,hostfwd=tcp:127.0.0.1:${sshPort}-:22`
    const words = ['-M', 'virt', '-cpu', 'cortex-a53', '-accel', 'tcg,tb-size=256', '-m', '256', '-display', 'none', '-no-reboot']
    words.push('-nodefaults', '-no-user-config', '-monitor', 'none', '-serial', 'stdio', '-bios', ubootPath)
    words.push('-drive', `if=none,format=raw,id=card,cache=unsafe,file=${cardPath}`, '-device', 'virtio-blk-pci,drive=card')
    words.push('-netdev', `user,id=net,restrict=on${forward}`, '-device', 'virtio-net-pci,netdev=net,romfile=,mac=52:54:00:be:ef:01')
    words.push('-device', 'virtio-rng-pci')
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-aarch64', ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk: Buffer) => (this.said += chunk.toString()))
  }

  /** Waits for a text on the console. */
  async sees(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      if (this.#child.exitCode !== null && !this.said.includes(text)) throw new Error(`"${text}" was not said:\n${this.said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** Waits until it switches itself off: with -no-reboot, a reset. */
  async ends(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }
}
