import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { freePort } from '../lib/free-port.cases.ts'

/** What a board is given besides a Debian without Mender. */
interface BoardOptions {
  /** Of the user pi, whose password is `raspberry`. */
  sudo?: 'password' | 'free' | 'none'
  hasSftp?: boolean
  /** After so many bytes, as sshd writes it, a connection takes new keys. */
  rekeyLimit?: string
  /** These folders are full but for some KiB. */
  full?: readonly string[]
  /** Files that it finds in /run. */
  bring?: readonly string[]
  /** Run in it, as root, before its SSH server starts. */
  prepare?: string
}

/** Stands in for systemd, which a folder cannot run: it starts what the unit says, by dpkg's own start-stop-daemon. */
const SYSTEMCTL = String.raw`#!/bin/sh
unit=/lib/systemd/system/$2.service; [ -e "$unit" ] || unit=/etc/systemd/system/$2.service
flag=/var/lib/enabled-$2; pid=/run/$2.pid
need() { [ -e "$unit" ] || { echo "Failed to $1 unit: Unit file $2.service does not exist." >&2; exit 1; }; }
case $1 in
  daemon-reload) ;;
  is-enabled) [ -e "$flag" ] && echo enabled || { echo disabled; exit 1; } ;;
  show) for name; do case $name in *.service) name=$(basename "$name" .service); echo "Id=$name.service"
    if [ -e /lib/systemd/system/$name.service ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
    if start-stop-daemon --status --pidfile /run/$name.pid; then printf 'ActiveState=active\nSubState=running\nMainPID='; cat /run/$name.pid
    else printf 'ActiveState=inactive\nSubState=dead\nMainPID=0\n'; fi; echo Result=success; echo;; esac; done ;;
  enable) need enable "$2"; touch "$flag" ;;
  disable) rm -f "$flag" ;;
  is-active) start-stop-daemon --status --pidfile "$pid" && echo active || { echo inactive; exit 3; } ;;
  stop) start-stop-daemon --stop --oknodo --retry 5 --pidfile "$pid" >/dev/null; rm -f "$pid" ;;
  start|restart) need start "$2"; "$0" stop "$2"
    set -- "$2" $(sed -n 's/^ExecStart=//p' "$unit"); name=$1 program=$2; shift 2
    start-stop-daemon --start --background --make-pidfile --pidfile "$pid" --output "/var/log/$name.log" --exec "$program" -- "$@" ;;
esac`

const MOUNTS = String.raw`
t=$1/t; m=$t/m
mount -t tmpfs -o size=1g board "$t"
mkdir "$t/u" "$t/w" "$m"
mount -t overlay -o "lowerdir=/,upperdir=$t/u,workdir=$t/w" board "$m"
mount --rbind /dev "$m/dev"
mount --bind /sys "$m/sys"
mount -t proc proc "$m/proc"
for f in tmp run; do mount -t tmpfs -o mode=1777 "$f" "$m/$f"; done
mount -t tmpfs -o mode=755 opt "$m/opt"
mkdir -p "$m/run/sshd"
chmod 755 "$m/run/sshd" "$m/run"
cp "$1/setup" "$1/sshd.conf" "$1/host" "$1/user.pub" "$1/systemctl" "$m/run/"
cp -r "$1/bring/." "$m/run/"
exec chroot "$m" /bin/sh -eu /run/setup`

const SETUP = String.raw`
exec >/dev/null
cd /
dpkg --purge mender-connect mender-configure mender-client 2>/dev/null || true
rm -rf /etc/mender /data /usr/share/mender /var/lib/mender
cp /run/systemctl /usr/bin/systemctl
chmod 755 /usr/bin/systemctl
useradd -m -s /bin/sh pi
echo pi:raspberry | chpasswd
mkdir /home/pi/.ssh
cp /run/user.pub /home/pi/.ssh/authorized_keys
chown -R pi /home/pi/.ssh
`

const SUDO = { password: 'pi ALL=(ALL) ALL', free: 'pi ALL=(ALL) NOPASSWD: ALL', none: '' } as const

/**
 * A Debian board to log in to: this machine's own root file system, with a layer of its own above it in memory, in namespaces of its own;
 * the Mender client taken off it, and Debian's SSH server with own keys on the loopback address. Needs root.
 */
export class DebianBoard implements AsyncDisposable {
  readonly folder: string
  readonly port: number
  readonly #child: ChildProcess
  log = ''

  private constructor(folder: string, port: number, child: ChildProcess) {
    this.folder = folder
    this.port = port
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
  }

  static async start(options: BoardOptions = {}): Promise<DebianBoard> {
    const { sudo = 'password', full = [], bring = [], prepare = '' } = options
    const folder = mkdtempSync(join(tmpdir(), 'otabench-board-'))
    const port = await freePort()
    for (const name of ['t', 'bring']) mkdirSync(join(folder, name))
    for (const file of bring) copyFileSync(file, join(folder, 'bring', basename(file)))
    for (const name of ['host', 'user', 'other'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
    const fill = full.map((path) => `mkdir -p ${path}; mount -t tmpfs -o size=16k full ${path}`)
    const rule = SUDO[sudo] === '' ? '' : `echo '${SUDO[sudo]}' > /etc/sudoers.d/pi`
    const server = 'chmod 600 /run/host; exec /usr/sbin/sshd -D -e -f /run/sshd.conf'
    writeFileSync(join(folder, 'setup'), [SETUP, rule, ...fill, prepare, server].join('\n'))
    writeFileSync(join(folder, 'sshd.conf'), configuration(port, options))
    writeFileSync(join(folder, 'systemctl'), SYSTEMCTL)
    // The namespace of processes ends with the first one in it, and takes all others and the mounts along; it ends with us, too.
    const words = ['--pdeathsig', 'KILL', 'unshare', '-m', '-p', '--fork', '--kill-child', 'sh', '-euc', MOUNTS, 'sh', folder]
    const env = { PATH: process.env['PATH'], HOME: '/root' }
    const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'], env })
    const board = new DebianBoard(folder, port, child)
    while (board.#starts() < 2) {
      if (child.exitCode !== null) throw new Error(`the board did not start: ${board.log}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return board
  }

  get place(): string {
    return `pi@127.0.0.1:${this.port}`
  }

  /** Runs a script on the board as root; answers what it prints. */
  run(script: string): string {
    const words = ['-t', String(this.#inside()), '-m', '-p', '-r', '-w', 'sh', '-c', script]
    return execFileSync('nsenter', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } })
  }

  /** Every file of a few folders with its content and mode, but for the client's own database, to see whether anything was changed. */
  state(): string {
    return this.run(
      'for d in /etc/mender /usr/share/mender /data /opt /var/lib/otabench-undo; do [ ! -d $d ] || find $d -type f ! -name "mender-store*" -exec sha256sum {} + -exec stat -c "%n %a %U" {} +; done | sort; ls /tmp; dpkg-query -W -f "${Package}\\n" | grep mender || true',
    )
  }

  /** A login at its console, as words of socat's EXEC. */
  console(): string {
    return `nsenter -t ${this.#inside()} -m -p -r -w setsid -c /sbin/agetty --noclear -L - vt100`
  }

  /** Gives it another host key, as a board that was installed anew has. */
  async changeHostKey(): Promise<void> {
    const starts = this.#starts()
    this.run(`cat > /run/host <<'E'\n${readFileSync(join(this.folder, 'other'), 'utf8')}E\nkill -HUP 1`)
    while (this.#starts() === starts) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  #starts(): number {
    return this.log.split('Server listening').length
  }

  #inside(): number {
    return Number(readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8').trim().split(' ')[0])
  }
}

function configuration(port: number, { hasSftp = true, rekeyLimit = 'default' }: BoardOptions): string {
  return [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', 'HostKey /run/host', 'PidFile none', 'UsePAM no', 'StrictModes no'],
    ...[`RekeyLimit ${rekeyLimit}`, 'PasswordAuthentication yes', 'PubkeyAuthentication yes', 'MaxStartups 100', 'PermitRootLogin no'],
    ...(hasSftp ? ['Subsystem sftp internal-sftp'] : []),
  ].join('\n')
}

/** Debian's package of the Mender client, made again from the one that is installed: `mender-client_….deb` in the folder. */
export function menderPackage(folder: string): string {
  if (!existsSync('/usr/bin/dpkg-repack')) throw new Error('dpkg-repack is not installed: apt-get install dpkg-repack')
  execFileSync('dpkg-repack', ['--deb-option=-Zgzip', '--deb-option=-z1', 'mender-client'], { cwd: folder, stdio: 'pipe' })
  const name = readdirSync(folder).find((each) => each.startsWith('mender-client_'))
  if (name === undefined) throw new Error('dpkg-repack made no package')
  return join(folder, name)
}
