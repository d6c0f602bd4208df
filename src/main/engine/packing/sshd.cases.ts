import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../lib/free-port.cases.ts'

const SSHD = '/usr/sbin/sshd'

/** What a session finds besides the programs that it is given; nothing else of this machine, least of all a real mender. */
const TOOLS = ['cat', 'head', 'id', 'sleep', 'touch', 'true']

/**
 * A device to log in to: Debian's SSH server with keys, configuration and TCP port of its own on the loopback address, and programs of
 * its own.
 */
export class SshDevice implements AsyncDisposable {
  readonly folder: string
  readonly port: number
  readonly #child: ReturnType<typeof spawn>
  /** What the server says. */
  log = ''

  private constructor(folder: string, port: number, child: ReturnType<typeof spawn>) {
    this.folder = folder
    this.port = port
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
  }

  static async start(programs: Readonly<Record<string, string>>): Promise<SshDevice> {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-sshd-'))
    for (const key of ['host', 'user', 'stranger', 'other-host'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(folder, key)])
    await mkdir(join(folder, 'bin'))
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`)
      await chmod(join(folder, 'bin', name), 0o755)
    }
    for (const name of TOOLS) if (!(name in programs)) await symlink(`/usr/bin/${name}`, join(folder, 'bin', name))
    const port = await freePort()
    await writeFile(join(folder, 'sshd.conf'), configuration(folder, port))
    // A directory that the server insists on when it runs as root; it stays empty.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
    const device = new SshDevice(folder, port, child)
    await device.#ready()
    await device.trust('host')
    return device
  }

  get url(): string {
    return `ssh://${userInfo().username}@127.0.0.1:${this.port}`
  }

  /** The words of -S: this device's key and known hosts alone. */
  args(key = 'user'): string[] {
    const at = (name: string) => join(this.folder, name)
    const known = ['-o StrictHostKeyChecking=yes', `-o UserKnownHostsFile=${at('known_hosts')}`, '-o GlobalKnownHostsFile=/dev/null']
    return ['-F/dev/null', `-i ${at(key)}`, '-o IdentitiesOnly=yes', '-o IdentityAgent=none', '-o BatchMode=yes', ...known]
  }

  /** The same as a configuration file of ssh: mender-artifact hands "-i FILE" on as one word, and drops the port where a path has "-p" in it. */
  async clientConfiguration(): Promise<string> {
    const path = join(this.folder, 'ssh.conf')
    const lines = [
      `Port ${this.port}`,
      `IdentityFile ${join(this.folder, 'user')}`,
      `UserKnownHostsFile ${join(this.folder, 'known_hosts')}`,
    ]
    await writeFile(path, [...lines, 'IdentitiesOnly yes', 'BatchMode yes'].join('\n'))
    return path
  }

  /** Makes a host key the known one; null forgets all. */
  async trust(key: 'host' | 'other-host' | null): Promise<void> {
    const line =
      key === null ? '' : `[127.0.0.1]:${this.port} ${execFileSync('cat', [join(this.folder, `${key}.pub`)], { encoding: 'utf8' })}`
    await writeFile(join(this.folder, 'known_hosts'), line)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill()
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    while (!this.log.includes('Server listening')) {
      if (this.#child.exitCode !== null) throw new Error(`sshd ended: ${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function configuration(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/user.pub`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `SetEnv PATH=${folder}/bin DEVICE=${folder}`,
  ].join('\n')
}
