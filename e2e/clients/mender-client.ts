import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ClientOptions {
  serverUrl: string
  mac: string
  deviceType: string
  caFile?: string
  verificationKeyFile?: string
  /** Gives it a package database and an /opt of its own. */
  hasOwnPackages?: boolean
}

const EXAMPLES = '/usr/share/doc/mender-client/examples'

/**
 * Debian's mender-client, unmodified, as a process with an identity of its own: a private mount namespace puts its
 * configuration, identity and inventory scripts where the client looks for them.
 */
export class MenderClient implements AsyncDisposable {
  readonly folder: string
  readonly #child: ChildProcess
  log = ''

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
  }

  static async start(options: ClientOptions): Promise<MenderClient> {
    if (!existsSync('/usr/bin/mender')) throw new Error('The real Mender client is not installed: apt-get install mender-client')
    const folder = await mkdtemp(join(tmpdir(), 'otabench-client-'))
    await prepare(folder, options)
    const namespace = process.getuid?.() === 0 ? '-m' : '-Urm'
    const own = options.hasOwnPackages ? `mount --bind "$1/dpkg" /var/lib/dpkg; mount --bind "$1/opt" /opt` : ''
    const script = `
      ${own}
      mount --bind "$1/etc" /etc/mender
      mount --bind "$1/share/identity" /usr/share/mender/identity
      mount --bind "$1/share/inventory" /usr/share/mender/inventory
      exec /usr/bin/mender --no-syslog -c "$1/mender.conf" -b /nonexistent -d "$1/data" daemon`
    const child = spawn('unshare', [namespace, 'sh', '-euc', script, 'sh', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    return new MenderClient(folder, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function prepare(folder: string, { serverUrl, mac, deviceType, caFile, verificationKeyFile }: ClientOptions): Promise<void> {
  for (const name of ['etc/scripts', 'data', 'share/identity', 'share/inventory', 'dpkg/info', 'dpkg/updates', 'opt'])
    await mkdir(join(folder, name), { recursive: true })
  for (const name of ['status', 'available']) await writeFile(join(folder, 'dpkg', name), '')
  await writeFile(join(folder, 'data/device_type'), `device_type=${deviceType}\n`)
  await writeFile(join(folder, 'etc/artifact_info'), 'artifact_name=initial\n')
  const identity = join(folder, 'share/identity/mender-device-identity')
  await writeFile(identity, `#!/bin/sh\necho mac=${mac}\n`)
  await chmod(identity, 0o755)
  for (const name of ['os', 'hostinfo', 'network', 'update-modules']) {
    const script = join(folder, `share/inventory/mender-inventory-${name}`)
    await cp(`${EXAMPLES}/mender-inventory-${name}`, script)
    await chmod(script, 0o755)
  }
  const configuration = {
    ServerURL: serverUrl,
    ...(caFile === undefined ? {} : { ServerCertificate: caFile }),
    ...(verificationKeyFile === undefined ? {} : { ArtifactVerifyKey: verificationKeyFile }),
    UpdatePollIntervalSeconds: 1,
    InventoryPollIntervalSeconds: 5,
    RetryPollIntervalSeconds: 1,
    DBus: { Enabled: false },
  }
  await writeFile(join(folder, 'mender.conf'), JSON.stringify(configuration))
}
