import { execFileSync } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { provisionCommand } from '../../cli/commands/provision.ts'
import { serialCommand } from '../../cli/commands/serial.ts'
import { now, until } from '../../cli/live.ts'
import { BOARD_PASSWORD, boardPort, triedImage } from '../../contract/boards.ts'
import { toAppError } from '../../contract/errors.ts'
import { KEPT_PACKAGES, realParts, someBoard, someJob } from '../boards/boards.cases.ts'
import { buildCard } from '../boards/build.ts'
import { HOST_OF_BOARDS } from '../lib/qemu-network.ts'
import { BoardBench } from './board-bench.cases.ts'

const NAME = 'stranger'
/** Nobody listens there. */
const OTHER_SERVER = `http://${HOST_OF_BOARDS}:9`
let bench: BoardBench
let sshPort: number
const at = (name: string) => join(bench.bench.folder, name)

// A busy machine takes its time: no test here may fail because of that.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

/** The card of another bench, started here. */
beforeAll(async () => {
  bench = await BoardBench.open()
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('user')])
  const spec = someBoard({ serverUrl: OTHER_SERVER, authorizedKeys: [readFileSync(at('user.pub'), 'utf8')] })
  await buildCard(someJob(), realParts(), spec, { cacheFolder: KEPT_PACKAGES, cardPath: at('card.img') })
  await bench.done(await bench.client.boards.tryImage(triedImage.parse({ name: NAME, image: at('card.img') })))
  sshPort = (await bench.board(NAME, ({ state }) => state === 'up')).ssh.port
  // Its SSH server starts beside the login prompt.
  while (!isAnswering()) await sleep(500)
})
afterAll(() => bench[Symbol.asyncDispose]())

/** Runs a command on the board as root. */
function run(command: string): string {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', `UserKnownHostsFile=${at('known')}`, 'LogLevel=ERROR']
  const words = ['-F', 'none', '-i', at('user'), '-p', String(sshPort), ...options.flatMap((each) => ['-o', each]), 'root@127.0.0.1']
  return execFileSync('ssh', [...words, command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function isAnswering(): boolean {
  try {
    return run('true') === ''
  } catch {
    return false
  }
}

/** All that the board has to itself, but for what its client writes as it runs. */
function state(): string {
  const own = "find /data ! -name 'mender-store*' ! -name daemon.log"
  return run(`${own} -exec stat -c '%n %F %a %u' {} + | sort; ${own} -type f -exec sha256sum {} + | sort; ls -a /tmp /run /var/lib`)
}

async function recipe(name: string, more: string): Promise<string> {
  const { https, caFile } = await now(bench.client.server.status())
  const text = `version: 1
deviceType: virt-arm64
identity:
  mac: {interface: auto}
  serial: {series: ${name}, pattern: "B-{00}", whenFailed: give-again}
key: rsa-2048
server: {url: "${https?.replace('127.0.0.1', HOST_OF_BOARDS)}", ca: "${caFile}"}
menderConf: {UpdatePollIntervalSeconds: 1, RetryPollIntervalSeconds: 1, InventoryPollIntervalSeconds: 5}
services: {enable: [mender-client]}
${more}`
  writeFileSync(at(`${name}.yaml`), text)
  return at(`${name}.yaml`)
}

const ended = async (jobId: string) => {
  const all = await until(bench.client.jobs.list(), (jobs) => jobs.some(({ id, state: now }) => id === jobId && now !== 'running'))
  return all.find(({ id }) => id === jobId)
}

const good = () =>
  recipe('good', `files: [{to: /data/app/app.conf, text: "port = 1\\n"}]\nchecks: [{run: pidof mender, withinSeconds: 30}]`)
const line = (...words: string[]) =>
  runLine(['--json', ...words], { command: provisionCommand, client: bench.client, cwd: bench.bench.folder, globals: { data: at('cli') } })

describe('a board with a read-only root file system that belongs to another bench', () => {
  it('is left as it was when a check fails in the end, over the console that somebody looks at', async () => {
    const before = state()
    const { boards, consoles, devices, provision } = bench.client
    await consoles.openBoard({ name: NAME })
    const request = { recipe: await recipe('bad', 'files: [{to: /data/app/a/b.conf, text: "1"}]\nchecks: [{run: "false"}]') }
    const { jobId } = await provision.serial({ ...request, path: boardPort(NAME), password: BOARD_PASSWORD, isPreauthorized: true })
    const typing = async () => toAppError(await boards.type({ name: NAME, data: '' }).catch((thrown: unknown) => thrown)).code
    await expect.poll(typing, { timeout: 600_000 }).toBe('CONFLICT')
    expect(await ended(jobId)).toMatchObject({
      state: 'failed',
      failure: { code: 'INTERRUPTED', hint: expect.stringMatching(/Undone: .*files.*services start anew.*the preauthorization/) },
    })
    expect(state()).toBe(before)
    expect(await now(devices.list())).toEqual([])
    expect(await until(provision.numbers(), (all) => all.length > 0)).toMatchObject([{ value: 'B-01', state: 'free' }])
  })

  it('becomes a device of this bench over its terminal, and its real client sends its inventory', async () => {
    writeFileSync(at('password'), `${BOARD_PASSWORD}\n`)
    const flags = ['--recipe', await good(), '--preauthorize', '--password-fd', String(openSync(at('password'), 'r'))]
    const { exitCode, stderr, json } = await line('serial', boardPort(NAME), ...flags)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(json).toMatchObject([{ identity: { serial: 'B-01' }, changed: expect.arrayContaining(['wrote /data/app/app.conf']) }])
    const device = await bench.device(NAME, ({ artifactName }) => artifactName !== null)
    expect(device).toMatchObject({ status: 'accepted', artifactName: 'system-1', identity: { serial: 'B-01' } })
    expect((await bench.board(NAME, ({ claimed }) => claimed !== null)).claimed).toMatchObject({ deviceId: device.id })
    expect(run('cat /data/app/app.conf; readlink -f /usr/share/mender/identity/mender-device-identity')).toBe(
      'port = 1\n/data/mender/mender-device-identity\n',
    )
    const conf = JSON.parse(run('cat /data/mender/mender.conf'))
    expect(conf).toMatchObject({ ServerCertificate: '/var/lib/mender/server.crt', RootfsPartA: '/dev/vda2', UpdatePollIntervalSeconds: 1 })
  })

  it('is as it should be when the same recipe comes over SSH', async () => {
    const hops = [{ host: '127.0.0.1', port: sshPort, user: 'root', keys: [{ path: at('user') }] }]
    const { jobId } = await bench.client.provision.ssh({ recipe: await good(), hops, isPreauthorized: true })
    expect(await ended(jobId)).toMatchObject({ state: 'done', failure: null })
    const outcome = await until(bench.client.provision.outcome({ jobId }), (value) => value !== null)
    expect(outcome).toMatchObject({ changed: [], identity: { serial: 'B-01' }, deviceId: (await bench.device(NAME)).id })
  })

  it('says what has no place on it, is left as it was, and goes on asking for updates', async () => {
    const before = state()
    const path = await recipe('bad', 'files: [{to: /data/app/app.conf, text: "port = 2\\n"}, {to: /etc/app.conf, text: "1"}]')
    const { exitCode, stderr } = await line('ssh', boardPort(NAME), '--recipe', path, '-i', at('user'), '--preauthorize')
    expect(stderr).toMatch(/error PERMISSION: Cannot write \/etc\/app.conf on root@.*Read-only file system[^]*Undone: /)
    expect(exitCode).toBe(3)
    expect(state()).toBe(before)
    const { lastSeenAt } = await bench.device(NAME)
    await bench.device(NAME, (device) => (device.lastSeenAt ?? 0) > (lastSeenAt ?? 0))
  })

  it('takes an update of its root file system, and is the same device after it', async () => {
    const { id } = await bench.device(NAME)
    await bench.makeUpdate('system-2', 'good')
    const { status, entries } = await bench.ended(NAME, await bench.order(NAME, 'system-2'))
    expect([status, new Set(entries.map(({ lane }) => lane))]).toEqual(['success', new Set(['boot', 'http', 'serial', 'state'])])
    expect(await bench.device(NAME, ({ artifactName }) => artifactName === 'system-2')).toMatchObject({ id, identity: { serial: 'B-01' } })
  })

  it('is stopped at its boot loader, which tells its variables, and starts again', async () => {
    const { boards } = bench.client
    const { exitCode, stdout } = await runLine(['uboot', boardPort(NAME), '--wait', '600'], {
      ...{ command: serialCommand, client: bench.client, cwd: bench.bench.folder, globals: { data: at('cli') } },
      onNote: () => void boards.power({ name: NAME, action: 'reset' }),
    })
    expect([exitCode, stdout.split('\n')]).toEqual([0, expect.arrayContaining(['board=qemu-arm', 'bootcmd=run distro_bootcmd'])])
    await boards.type({ name: NAME, data: Buffer.from('boot\r').toString('base64') })
    await bench.board(NAME, ({ state: now }) => now === 'up')
  })
})
