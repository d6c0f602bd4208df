import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type Socket, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DebianBoard, menderPackage } from '../../engine/provision/debian-board.cases.ts'
import { PROVISION_STEPS } from '../../engine/provision/plan.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import { provisionCommand } from './provision.ts'

/** Needs root: a board is this machine's own root file system in namespaces of its own. */
const isRoot = process.getuid?.() === 0

let folder: string
let count = 0
const at = (name: string) => join(folder, name)

function write(name: string, text: string): string {
  writeFileSync(at(name), text)
  return at(name)
}

function descriptor(text: string): string {
  return String(openSync(write(`secret-${count++}`, `${text}\n`), 'r'))
}

const RECIPE = (more = '') => `
version: 1
deviceType: board
identity:
  mac: {interface: auto}
  serial: {series: lab, pattern: "LAB-{000}"}
key: p256
server: {url: "http://127.0.0.1:9"}
menderConf: {DBus: {Enabled: false}, TenantToken: {secret: "env:TENANT"}}
client: {packages: [mender.deb]}
files:
  - {to: /opt/app/app.conf, text: "port = 8080\\n", mode: "0640", owner: "root:pi"}
  - {to: /opt/app/psk, secret: "file:psk", mode: "0600"}
services: {enable: [mender-client]}
checks:
  - {run: systemctl is-active mender-client, expect: active, withinSeconds: 20}
${more}`

function provision(
  board: DebianBoard,
  flags: readonly string[] = [],
  setting: { data?: string; signal?: AbortSignal } = {},
): Promise<CommandRun> {
  const words = ['--json', 'ssh', board.place, '--recipe', at('recipe.yaml'), '-i', join(board.folder, 'user'), ...flags]
  return runLine(words, {
    ...{ command: provisionCommand, cwd: folder, environment: { TENANT: 'tenant-1' } },
    globals: { data: setting.data ?? at('data') },
    ...(setting.signal === undefined ? {} : { signal: setting.signal }),
  })
}

const withSudo = () => ['--sudo-password-fd', descriptor('raspberry')]

beforeAll(() => {
  if (!isRoot) return
  folder = mkdtempSync(join(tmpdir(), 'otabench-provision-'))
  mkdirSync(at('data'))
  write('psk', 'secret of the network')
  renameSync(menderPackage(folder), at('mender.deb'))
})
afterAll(() => {
  if (isRoot) rmSync(folder, { recursive: true })
})

/** Whatever is between us and the board: it cuts the line when told to. */
async function cable(board: DebianBoard): Promise<{ place: string; cut(): void } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    const far = connect(board.port, '127.0.0.1')
    for (const one of [socket, far]) sockets.add(one.on('error', () => undefined))
    if (isCut) return void socket.destroy()
    socket.pipe(far).on('close', () => socket.destroy())
    far.pipe(socket).on('close', () => far.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const cut = (): void => {
    isCut = true
    drop()
  }
  const stop = async (): Promise<void> => {
    drop()
    server.close()
    await once(server, 'close')
  }
  return { place: `pi@127.0.0.1:${port}`, cut, [Symbol.asyncDispose]: stop }
}

const onlyRoot = (work: () => Promise<void>) => async () => {
  if (!isRoot) return console.log('Only root makes boards in namespaces: nothing was provisioned')
  await work()
}

describe('otabench provision ssh', () => {
  it(
    'makes a Debian without Mender a device, and changes nothing the second time',
    onlyRoot(async () => {
      write('recipe.yaml', RECIPE())
      await using board = await DebianBoard.start()
      const first = await provision(board, withSudo())
      expect(first).toMatchObject({ exitCode: 0, stderr: '', json: [{ unchanged: [], identity: { serial: 'LAB-001' } }] })
      expect(board.run('cat /opt/app/psk; stat -c "%a %U:%G" /opt/app/app.conf /data/mender/mender-agent.pem')).toBe(
        'secret of the network640 root:pi\n600 root:root\n',
      )
      expect(JSON.parse(board.run('cat /var/lib/mender/mender.conf'))).toEqual({
        ...{ ServerURL: 'http://127.0.0.1:9', DBus: { Enabled: false }, TenantToken: 'tenant-1' },
      })
      expect(board.run('openssl pkey -in /data/mender/mender-agent.pem -noout -text')).toContain('prime256v1')
      const before = board.state()
      const again = await provision(board, withSudo())
      expect(again).toMatchObject({ exitCode: 0, json: [{ changed: [], identity: { serial: 'LAB-001' } }] })
      expect(board.state()).toBe(before)
      write('recipe.yaml', RECIPE().replace('8080', '9090'))
      expect(await provision(board, withSudo())).toMatchObject({
        json: [{ changed: ['wrote /opt/app/app.conf', 'started anew mender-client'] }],
      })
    }),
  )

  it(
    "takes the client from the board's own apt, sudo without a password, and the plain shell where there is no SFTP",
    onlyRoot(async () => {
      write('recipe.yaml', RECIPE().replace('client: {packages: [mender.deb]}', ''))
      const shelf = String.raw`mkdir /shelf; cp /run/mender.deb /shelf/mender.deb; cd /shelf
rm -f /etc/apt/sources.list.d/*; echo 'deb [trusted=yes] file:/shelf ./' > /etc/apt/sources.list
{ dpkg-deb -f mender.deb; echo 'Filename: ./mender.deb'; echo "Size: $(stat -c %s mender.deb)"; echo "SHA256: $(sha256sum < mender.deb | cut -d ' ' -f 1)"; } > Packages`
      await using board = await DebianBoard.start({ sudo: 'free', hasSftp: false, bring: [at('mender.deb')], prepare: shelf })
      const { exitCode, json, stderr } = await provision(board)
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(json).toMatchObject([{ changed: expect.arrayContaining([expect.stringMatching(/^installed mender-client 3/)]) }])
    }),
  )

  it(
    'logs in by password, by an agent, and through a jump host',
    onlyRoot(async () => {
      write('recipe.yaml', 'version: 1\nfiles: [{to: /opt/hello, text: hello}]\n')
      await using board = await DebianBoard.start()
      const run = (flags: readonly string[], environment: Record<string, string> = {}) =>
        runLine(['--json', 'ssh', board.place, '--recipe', at('recipe.yaml'), ...flags], {
          ...{ command: provisionCommand, cwd: folder, environment, globals: { data: at('data') } },
        })
      // sudo takes the password of the login
      expect(await run(['--password-fd', descriptor('raspberry')])).toMatchObject({
        exitCode: 0,
        json: [{ changed: ['wrote /opt/hello'] }],
      })
      expect(await run(['--password-fd', descriptor('wrong')])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/error LOGIN_REFUSED: pi@\S+ refuses the login/),
      })
      expect(await run(['-i', join(board.folder, 'other'), '--password-fd', descriptor('wrong')])).toMatchObject({ exitCode: 1 })
      const wrongSudo = await run(['-i', join(board.folder, 'user'), '--sudo-password-fd', descriptor('wrong')])
      expect(wrongSudo).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/error PERMISSION: .* may not become root/) })
      const agent = execFileSync('ssh-agent', ['-a', join(board.folder, 'agent')], { encoding: 'utf8' })
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1])
      try {
        const env = { SSH_AUTH_SOCK: join(board.folder, 'agent') }
        execFileSync('ssh-add', ['-q', join(board.folder, 'user')], { env: { ...process.env, ...env }, stdio: 'pipe' })
        expect(await run(withSudo(), env)).toMatchObject({ exitCode: 0, json: [{ changed: [] }] })
        expect(await run([...withSudo(), '--jump', board.place], env)).toMatchObject({ exitCode: 0 })
      } finally {
        process.kill(pid)
      }
      execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open', '-f', join(board.folder, 'user')])
      const locked = ['-i', join(board.folder, 'user'), '--passphrase-fd']
      expect(await run([...locked, descriptor('open'), ...withSudo()])).toMatchObject({ exitCode: 0 })
      expect(await run([...locked, descriptor('wrong'), ...withSudo()])).toMatchObject({ exitCode: 1 })
    }),
  )

  it(
    'pins the host key at first sight, and refuses another one until it is said to be right',
    onlyRoot(async () => {
      write('recipe.yaml', 'version: 1\nfiles: [{to: /opt/hello, text: hello}]\n')
      await using board = await DebianBoard.start({ sudo: 'free' })
      expect(await provision(board)).toMatchObject({ exitCode: 0 })
      const prints = ['host', 'other'].map(
        (name) => execFileSync('ssh-keygen', ['-lf', join(board.folder, name)], { encoding: 'utf8' }).split(' ')[1] ?? '',
      )
      await board.changeHostKey()
      const refused = await provision(board)
      expect(refused.exitCode).toBe(1)
      expect(refused.stderr).toMatch(/error HOST_KEY_CHANGED: /)
      for (const print of prints) expect(refused.stderr).toContain(print)
      expect(await provision(board, ['--host-key', 'SHA256:nonsense'])).toMatchObject({ exitCode: 1 })
      expect(await provision(board, ['--host-key', prints[1] ?? ''])).toMatchObject({ exitCode: 0 })
      expect(await provision(board)).toMatchObject({ exitCode: 0 })
      const hosts = (...words: string[]) =>
        runLine(['hosts', ...words], { command: provisionCommand, cwd: folder, globals: { data: at('data') } })
      expect((await hosts('list')).stdout).toContain(prints[1])
      expect(await hosts('forget', `[127.0.0.1]:${board.port}`)).toMatchObject({ exitCode: 0 })
      expect(await hosts('forget', 'nobody')).toMatchObject({ exitCode: 3 })
    }),
  )
})

describe('a step that fails', () => {
  it.each([
    ['a command', 'commands: [{run: "touch /opt/ran", undo: "rm /opt/ran"}, {run: "echo no >&2; exit 3"}]', / failed: no/],
    ['what a command says', 'commands: [{run: "echo blue", expect: green}]', /said "blue", and must say "green"/],
    ['a check', 'checks: [{run: "test -e /nowhere"}]', /The check "test -e \/nowhere"/],
    ['a service that is not there', 'services: {enable: [no-such]}', /Unit file no-such.service does not exist/],
  ])('leaves the board as it was: %s', async (_what, part, message) => {
    if (!isRoot) return console.log('Only root makes boards in namespaces: nothing was provisioned')
    const whole = RECIPE()
    const name = /^\w+/.exec(part)?.[0] ?? ''
    write('recipe.yaml', `${whole.replace(new RegExp(`^${name}:.*\n(?: .*\n)*`, 'm'), '')}${part}\n`)
    await using board = await DebianBoard.start({ sudo: 'free', prepare: 'mkdir -p /opt/app; echo mine > /opt/app/app.conf' })
    const before = board.state()
    const data = at(`data-${name}-${count++}`)
    const { exitCode, stderr } = await provision(board, [], { data })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/Undone: .*files.*installed packages/)
    expect(exitCode).not.toBe(0)
    expect(board.state()).toBe(before)
    expect(await runLine(['numbers'], { command: provisionCommand, cwd: folder, globals: { data } })).toMatchObject({
      stdout: expect.stringMatching(/LAB-001 +void/),
    })
  })

  it(
    'says what could not be undone, and that a disk is full',
    onlyRoot(async () => {
      await using board = await DebianBoard.start({ sudo: 'free', full: ['/opt/full'] })
      write('recipe.yaml', 'version: 1\ncommands: [{run: "true"}, {run: "false"}]\n')
      expect((await provision(board)).stderr).toMatch(/Not undone: the command "false", the command "true"/)
      write('big', 'x'.repeat(100_000))
      write('recipe.yaml', 'version: 1\nfiles: [{to: /opt/first, text: a}, {to: /opt/full/big, from: big}]\n')
      const before = board.state()
      expect(await provision(board)).toMatchObject({
        exitCode: 3,
        stderr: expect.stringMatching(/error DISK_FULL: Cannot write \/opt\/full\/big on .*: No space left/),
      })
      expect(board.state()).toBe(before)
    }),
  )

  it(
    'is taken up by the next run when the line was cut, whenever that was',
    onlyRoot(async () => {
      write('recipe.yaml', RECIPE('commands: [{run: "touch /opt/ran", unless: "test -e /opt/ran"}]'))
      await using board = await DebianBoard.start({ sudo: 'free' })
      for (const step of PROVISION_STEPS.filter((name) => name !== 'Preauthorize')) {
        await using line = await cable(board)
        const words = ['ssh', line.place, '--recipe', at('recipe.yaml'), '-i', join(board.folder, 'user')]
        const run = runLine(words, {
          ...{ command: provisionCommand, cwd: folder, environment: { TENANT: 'tenant-1' }, globals: { data: at('data') } },
          onNote: (text) => text === `${step}\n` && line.cut(),
        })
        const { exitCode, stderr } = await run
        expect({ step, exitCode, isNamed: /error DEVICE_UNREACHABLE/.test(stderr) }).toEqual({ step, exitCode: 1, isNamed: true })
      }
      const last = await provision(board)
      expect(last).toMatchObject({ exitCode: 0, stderr: '' })
      expect(board.run('ls /var/lib/otabench-undo 2>/dev/null || echo none')).toBe('none\n')
      expect(await provision(board)).toMatchObject({ json: [{ changed: [] }] })
    }),
  )

  it(
    'is undone when it was cancelled, whenever that was',
    onlyRoot(async () => {
      write('recipe.yaml', RECIPE('commands: [{run: "sleep 1", undo: "true"}]'))
      await using board = await DebianBoard.start({ sudo: 'free' })
      const before = board.state()
      for (const step of PROVISION_STEPS.filter((name) => name !== 'Preauthorize')) {
        const abort = new AbortController()
        const words = ['ssh', board.place, '--recipe', at('recipe.yaml'), '-i', join(board.folder, 'user')]
        const run = await runLine(words, {
          ...{ command: provisionCommand, cwd: folder, environment: { TENANT: 'tenant-1' }, globals: { data: at('data') } },
          signal: abort.signal,
          onNote: (text) => text === `${step}\n` && abort.abort(),
        })
        expect({ step, exitCode: run.exitCode }).toEqual({ step, exitCode: 130 })
        expect({ step, state: board.state() }).toEqual({ step, state: before })
      }
    }),
  )
})

describe('a recipe', () => {
  it('is shown as steps before it runs, and names what it lacks before a board is asked', async () => {
    const place = mkdtempSync(join(tmpdir(), 'otabench-recipe-'))
    const run = (text: string, ...flags: string[]) => {
      writeFileSync(join(place, 'r.yaml'), text)
      const words = ['ssh', 'pi@127.0.0.1:1', '--recipe', 'r.yaml', ...flags]
      return runLine(words, { command: provisionCommand, cwd: place })
    }
    const shown = await run('version: 1\ndeviceType: board\ncommands: [{run: reboot, unless: "true"}]\n', '--dry-run')
    expect(shown).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/Configuration\n {2}device type board\nCommands\n {2}# reboot, unless true/),
    })
    expect((await run('version: 1\nfiles: [{to: /a, from: none}]\n')).stderr).toMatch(/NOT_FOUND: There is no file .*none/)
    expect((await run('version: 1\nfiles: [{to: /a, secret: "env:NOT_SET"}]\n')).stderr).toMatch(/KEY_MISSING: .*env:NOT_SET/)
    expect((await run('version: 1\nfiles: [{to: /a, secret: "key:none"}]\n')).stderr).toMatch(/KEY_MISSING: There is no key "none"/)
    expect((await run('version: 1\nkey: {secret: "file:r.yaml"}\n')).stderr).toMatch(/BAD_INPUT: file:r.yaml holds no private key/)
    expect((await run('version: 1\nclient: {packages: [r.yaml]}\n')).stderr).toMatch(/BAD_INPUT: r.yaml is no Debian package/)
    expect((await run('version: 1\n')).stderr).toMatch(/DEVICE_UNREACHABLE: pi@\S+ cannot be reached: .*ECONNREFUSED/)
    expect((await run('version: 1\n', '--preauthorize')).stderr).toMatch(/BAD_INPUT: A device is preauthorized by its identity and key/)
    rmSync(place, { recursive: true })
  })
})
