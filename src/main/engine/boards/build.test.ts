import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../lib/free-port.cases.ts'
import { KEPT_PACKAGES, Machine, realParts, sha256, someBoard, someJob } from './boards.cases.ts'
import { runLine } from '../../cli/command.cases.ts'
import { flashCommand } from '../../cli/commands/flash.ts'
import { imageCommand } from '../../cli/commands/image.ts'
import { toAppError } from '../../contract/errors.ts'
import { layoutText } from '../compose/layout-file.ts'
import { loopDevice } from '../drives/loop.cases.ts'
import { BUILD_STEPS, type BuiltCard, bootLoader, buildCard, buildRootfs } from './build.ts'
import { hostKeyLine } from './host-key.ts'
import type { RootfsKind } from './rootfs.ts'

const MIB = 1 << 20
/** Where the partitions of the card lie. */
const place = (start: number, size: number) => ({ start: start * MIB, sizeBytes: size * MIB })
const [BOOT, SLOT_A, SLOT_B, DATA] = [place(4, 16), place(20, 64), place(84, 64), place(148, 48)] as const

let folder: string
let built: BuiltCard
const file = (name: string) => join(folder, name)
const tool = (name: string, ...args: string[]) => execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const clientKey = () => readFileSync(file('client.pub'), 'utf8')
const spec = someBoard({ verifyKeyPem: 'a public key\n' })
const board = () => ({ ...spec, authorizedKeys: [clientKey()] })
const rootfs = (kind: RootfsKind, path = file(`${kind}.ext4`)) =>
  buildRootfs(someJob(), realParts(), { artifactName: 'system-1', kind }, { cacheFolder: KEPT_PACKAGES, path })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otabench-card-'))
  tool('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file('client'))
  built = await buildCard(someJob(), realParts(), board(), { cacheFolder: KEPT_PACKAGES, cardPath: file('card.img') })
})
afterAll(() => rmSync(folder, { recursive: true }))

function part({ start, sizeBytes }: { start: number; sizeBytes: number }): string {
  const path = file('part')
  rmSync(path, { force: true })
  tool('dd', `if=${built.cardPath}`, `of=${path}`, 'bs=1M', `skip=${start / MIB}`, `count=${sizeBytes / MIB}`, 'conv=sparse', 'status=none')
  return path
}

const inside = (image: string, request: string) => tool('/usr/sbin/debugfs', '-R', request, image)

describe('the card of a virtual board', () => {
  it("is started by Debian's own U-Boot, as is any other card", async () => {
    const packaged = readdirSync(KEPT_PACKAGES).find((name) => name.startsWith('u-boot-qemu_')) ?? ''
    const unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -xO ./usr/lib/u-boot/qemu_arm64/u-boot.bin | sha256sum'
    const expected = tool('sh', '-c', unpack, join(KEPT_PACKAGES, packaged)).split(' ')[0]
    expect(await sha256(built.ubootPath)).toBe(expected)
    expect(await bootLoader(someJob(), realParts(), KEPT_PACKAGES)).toBe(built.ubootPath)
  })

  it('holds sound file systems, by fsck, in a sound table, by sfdisk', () => {
    expect(tool('/usr/sbin/sfdisk', '-V', built.cardPath)).toContain('No errors detected.')
    for (const each of [SLOT_A, SLOT_B, DATA]) tool('/usr/sbin/e2fsck', '-f', '-n', part(each))
    tool('/usr/sbin/fsck.vfat', '-n', part(BOOT))
  })

  it('has the root file system of its name in both slots, byte by byte', async () => {
    const expected = await sha256((await rootfs('good')).path)
    expect(await sha256(built.cardPath, SLOT_A)).toBe(expected)
    expect(await sha256(built.cardPath, SLOT_B)).toBe(expected)
  })

  it('is the same bytes from packages that are unpacked anew, in another folder', async () => {
    const cacheFolder = file('another')
    mkdirSync(cacheFolder)
    for (const name of readdirSync(KEPT_PACKAGES).filter((each) => /\.(deb|json)$/.test(each)))
      linkOrCopy(join(KEPT_PACKAGES, name), join(cacheFolder, name))
    const again = await buildCard(someJob(), realParts(), board(), { cacheFolder, cardPath: file('again.img') })
    expect(await sha256(again.cardPath)).toBe(await sha256(built.cardPath))
    rmSync(again.cardPath)
  })

  it('is the one that image compose makes of the same layout, byte by byte', async () => {
    const parts = realParts()
    const written = { exitCode: -1, stderr: '' }
    const composeCard: typeof parts.composeCard = async (job, card) => {
      writeFileSync(join(card.folder, 'card.yaml'), layoutText(card.layout))
      const line = ['compose', join(card.folder, 'card.yaml'), '-o', file('composed.img')]
      Object.assign(written, await runLine(line, { command: imageCommand, cwd: folder }))
      return parts.composeCard(job, card)
    }
    const into = { cacheFolder: KEPT_PACKAGES, cardPath: file('again.img') }
    await buildCard(someJob(), { ...parts, composeCard }, board(), into)
    expect(written).toMatchObject({ exitCode: 0 })
    expect(await sha256(file('composed.img'))).toBe(await sha256(built.cardPath))
  })

  it('is what flashing writes to a loop device, byte by byte, and starts from there', async () => {
    await using device = await loopDevice(built.cardBytes)
    const line = ['card.img', '--to', device.path, '--name', device.path, '--yes']
    expect(await runLine(line, { command: flashCommand, cwd: folder })).toMatchObject({ exitCode: 0 })
    expect(await sha256(device.path)).toBe(await sha256(built.cardPath))
    await using machine = new Machine({ cardPath: device.path, ubootPath: built.ubootPath })
    await machine.sees('tried login: ')
  })

  it.each(BUILD_STEPS)('can be given up at the step "%s", and nothing is left', async (step) => {
    const abort = new AbortController()
    const job = { ...someJob({ signal: abort.signal }), step: (name: string) => name === step && abort.abort() }
    const cardPath = file('given-up/card.img')
    mkdirSync(file('given-up'), { recursive: true })
    const building = buildCard(job, realParts(), board(), { cacheFolder: KEPT_PACKAGES, cardPath })
    expect(await building.then(() => 'built', toAppError)).toMatchObject({ code: 'CANCELLED' })
    expect(readdirSync(file('given-up'))).toEqual([])
  })

  it('leaves nothing else behind', () => {
    expect(readdirSync(folder).filter((name) => name.includes('.parts') || name.endsWith('.new'))).toEqual([])
  })

  it('says in its data partition who it is, and whom it trusts', () => {
    const data = part(DATA)
    expect(inside(data, 'cat /mender/device_type')).toBe('device_type=virt-arm64\n')
    expect(JSON.parse(inside(data, 'cat /mender/mender.conf'))).toEqual({
      ServerURL: 'http://10.0.2.2:8080',
      RootfsPartA: '/dev/vda2',
      RootfsPartB: '/dev/vda3',
      ArtifactVerifyKey: '/data/mender/artifact-verify-key.pem',
      UpdatePollIntervalSeconds: 2,
      InventoryPollIntervalSeconds: 20,
      RetryPollIntervalSeconds: 2,
      UpdateControlMapExpirationTimeSeconds: 90,
      UpdateControlMapBootExpirationTimeSeconds: 45,
      DBus: { Enabled: false },
    })
    expect(inside(data, 'cat /mender/mender-agent.pem')).toBe(spec.deviceKeyPem)
    expect(inside(data, 'stat /mender/mender-agent.pem')).toMatch(/Mode:\s+0600/)
  })

  it('is called as the board is', () => {
    expect(inside(part(SLOT_A), 'stat /etc/hostname')).toContain('Fast link dest: "/data/hostname"')
    expect(inside(part(DATA), 'cat /hostname')).toBe('tried\n')
  })

  it("starts with slot A in the environment that U-Boot's tools read, as its own system names it", () => {
    const onBoard = inside(part(SLOT_A), 'cat /etc/fw_env.config')
    writeFileSync(file('fw_env.config'), onBoard.replace('/dev/vda', built.cardPath))
    const said = tool('fw_printenv', '-c', file('fw_env.config')).trim().split('\n')
    expect(said).toEqual(expect.arrayContaining(['mender_boot_part=2', 'upgrade_available=0', 'bootcount=0', 'bootlimit=1']))
  })
})

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/** The host key, once the SSH server is there: it starts beside the login prompt. */
async function scanned(port: number): Promise<string> {
  for (;;) {
    const { stdout } = spawnSync('ssh-keyscan', ['-p', String(port), '-t', 'ed25519', '127.0.0.1'], { encoding: 'utf8' })
    if (stdout !== '') return stdout
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('in a machine of QEMU', () => {
  it('starts up to the login prompt, is who it should be, and lets in who may', async () => {
    const sshPort = await freePort()
    await using machine = new Machine({ ...built, sshPort })
    await machine.sees('tried login: ')
    expect(machine.said).toContain('Mender: slot 2 is started')
    expect(machine.said).toContain('root /dev/vda2, artifact_name=system-1')
    expect(await scanned(sshPort)).toContain(hostKeyLine(spec.hostKeyPem ?? ''))
    const ssh = ['-F', 'none', '-i', file('client'), '-p', String(sshPort), '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes']
    const run = (command: string) => tool('ssh', ...ssh, '-o', `UserKnownHostsFile=${file('known')}`, 'root@127.0.0.1', command).trim()
    expect(run('/usr/share/mender/identity/mender-device-identity')).toBe('mac=52:54:00:be:ef:01')
    expect(run('sha256sum /dev/vda2').split(' ')[0]).toBe(await sha256(built.cardPath, SLOT_A))
    expect(run('fw_setenv tried yes && fw_printenv -n tried')).toBe('yes')
    expect(run('mender --version')).toContain('3.4.0')
    machine.type('root')
    await machine.sees('Password: ')
    machine.type('board')
    await machine.sees('root@tried:~#')
  })
})

describe('a root file system that fails', () => {
  beforeAll(() => copyFileSync(built.cardPath, file('faulty.img')))
  const machine = () => new Machine({ cardPath: file('faulty.img'), ubootPath: built.ubootPath })

  /** As an update leaves the card before it restarts: in slot B, to be tried. */
  async function update(kind: RootfsKind): Promise<void> {
    const { path } = await rootfs(kind)
    tool('/usr/sbin/e2fsck', '-f', '-n', path)
    tool('dd', `if=${path}`, `of=${file('faulty.img')}`, 'bs=1M', `seek=${SLOT_B.start / MIB}`, 'conv=notrunc', 'status=none')
    writeFileSync(file('faulty.config'), `${file('faulty.img')} 0x100000 0x4000\n`)
    const variables = ['mender_boot_part=3', 'mender_boot_part_hex=3', 'upgrade_available=1', 'bootcount=0']
    for (const each of variables) tool('fw_setenv', '-c', file('faulty.config'), ...each.split('='))
  }

  const variables = () =>
    tool('fw_printenv', '-c', file('faulty.config'), 'mender_boot_part', 'upgrade_available', 'bootcount').split('\n', 3)
  const wentBack = ['mender_boot_part=2', 'upgrade_available=0', 'bootcount=0']

  it('panics when its init ends, and the next start is that of slot A', async () => {
    await update('init-panics')
    await using first = machine()
    await first.sees('board: init ends')
    await first.sees('Kernel panic - not syncing: Attempted to kill init!')
    await first.ends()
    await using second = machine()
    await second.sees('Mender: the update did not start, going back')
    await second.sees('Mender: slot 2 is started')
    expect(variables()).toEqual(wentBack)
  })

  it('is left in the same start when it has no kernel', async () => {
    await update('no-kernel')
    await using only = machine()
    await only.sees('Mender: slot 3 does not boot')
    await only.sees('Mender: slot 2 is started')
    expect(variables()).toEqual(wentBack)
  })

  it('says nothing more when its init hangs, and is left once the power was cut', async () => {
    await update('init-hangs')
    await using first = machine()
    await first.sees('board: init hangs')
    await first[Symbol.asyncDispose]()
    await using second = machine()
    await second.sees('Mender: the update did not start, going back')
    await second.sees('Mender: slot 2 is started')
    expect(variables()).toEqual(wentBack)
  })

  it('does not want to be committed, by a state script', async () => {
    const { path, scripts } = await rootfs('commit-fails')
    expect(await sha256(path)).toBe(await sha256((await rootfs('good')).path))
    expect(scripts).toEqual([`${path}.scripts/ArtifactCommit_Enter_10_refuse`])
    expect(() => tool(scripts[0] ?? '')).toThrow('this version does not want to stay')
  })
})
