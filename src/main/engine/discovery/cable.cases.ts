import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const AVAHI = `[server]
host-name=benchpi
use-ipv6=no
allow-interfaces=board0
enable-dbus=no
[publish]
publish-workstation=yes
`
const SERVICE = `<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>Bench Pi</name><service><type>_ssh._tcp</type><port>2222</port></service></service-group>
`

/** The board has a network of its own, or what one of them hears would be its own voice. */
const SCRIPT = String.raw`
mount -t tmpfs run /run
mkdir -p /run/avahi-daemon /run/services
cp "$1/ssh.service" /run/services/
mount --bind /run/services /etc/avahi/services
ip link set lo up
unshare -n sleep 86400 &
board=$!
while [ "$(readlink /proc/$board/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add bench0 type veth peer name board0 netns $board
ip addr add 10.77.0.1/24 dev bench0
ip link set bench0 up
nsenter -t $board -n ip link set board0 address dc:a6:32:00:00:01
nsenter -t $board -n ip addr add 10.77.0.2/24 dev board0
nsenter -t $board -n ip link set board0 up
nsenter -t $board -n avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$1/avahi.conf" >"$1/avahi.log" 2>&1 &
until grep -q 'Bench Pi.*successfully established' "$1/avahi.log"; do sleep 0.05; done
echo ready
wait $board
`

/** A bench and a board on one cable, in namespaces of their own; Avahi on the board tells of its SSH server. Needs root. */
export class Cable implements AsyncDisposable {
  readonly folder: string
  readonly #child: ChildProcess

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder
    this.#child = child
  }

  static async start(): Promise<Cable> {
    if (!existsSync('/usr/sbin/avahi-daemon')) throw new Error('Avahi is not installed: apt-get install avahi-daemon')
    const folder = mkdtempSync(join(tmpdir(), 'otabench-cable-'))
    writeFileSync(join(folder, 'avahi.conf'), AVAHI)
    writeFileSync(join(folder, 'ssh.service'), SERVICE)
    const words = ['--pdeathsig', 'KILL', 'unshare', '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', 'sh', '-euc', SCRIPT, 'sh']
    const child = spawn('setpriv', [...words, folder], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    return new Cable(folder, child)
  }

  /** The words that run a program at the bench's end of the cable. */
  get benchWords(): string[] {
    const { pid } = this.#child
    const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? ''
    return ['nsenter', '-t', inside, '-n']
  }

  /** A Node.js that runs there. */
  benchNode(node: string): string {
    const path = join(this.folder, 'node')
    writeFileSync(path, `#!/bin/sh\nexec ${this.benchWords.join(' ')} '${node}' "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
