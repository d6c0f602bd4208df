import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SshDevice } from '../../engine/packing/sshd.cases.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import { artifactCommand } from './artifact.ts'
import { Workshop } from './artifact-sign.cases.ts'

/** Needs openssh-server and e2fsprogs. */
const shop = new Workshop('snapshot')

const PROVIDES = 'printf "artifact_name=old\\nrootfs-image.version=old\\nrootfs-image.checksum=0\\nrootfs-image.app.version=7\\n"'
const DUMP = { 'mender-snapshot': 'echo "freezing" >&2; exec cat "$DEVICE/rootfs.ext4"', 'mender-update': PROVIDES }

/** A file system that was in use: it wants its journal replayed. */
function makeImage(path: string): void {
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', shop.folder, path, '8M'])
}

async function withDevice(programs: Readonly<Record<string, string>>, work: (device: SshDevice) => Promise<void>): Promise<void> {
  await using device = await SshDevice.start(programs)
  makeImage(join(device.folder, 'rootfs.ext4'))
  await work(device)
}

function snapshot(device: SshDevice, more: readonly string[] = [], signal = new AbortController().signal): Promise<CommandRun> {
  const args = device.args().flatMap((word) => ['-S', word])
  const words = ['write', 'rootfs-image', '-n', 'release-1', '-t', 'board', '-f', device.url, ...args, '-o', 'a.mender', ...more]
  return runLine(words, { command: artifactCommand, cwd: shop.folder, signal })
}

const leftovers = () => readdirSync(shop.folder, { recursive: true }).filter((name) => String(name).includes('otabench'))

describe('a snapshot of a running device', () => {
  it('becomes an artifact with its image, and with what its client says of the root file system', async () => {
    await withDevice(DUMP, async (device) => {
      const run = await snapshot(device, ['--compression', 'none', '--software-version', '9'])
      expect(run).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/Received 8.4 MB[^]*The file system of the snapshot is clean/),
      })
      expect(shop.isValid('a.mender')).toBe(true)
      expect(await shop.content('a.mender')).toMatchObject({
        payloadType: 'rootfs-image',
        provides: {
          'rootfs-image.version': '9',
          'rootfs-image.app.version': '7',
          'rootfs-image.checksum': expect.stringMatching(/^[0-9a-f]{64}$/),
        },
        files: [{ name: 'rootfs.img', sizeBytes: 8 << 20 }],
      })
      await shop.succeed('dump a.mender --files out')
      copyFileSync(join(device.folder, 'rootfs.ext4'), shop.path('expected'))
      execFileSync('fsck.ext4', ['-a', 'expected'], { cwd: shop.folder })
      expect(shop.bytes('out/rootfs.img').equals(shop.bytes('expected'))).toBe(true)
      expect(leftovers()).toEqual([])
    })
  })

  it('is the same that mender-artifact takes of the same device', async () => {
    // It waits: mender-artifact 3.9 loses what comes in one piece with the line that says that it begins.
    const client = { mender: `if [ "$1" = snapshot ]; then sleep 5; exec cat "$DEVICE/rootfs.ext4"; fi; ${PROVIDES}` }
    await withDevice(client, async (device) => {
      const args = ['-S', '-F', '-S', await device.clientConfiguration()]
      const flags = ['-n', 'release-1', '-t', 'board', '-f', device.url, ...args, '--compression', 'none', '-o', 'theirs.mender']
      shop.tool('mender-artifact', 'write', 'rootfs-image', ...flags)
      await snapshot(device)
      const [theirs, ours] = [await shop.content('theirs.mender'), await shop.content('a.mender')]
      const sumsOf = ({ files }: Record<string, unknown>) => z.array(z.object({ sha256: z.string(), sizeBytes: z.number() })).parse(files)
      expect(sumsOf(ours)).toEqual(sumsOf(theirs))
      expect(ours['provides']).toMatchObject(theirs['provides'] ?? {})
    })
  })

  it('is taken by the client of old, too, into the folder that --tmp names', async () => {
    await withDevice({ mender: `if [ "$1" = snapshot ]; then exec cat "$DEVICE/rootfs.ext4"; fi; ${PROVIDES}` }, async (device) => {
      expect(await snapshot(device, ['--tmp', '/nowhere'])).toMatchObject({ exitCode: 1 })
      expect(await snapshot(device, ['--tmp', '.'])).toMatchObject({ exitCode: 0 })
      expect(await shop.content('a.mender')).toMatchObject({ provides: { 'rootfs-image.app.version': '7' } })
    })
  })

  it('has its journal replayed before it is packed', async () => {
    await withDevice(DUMP, async (device) => {
      // What a mounted file system says of itself: the journal has to be looked at.
      execFileSync('debugfs', ['-w', '-R', 'feature needs_recovery', join(device.folder, 'rootfs.ext4')], { stdio: 'pipe' })
      expect(await snapshot(device)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('clean') })
      await shop.succeed('dump a.mender --files out')
      execFileSync('e2fsck', ['-fn', 'out/rootfs.img'], { cwd: shop.folder, stdio: 'pipe' })
    })
  })

  it('becomes root by sudo: without a password, or with the one that is given', async () => {
    const sudo = (rule: string) =>
      `case "$1" in -n) ${rule};; *) read -r password; [ "$password" = secret ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }; shift 3;; esac; ROOT=1 exec "$@"`
    const id = { ...DUMP, id: '[ -n "$ROOT" ] && echo 0 || echo 1000' }
    await withDevice({ ...id, sudo: sudo('shift') }, async (device) => {
      expect(await snapshot(device)).toMatchObject({ exitCode: 0 })
    })
    await withDevice({ ...id, sudo: sudo('exit 1') }, async (device) => {
      const descriptor = (text: string) => (writeFileSync(shop.path('password'), text), String(openSync(shop.path('password'), 'r')))
      expect(await snapshot(device, ['--sudo-password-fd', descriptor('secret\n')])).toMatchObject({ exitCode: 0 })
      expect(await snapshot(device, ['--sudo-password-fd', descriptor('wrong\n')])).toMatchObject({
        exitCode: 3,
        stderr: expect.stringMatching(/error PERMISSION: .* may not become root/),
      })
    })
  })
})

describe('a snapshot that fails', () => {
  const PARTIAL = 'head -c 3000000 "$DEVICE/rootfs.ext4"'
  it.each<[string, Record<string, string>, RegExp]>([
    ['without Mender on the device', {}, /error TOOL_MISSING: There is no mender-snapshot on .*hint: Install mender-snapshot/s],
    [
      'where nobody may become root',
      { ...DUMP, id: 'echo 1000', sudo: 'echo "x is not in the sudoers file." >&2; exit 1' },
      /error PERMISSION: .*(terminal|root)/,
    ],
    [
      'when mender-snapshot breaks off',
      { 'mender-snapshot': `${PARTIAL}; echo "read error" >&2; exit 3` },
      /error INTERRUPTED: .* ended with 3: read error/,
    ],
    ['when nothing comes', { 'mender-snapshot': 'exit 0' }, /error INTERRUPTED: .* it sent nothing/],
    [
      'when the connection is lost',
      { 'mender-snapshot': `${PARTIAL}; kill -9 $PPID` },
      /error DEVICE_UNREACHABLE: The connection to .* was lost after \d+ bytes/,
    ],
    ['when the file system is damaged', { 'mender-snapshot': PARTIAL }, /error VERIFY_FAILED: fsck.ext4 finds .* damaged/],
  ])('says so and leaves nothing: %s', async (_what, programs, message) => {
    await withDevice(programs, async (device) => {
      const run = await snapshot(device)
      expect(run.stderr).toMatch(message)
      expect(run.exitCode).not.toBe(0)
      expect([existsSync(shop.path('a.mender')), leftovers()]).toEqual([false, []])
    })
  })

  it('says who the device is not: another host key, an unknown one, a login that is refused, nobody there', async () => {
    await withDevice(DUMP, async (device) => {
      await device.trust('other-host')
      expect(await snapshot(device)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/HOST_KEY_CHANGED: .* is not the one.*hint: .*ssh-keygen -R/s),
      })
      await device.trust(null)
      expect((await snapshot(device)).stderr).toMatch(/HOST_KEY_CHANGED: .* is not known here.*hint: Log in by hand/s)
      await device.trust('host')
      const args = device.args('stranger').flatMap((word) => ['-S', word])
      const line = ['write', 'rootfs-image', '-n', 'r', '-t', 'b', ...args, '-o', 'a.mender', '-f']
      const run = (url: string) => runLine([...line, url], { command: artifactCommand, cwd: shop.folder })
      expect((await run(device.url)).stderr).toMatch(/LOGIN_REFUSED: .* refuses the login/)
      expect((await run('ssh://root@127.0.0.1:1')).stderr).toMatch(/DEVICE_UNREACHABLE: .* cannot be reached: .*refused/)
      expect((await run('ssh://root@no-such-device.invalid')).stderr).toMatch(/DEVICE_UNREACHABLE: .* cannot be reached: .*resolve/)
      expect((await run('ssh://-oProxyCommand=reboot')).stderr).toMatch(/BAD_INPUT: "ssh:.*" names no device/)
    })
  })

  it('is not begun when the rest of the line is wrong', async () => {
    await withDevice(DUMP, async (device) => {
      expect(await snapshot(device, ['--compression', 'bzip2'])).toMatchObject({ exitCode: 2 })
      expect(await snapshot(device, ['-k', 'no-such-key'])).toMatchObject({ exitCode: 3 })
      expect(device.log).not.toContain('Accepted')
    })
  })

  it('stops when it is told to, before and while the image comes, and leaves nothing', async () => {
    for (const begin of ['', `echo; cat "$DEVICE/rootfs.ext4";`]) {
      await withDevice({ 'mender-snapshot': `${begin} touch "$DEVICE/asked"; exec sleep 1000` }, async (device) => {
        const abort = new AbortController()
        const run = snapshot(device, [], abort.signal)
        while (!existsSync(join(device.folder, 'asked'))) await new Promise((resolve) => setTimeout(resolve, 20))
        abort.abort()
        expect(await run).toMatchObject({ exitCode: 130 })
        expect([existsSync(shop.path('a.mender')), leftovers()]).toEqual([false, []])
      })
    }
  })
})

describe('a block device', () => {
  it('is packed whole', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root attaches loop devices: no block device was packed')
    execFileSync('mke2fs', ['-q', '-t', 'ext4', shop.path('disk.img'), '3000K'])
    const disk = shop.tool('losetup', '-f', '--show', 'disk.img').trim()
    try {
      await shop.succeed(`write rootfs-image -n r -t b -f ${disk} -o a.mender`)
      await shop.succeed('dump a.mender --files out')
      expect(readFileSync(join(shop.folder, 'out', disk.slice('/dev/'.length))).equals(shop.bytes('disk.img'))).toBe(true)
      expect((await shop.run('write rootfs-image -n r -t b -f /dev/zero -o b.mender')).stderr).toMatch(/is a device/)
    } finally {
      shop.tool('losetup', '-d', disk)
    }
  })
})
