import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopDevice, program } from './loop.cases.ts'

/** The user nobody of every Linux system. */
const NOBODY = 65_534
const CHECKOUT = resolve(import.meta.dirname, '../../../..')

/** What of the checkout a command needs, where everybody may read it, whatever the checkout itself and the folders above it allow. */
let reachable: string
const NEEDED = ['src', 'node_modules', '.tools', 'resources']
const REACH = `for name in ${NEEDED.join(' ')}; do mount --bind "$CHECKOUT/$name" "$REACHABLE/$name"; done`
let folder: string
let image: string
const content = randomBytes(3 << 20)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-privilege-'))
  image = join(folder, 'card.img')
  await writeFile(image, content)
  reachable = join(folder, 'checkout')
  await mkdir(join(folder, 'udev-rules'))
  await writeFile(
    join(folder, 'udev-rules/10-block.rules'),
    'SUBSYSTEM=="block", ACTION!="remove", OPTIONS+="watch", IMPORT{builtin}="blkid"\n',
  )
  for (const path of [reachable, ...NEEDED.map((name) => join(reachable, name)), join(folder, 'data')]) await mkdir(path)
  await copyFile(join(CHECKOUT, 'package.json'), join(reachable, 'package.json'))
  // The folder of all tests is root's alone.
  for (const path of [tmpdir(), folder]) await chmod(path, 0o755)
  await chown(join(folder, 'data'), NOBODY, NOBODY)
})
afterAll(() => rm(folder, { recursive: true }))

/** A program of the reachable checkout. */
function words(program: 'cli' | 'opener', ...args: readonly string[]): string[] {
  const node = process.execPath.startsWith(`${CHECKOUT}/`) ? join(reachable, relative(CHECKOUT, process.execPath)) : process.execPath
  return [node, join(reachable, `src/main/${program}.ts`), ...args]
}

/** `otabench flash` to a device, out of the reachable checkout. */
function flashWords(device: string): string[] {
  return words('cli', 'flash', image, '--to', device, '--yes', '--data', join(folder, 'data'))
}

/** `otabench flash` to a device, as the user nobody; `sudoers` is what sudo reads for it, `groups` those that it is in. */
function flashAsNobody(device: string, sudoers: string, groups = '--clear-groups') {
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, groups, ...flashWords(device)]
  const script = `set -e; mount --bind "$0" /etc/sudoers; ${REACH}; exec "$@"`
  return spawnSync('unshare', ['--mount', 'sh', '-c', script, sudoers, ...asNobody], {
    encoding: 'utf8',
    cwd: folder,
    env: environment(),
  })
}

const environment = () => ({ PATH: process.env['PATH'], HOME: join(folder, 'data'), CHECKOUT, REACHABLE: reachable })

async function sudoersFile(rule: string): Promise<string> {
  const path = join(folder, `sudoers-${randomBytes(4).toString('hex')}`)
  await writeFile(path, `root ALL=(ALL:ALL) ALL\n${rule}\n`)
  await chmod(path, 0o440)
  return path
}

/** The same where the writer is installed and polkit lets nobody start it: on a machine of its own, as far as its mounts and processes go. */
function flashByHelper(device: string, installed: string) {
  const script = `
    set -e
    # A file system in memory may not be the upper layer of itself: it gets folders of its own.
    mount -t tmpfs none "$2" && mkdir "$2/upper" "$2/work"
    mount -t overlay none -o "lowerdir=/usr/lib,upperdir=$2/upper,workdir=$2/work" /usr/lib
    mkdir -p /usr/lib/ota-bench
    mount --bind "$1/usr/lib/ota-bench" /usr/lib/ota-bench
    mount --bind "$1/usr/share/polkit-1/actions" /usr/share/polkit-1/actions
    mount --bind "$1/rules.d" /etc/polkit-1/rules.d
    mount -t tmpfs none /run && mkdir /run/dbus
    dbus-daemon --system --fork --nopidfile
    ${REACH}
    shift 2
    # Not by exec: pkexec takes a parent with the number 1 for a dead one.
    setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"`
  const words = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    script,
    'sh',
    installed,
    join(folder, 'layer'),
    ...flashWords(device),
  ]
  return spawnSync('unshare', words, { encoding: 'utf8', cwd: folder, env: environment() })
}

/** Installs the writer below a folder, as packages do, with a rule of polkit's beside it. */
async function install(): Promise<string> {
  const installed = join(folder, 'installed')
  const built = join(folder, 'built')
  const run = (name: string, args: string[]) => {
    const { status, stderr } = spawnSync(name, args, { encoding: 'utf8', cwd: CHECKOUT })
    if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`)
  }
  run(process.execPath, ['scripts/build-writer.ts', built])
  run('sh', ['resources/writer/install.sh', process.execPath, join(built, 'writer.js'), installed])
  await mkdir(join(installed, 'rules.d'))
  await mkdir(join(folder, 'layer'))
  // polkit's JavaScript is that of 2009.
  const rule = `polkit.addRule(function (action, subject) {
  if (action.id === 'org.ota-bench.writer' && subject.user === 'nobody') return polkit.Result.YES;
});`
  await writeFile(join(installed, 'rules.d/10-nobody.rules'), `${rule}\n`)
  return installed
}

/**
 * Debian's udisks, polkit, D-Bus and udev, started for this alone: with a /dev that has one device, which only root may open, and with no way
 * for what nobody starts to get more rights. `script` is run by root, with "$@" for the command as the user nobody; `rule` is polkit's answer.
 */
async function withUdisks(device: string, rule: 'YES' | 'NO' | null, { script, command }: { script?: string; command: readonly string[] }) {
  const rules = await mkdtemp(join(folder, 'polkit-'))
  await chmod(rules, 0o755)
  // A loop device is one of the system for udisks, which has an action of its own for these.
  const text = `polkit.addRule(function (action, subject) {
  if (/^org\\.freedesktop\\.udisks2\\.open-device(-system)?$/.test(action.id) && subject.user === 'nobody') return polkit.Result.${rule};
});`
  if (rule !== null) await writeFile(join(rules, '10-nobody.rules'), `${text}\n`)
  const machine = `
    set -e
    device=$1; shift
    mount -t tmpfs none /run && mkdir /run/dbus /run/dev
    mount --bind ${rules} /etc/polkit-1/rules.d
    mount --bind ${join(folder, 'udev-rules')} /lib/udev/rules.d
    mount -t tmpfs -o mode=755 none /run/dev
    for node in /dev/null /dev/zero /dev/random /dev/urandom /dev/tty /dev/ptmx "$device"; do cp -a "$node" /run/dev/; done
    mkdir /run/dev/pts && mount --rbind /dev/pts /run/dev/pts
    ln -s /proc/self/fd /run/dev/fd
    mount --move /run/dev /dev
    chown root:root "$device" && chmod 600 "$device"
    ${REACH}
    /lib/systemd/systemd-udevd --daemon 2>&1
    udevadm trigger --action=add --settle "/sys/class/block/\${device#/dev/}"
    dbus-daemon --system --fork --nopidfile
    # Nobody wants a drive whose standard input has ended.
    exec </dev/zero
    nobody() { setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs "$@"; }
    ${script ?? 'nobody "$@"'}`
  const own = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', machine, 'sh', device]
  return spawnSync('unshare', [...own, ...command], {
    encoding: 'utf8',
    cwd: folder,
    env: environment(),
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
}

const written = async (file: string) => (await readFile(file)).subarray(0, content.length).equals(content)

describe('an image that a user without rights writes to a drive', () => {
  it('is refused with what can be done, and the drive is left as it was', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o600)
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile(''))
    expect([status, stderr]).toEqual([3, expect.stringMatching(/PERMISSION: .*You may not write/)])
    expect(stderr).toContain(`otabench drives rule ${device.path}`)
    expect((await readFile(device.file)).every((byte) => byte === 0)).toBe(true)
  })

  it('is written when the drive was given to that user, as the rule for a reader does', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o666)
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile(''))
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })

  it('is written through sudo, which starts the writer alone as root', async () => {
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o600)
    const [, , sudoGroup] = program('getent', ['group', 'sudo']).split(':')
    const { status, stderr } = flashAsNobody(device.path, await sudoersFile('%sudo ALL=(root) NOPASSWD: ALL'), `--groups=${sudoGroup}`)
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })

  it('is written through pkexec, where polkit’s policy lets the installed writer start', async () => {
    const installed = await install()
    await using device = await loopDevice(4 << 20)
    await chmod(device.path, 0o600)
    const { status, stderr } = flashByHelper(device.path, installed)
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })

  it('nothing but a whole disk is taken by the installed writer, and shellcheck finds nothing in what starts as root', async () => {
    const helper = join(CHECKOUT, 'resources/writer/otabench-writer')
    await using device = await loopDevice(1 << 20)
    const wrong = [
      [],
      ['/dev/null'],
      ['/dev/../etc/passwd'],
      ['/etc/passwd'],
      ['/dev/'],
      ['/dev/none'],
      [device.path, device.path],
      [`${device.path}\n`],
    ]
    for (const args of wrong) expect(spawnSync(helper, args, { encoding: 'utf8' })).toMatchObject({ status: 2, stdout: '' })
    for (const name of ['otabench-writer', 'install.sh'])
      expect(spawnSync('shellcheck', [join(CHECKOUT, 'resources/writer', name)], { encoding: 'utf8' }).stdout).toBe('')
  })
})

describe('udisks', () => {
  it('opens a drive for a writer without rights, where polkit’s rules let the user', async () => {
    await using device = await loopDevice(4 << 20)
    const { status, stderr } = await withUdisks(device.path, 'YES', { command: flashWords(device.path) })
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(await written(device.file)).toBe(true)
  })

  it('opens none where they do not, which is said with what can be done', async () => {
    await using device = await loopDevice(4 << 20)
    const { status, stderr } = await withUdisks(device.path, 'NO', { command: flashWords(device.path) })
    expect([status, stderr]).toEqual([3, expect.stringMatching(/PERMISSION: .*udisks may not open it for you \(.*Not authorized/)])
    expect(stderr).toContain('org.freedesktop.udisks2.open-device')
    expect((await readFile(device.file)).every((byte) => byte === 0)).toBe(true)
  })

  it('is the way that the doctor names', async () => {
    await using device = await loopDevice(4 << 20)
    const { stdout } = await withUdisks(device.path, null, { command: words('cli', 'doctor', '--data', join(folder, 'data')) })
    expect(stdout).toContain('by way of udisks')
    expect(stdout).toContain('It opens them for a writer without rights')
  })

  it('gives a drive that is locked, and that nobody else opens exclusively; and none that is in use', async () => {
    await using device = await loopDevice(4 << 20, [], (file) => void program('mkfs.ext4', ['-q', '-F', file]))
    const script = `
      mkdir /run/there && mount "$device" /run/there
      nobody "$@" sh -c 'echo never' "$device" || echo "ended with $?"
      umount /run/there
      mkfifo -m 666 /run/orders /run/held
      nobody "$@" sh -c 'grep ^flags "/proc/self/fdinfo/$1"; id -u; echo held >/run/held; read -r _' </run/orders "$device" & writer=$!
      exec 8>/run/orders
      read -r _ </run/held
      flock --nonblock "$device" true || echo locked
      mount "$device" /run/there 2>/dev/null || echo exclusive
      exec 8>&-
      wait $writer || true
      # udev looks at it first.
      flock "$device" echo free`
    const { stdout, stderr } = await withUdisks(device.path, 'YES', { command: words('opener'), script })
    const [busy = '', ...lines] = stdout
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Starting'))
    expect([stderr, busy]).toEqual(['', expect.stringMatching(/"why":"busy","detail":"Error opening device .* resource busy"/)])
    // O_RDWR and O_DIRECT, as their kernel writes them.
    const flags = (constants.O_RDWR | constants.O_DIRECT).toString(8)
    expect(lines).toEqual([
      'ended with 1',
      expect.stringMatching(new RegExp(`^flags:\\t0\\d*${flags}$`)),
      String(NOBODY),
      'locked',
      'exclusive',
      'free',
    ])
  })

  it('is left for the next way where nobody can be asked for a password, and when it is not there', async () => {
    await using device = await loopDevice(4 << 20)
    const script = `
      nobody "$@" sh -c 'echo never' --or echo instead "$device"
      nobody "$@" sh -c 'echo never' "$device" || echo "refused with $?"
      nobody "$@" --unasked sh -c 'echo never' "$device" || echo "refused with $?"
      export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/none
      nobody "$@" sh -c 'echo never' --or echo instead "$device"
      nobody "$@" || echo "nothing there: $?"`
    const { stdout, stderr } = await withUdisks(device.path, null, { command: words('opener'), script })
    const lines = stdout
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Starting'))
    expect(lines).toEqual([`instead ${device.path}`, 'refused with 77', 'refused with 77', `instead ${device.path}`, 'nothing there: 127'])
    expect(stderr).toContain('there is no system bus (no such file or directory)')
  })

  it('is waited for no longer than somebody wants the drive, while a person is asked for a password', async () => {
    await using device = await loopDevice(4 << 20)
    // The agent that a desktop has is one on a terminal here; it may become root, as far as that goes.
    const script = `
      mkfifo -m 666 /run/orders /run/keys /run/pid /run/registered
      exec 7<>/run/keys 8<>/run/orders
      (exec 8>&-; nobody sh -c 'echo $$ >/run/pid; read -r _ </run/registered; exec "$@"' sh "$@" sh -c 'echo never' "$device" </run/orders) & opener=$!
      read -r pid </run/pid
      agent="exec pkttyagent --process $pid --notify-fd 9 9>/run/registered"
      (exec 8>&-; setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups script -qefc "$agent" /dev/null </run/keys >/run/said) & agent=$!
      until grep -aq Password: /run/said 2>/dev/null; do kill -0 $agent; sleep 0.1; done
      exec 8>&-
      wait $opener || echo "ended with $?"
      grep -ao "to open $device" /run/said`
    const { stdout } = await withUdisks(device.path, null, { command: words('opener'), script })
    expect(stdout.trim().split('\n').slice(1)).toEqual(['ended with 137', `to open ${device.path}`])
  })
})
