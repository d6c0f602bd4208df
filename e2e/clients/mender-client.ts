import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
  /** With mender-connect beside it, over a message bus of their own. */
  hasConnect?: boolean
  pollSeconds?: number
  /** Update modules beside the stock ones: a script each, by name. */
  modules?: Record<string, string>
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
    if (options.modules) await prepareModules(folder, options.modules)
    const namespace = process.getuid?.() === 0 ? '-m' : '-Urm'
    const own = options.hasOwnPackages ? `mount --bind "$1/dpkg" /var/lib/dpkg; mount --bind "$1/opt" /opt` : ''
    const modules = options.modules ? '\n  mount --bind "$1/share/modules" /usr/share/mender/modules/v3' : ''
    const script = `${own}${MOUNTS}${modules}\n${options.hasConnect ? WITH_CONNECT : `exec ${MENDER}`}`
    const shell = ['sh', '-euc', script, 'sh', folder]
    const words = [namespace, ...(options.hasConnect ? ['dbus-run-session', '--'] : []), ...shell]
    // a process group of its own, so that everything in it ends together
    const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    return new MenderClient(folder, child)
  }

  /** Ends one of its processes as a crash would. */
  async crash(name: 'mender' | 'connect'): Promise<void> {
    process.kill(Number(await readFile(join(this.folder, `${name}.pid`), 'utf8')), 'SIGKILL')
  }

  /** Ends mender-connect for good. */
  async disconnect(): Promise<void> {
    await writeFile(join(this.folder, 'disconnected'), '')
    await this.crash('connect')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      process.kill(-(this.#child.pid ?? 0), 'SIGKILL')
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

const MOUNTS = `
  mount --bind "$1/etc" /etc/mender
  mount --bind "$1/share/identity" /usr/share/mender/identity
  mount --bind "$1/share/inventory" /usr/share/mender/inventory`
const MENDER = '/usr/bin/mender --no-syslog -c "$1/mender.conf" -b /nonexistent -d "$1/data" daemon'
/**
 * As a service manager would: mender-connect is started again whenever it ends unless it is to end, no signal is ignored (a shell makes its background
 * processes ignore Ctrl+C), and `systemctl` can say which process is the client.
 */
const WITH_CONNECT = `
  export DBUS_SYSTEM_BUS_ADDRESS="$DBUS_SESSION_BUS_ADDRESS" PATH="$1/bin:$PATH"
  ${MENDER} &
  echo $! > "$1/mender.pid"
  until [ -e "$1/disconnected" ]; do
    env --default-signal mender-connect --debug daemon &
    echo $! > "$1/connect.pid"
    wait $! || true
    sleep 1
  done
  wait`

async function prepareModules(folder: string, modules: Record<string, string>): Promise<void> {
  await cp('/usr/share/mender/modules/v3', join(folder, 'share/modules'), { recursive: true })
  for (const [name, script] of Object.entries(modules)) {
    await writeFile(join(folder, 'share/modules', name), script)
    await chmod(join(folder, 'share/modules', name), 0o755)
  }
}

async function prepareConnect(folder: string): Promise<void> {
  await writeFile(join(folder, 'etc/mender-connect.conf'), JSON.stringify({ ShellCommand: '/bin/bash', User: 'root' }))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/systemctl'), `#!/bin/sh\necho MainPID=$(cat ${folder}/mender.pid)\n`)
  await chmod(join(folder, 'bin/systemctl'), 0o755)
}

async function prepare(
  folder: string,
  { serverUrl, mac, deviceType, caFile, verificationKeyFile, hasConnect = false, pollSeconds = 1 }: ClientOptions,
): Promise<void> {
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
    UpdatePollIntervalSeconds: pollSeconds,
    InventoryPollIntervalSeconds: 5,
    RetryPollIntervalSeconds: 1,
    DBus: { Enabled: hasConnect },
  }
  await writeFile(join(folder, 'mender.conf'), JSON.stringify(configuration))
  if (hasConnect) await prepareConnect(folder)
}
