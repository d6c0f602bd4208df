import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { eventually } from './bench-process.ts'

const MODULE = join(import.meta.dirname, '../../resources/update-modules/otabench-delta')
const SLOT_MIB = 64
const IMAGE_MIB = 56

const APPLETS =
  'sh cat chmod cp cut dd echo grep head ls mkdir mount mv printf readlink rm sed sha256sum sleep stat sync tail touch wc'.split(' ')

/** What U-Boot's own tools do, on a file: names and values parted by a space, several at once or nothing of it. */
const FW_SETENV = `#!/bin/sh
cat > /tmp/script
if grep -q '^[^ ]*=' /tmp/script; then echo "Illegal character '=' in variable name" >&2; exit 1; fi
while read -r name value; do
  grep -v "^$name=" /var/lib/mender/env > /var/lib/mender/env.new
  [ -z "$value" ] || echo "$name=$value" >> /var/lib/mender/env.new
  mv /var/lib/mender/env.new /var/lib/mender/env
done < /tmp/script`
const FW_PRINTENV = '#!/bin/sh\nfor name in "$@"; do grep "^$name=" /var/lib/mender/env || exit 1; done'
/** The board's power is in the test's hands. */
const REBOOT = '#!/bin/sh\ntouch /var/lib/mender/reboot'

/** A root file system with busybox and Debian's mender-client, in a tree of its own. */
export function makeTree(tree: string, files: Readonly<Record<string, string>>): void {
  for (const folder of ['proc', 'dev', 'run', 'tmp', 'var/lib/mender', 'bin', 'etc/mender/scripts'])
    mkdirSync(join(tree, folder), { recursive: true })
  for (const program of ['/usr/bin/mender', '/usr/bin/zstd']) addProgram(tree, program)
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'))
  for (const name of APPLETS) symlinkSync('busybox', join(tree, 'bin', name))
  addText(tree, 'usr/bin/fw_setenv', FW_SETENV)
  addText(tree, 'usr/bin/fw_printenv', FW_PRINTENV)
  addText(tree, 'usr/bin/reboot', REBOOT)
  addText(tree, 'usr/share/mender/identity/mender-device-identity', '#!/bin/sh\necho mac=52:54:00:00:00:aa')
  addText(tree, 'usr/share/mender/modules/v3/otabench-delta', readFileSync(MODULE, 'utf8'))
  writeFileSync(join(tree, 'etc/mender/scripts/version'), '3')
  for (const [path, text] of Object.entries(files)) addText(tree, path, text)
}

/** An ext4 of a tree, shorter than the slots, as images are. */
export function makeImage(tree: string, image: string): void {
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, image, `${IMAGE_MIB}M`])
}

function addText(tree: string, path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), `${text}\n`)
  chmodSync(join(tree, path), 0o755)
}

function addProgram(tree: string, program: string): void {
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(?:=> )?(\/\S+) \(0x/g)
  for (const path of [program, ...[...libraries].map(([, library = '']) => library)]) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    copyFileSync(path, join(tree, path))
  }
}

/**
 * A board with two slots on loop devices. What runs on it runs from its slot: the slot is mounted read-only as the root file system, and
 * Debian's mender-client is started in it. Bootloader and power are the test's.
 */
export class SlotBoard implements AsyncDisposable {
  readonly #folder: string
  readonly slots: readonly [string, string]
  #client: ChildProcess | null = null
  log = ''

  private constructor(folder: string, slots: readonly [string, string]) {
    this.#folder = folder
    this.slots = slots
  }

  /** Slot A gets the image. With `verificationKeyFile` the client takes only what that key has signed. */
  static async make(
    image: string,
    { serverUrl, deviceType, verificationKeyFile }: { serverUrl: string; deviceType: string; verificationKeyFile?: string },
  ): Promise<SlotBoard> {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-board-'))
    for (const name of ['a', 'b']) execFileSync('truncate', ['-s', `${SLOT_MIB}M`, join(folder, name)])
    execFileSync('dd', [`if=${image}`, `of=${join(folder, 'a')}`, 'bs=1M', 'conv=notrunc,sparse', 'status=none'])
    const [a = '', b = ''] = ['a', 'b'].map((name) =>
      execFileSync('losetup', ['-f', '--show', join(folder, name)], { encoding: 'utf8' }).trim(),
    )
    const board = new SlotBoard(folder, [a, b])
    for (const name of ['root', 'data']) mkdirSync(join(folder, name))
    const configuration = { ServerURL: serverUrl, RootfsPartA: a, RootfsPartB: b, DBus: { Enabled: false } }
    if (verificationKeyFile !== undefined) {
      copyFileSync(verificationKeyFile, join(folder, 'data/verification-key.pem'))
      Object.assign(configuration, { ArtifactVerifyKey: '/var/lib/mender/verification-key.pem' })
    }
    const polls = { UpdatePollIntervalSeconds: 1, InventoryPollIntervalSeconds: 5, RetryPollIntervalSeconds: 1 }
    writeFileSync(join(folder, 'data/mender.conf'), JSON.stringify({ ...configuration, ...polls }))
    writeFileSync(join(folder, 'data/device_type'), `device_type=${deviceType}\n`)
    writeFileSync(join(folder, 'data/env'), `mender_boot_part=${partOf(a)}\nupgrade_available=0\n`)
    return board
  }

  environment(): Record<string, string> {
    const lines = readFileSync(join(this.#folder, 'data/env'), 'utf8').trim().split('\n')
    return Object.fromEntries(lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]))
  }

  /** A file of the data partition; empty when there is none. */
  data(name: string): string {
    const path = join(this.#folder, 'data', name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  /** The slot that the bootloader would start. */
  get next(): string {
    return this.slots.find((slot) => partOf(slot) === this.environment()['mender_boot_part']) ?? ''
  }

  other(slot: string): string {
    return this.slots.find((each) => each !== slot) ?? ''
  }

  /** SHA-256 of as much of a slot as an image has. */
  sha256(slot: string): string {
    return execFileSync('sh', ['-c', `head -c ${IMAGE_MIB}M ${slot} | sha256sum`], { encoding: 'utf8' }).slice(0, 64)
  }

  /** Switches on: the bootloader starts the slot that its environment names. */
  powerOn(): void {
    rmSync(join(this.#folder, 'data/reboot'), { force: true })
    const script = `
      mount -o ro "$2" "$1/root"
      mount --bind "$1/data" "$1/root/var/lib/mender"
      mount --rbind /dev "$1/root/dev"
      mount --bind /proc "$1/root/proc"
      for folder in run tmp; do mount -t tmpfs none "$1/root/$folder"; done
      exec chroot "$1/root" /usr/bin/mender --no-syslog daemon`
    const words = ['-m', 'sh', '-euc', script, 'sh', this.#folder, this.next]
    const env = { PATH: `/usr/bin:/bin:${process.env['PATH'] ?? ''}` }
    const client = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env })
    for (const stream of [client.stdout, client.stderr]) stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
    this.#client = client
  }

  async powerOff(): Promise<void> {
    const client = this.#client
    this.#client = null
    if (client?.pid === undefined || client.exitCode !== null || client.signalCode !== null) return
    const ended = once(client, 'close')
    process.kill(-client.pid, 'SIGKILL')
    await ended
  }

  /** Waits until the client asks for a reboot, and answers the boot environment at that moment; then the board is off. */
  async untilReboot(): Promise<Record<string, string>> {
    await eventually('the client to reboot the board', () => Promise.resolve(existsSync(join(this.#folder, 'data/reboot'))))
    await this.powerOff()
    return this.environment()
  }

  /** Writes a file into a slot, as somebody does who mounts it read-write. */
  changeSlot(slot: string): void {
    const script = 'mount "$2" "$1/root" && touch "$1/root/etc/changed" && umount "$1/root"'
    execFileSync('unshare', ['-m', 'sh', '-euc', script, 'sh', this.#folder, slot])
  }

  /** What the bootloader does when the new system does not come up. */
  giveUpTrial(): void {
    const { mender_boot_part: trial = '' } = this.environment()
    const back = this.slots.map(partOf).find((part) => part !== trial) ?? ''
    writeFileSync(
      join(this.#folder, 'data/env'),
      `mender_boot_part=${back}\nmender_boot_part_hex=${back}\nupgrade_available=0\nbootcount=0\n`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff()
    for (const slot of this.slots) execFileSync('losetup', ['-d', slot])
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The number at the end of a partition's name. */
export function partOf(slot: string): string {
  return /\d+$/.exec(slot)?.[0] ?? ''
}
