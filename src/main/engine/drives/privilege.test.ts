import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
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
  for (const path of [reachable, ...NEEDED.map((name) => join(reachable, name)), join(folder, 'data')]) await mkdir(path)
  await copyFile(join(CHECKOUT, 'package.json'), join(reachable, 'package.json'))
  // The folder of all tests is root's alone.
  for (const path of [tmpdir(), folder]) await chmod(path, 0o755)
  await chown(join(folder, 'data'), NOBODY, NOBODY)
})
afterAll(() => rm(folder, { recursive: true }))

/** `otabench flash` to a device, out of the reachable checkout. */
function flashWords(device: string): string[] {
  const node = process.execPath.startsWith(`${CHECKOUT}/`) ? join(reachable, relative(CHECKOUT, process.execPath)) : process.execPath
  return [node, join(reachable, 'src/main/cli.ts'), 'flash', image, '--to', device, '--yes', '--data', join(folder, 'data')]
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
