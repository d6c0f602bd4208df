import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeHost } from '../../host.node.ts'
import { BenchLine, kernelNoise } from './bench-line.cases.ts'
import { openSerialLine } from './line.ts'
import { SerialShell } from './shell.ts'

const { signal } = new AbortController()
const { files } = nodeHost()
const login = { user: 'root', askPassword: null }

async function open(line: BenchLine): Promise<SerialShell> {
  return SerialShell.open(await openSerialLine(line.path, 115_200, files), { login, signal })
}

describe.each([
  ['dash', 'dash -i'],
  ['bash', 'bash --norc -i'],
  ['busybox', 'busybox sh'],
])('a shell over a serial line, %s', (_name, program) => {
  it('runs commands with their exit codes and outputs, and takes files over, while the kernel breaks in', async () => {
    await using line = await BenchLine.start({ program, noise: kernelNoise(7) })
    await using shell = await open(line)
    expect(await shell.run('echo out; echo err >&2; exit 3', { signal })).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
    expect(await shell.run('cat; exit 255', { signal, input: Buffer.from('línea\n\u0003$x') })).toEqual({
      ...{ exitCode: 255, stdout: 'línea\n\u0003$x', stderr: '' },
    })
    const long = await shell.run('i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i of many"; done', { signal })
    expect(long.stdout.split('\n').length).toBe(301)
    const content = randomBytes(20_000)
    const path = join(line.folder, "it's here")
    await shell.upload(path, content, signal)
    expect(readFileSync(path).equals(content)).toBe(true)
  })
})

/** Takes its time, and then reads what was typed meanwhile, as a login on a slow board does; it refuses wrong ones slowly, too. */
const SLOW_LOGIN = `sleep 1
while :; do
  printf 'board login: '; read -r name; [ -n "$name" ] || continue
  printf 'Password: '; read -r password
  [ "$name $password" = "root toor" ] && exec dash -i
  sleep 1; echo; echo 'Login incorrect'
done
`

describe('a login that is slow', () => {
  it.each(['toor', 'wrong'])('is waited for: %s', async (password) => {
    const folder = mkdtempSync(join(tmpdir(), 'otabench-login-'))
    writeFileSync(join(folder, 'login'), SLOW_LOGIN)
    await using line = await BenchLine.start({ program: `sh ${join(folder, 'login')}` })
    const asked = { user: 'root', askPassword: () => Promise.resolve(password) }
    const opening = SerialShell.open(await openSerialLine(line.path, 115_200, files), { login: asked, signal })
    if (password === 'wrong') await expect(opening).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
    else {
      await using shell = await opening
      expect(await shell.run('echo in', { signal })).toMatchObject({ stdout: 'in\n' })
    }
    rmSync(folder, { recursive: true })
  })
})

/** Breaks into these words, each time that they are said. */
const intoWords = (chunk: Buffer): Buffer =>
  Buffer.from(
    chunk
      .toString('latin1')
      .replaceAll(/word: |OTB42|incorrect/g, (word) => `${word[0]}[  103.000001] usb 1-1: new device\r\n${word.slice(1)}`),
    'latin1',
  )

it.each(['toor', 'wrong'])('a login goes on while the kernel breaks into each of its words: %s', async (password) => {
  const folder = mkdtempSync(join(tmpdir(), 'otabench-login-'))
  writeFileSync(join(folder, 'login'), SLOW_LOGIN.replaceAll('sleep 1', 'sleep 0'))
  await using line = await BenchLine.start({ program: `sh ${join(folder, 'login')}`, noise: intoWords })
  const login = { user: 'root', askPassword: () => Promise.resolve(password) }
  const opening = SerialShell.open(await openSerialLine(line.path, 115_200, files), { login, signal })
  if (password === 'wrong') await expect(opening).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  else {
    await using shell = await opening
    expect(await shell.run('echo in', { signal })).toMatchObject({ stdout: 'in\n' })
  }
  rmSync(folder, { recursive: true })
})

describe('a serial port', () => {
  it('that is open elsewhere says where; one that is not there says so', async () => {
    await using line = await BenchLine.start({ program: 'dash -i' })
    const holder = spawn('tail', ['-f', line.path], { stdio: 'ignore' })
    const holderEnded = once(holder, 'exit')
    await using _open = await openSerialLine(line.path, 115_200, files)
    await expect(openSerialLine(line.path, 115_200, files)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(/is in use by .*\(\d+\)/),
    })
    holder.kill()
    await holderEnded
    await expect(openSerialLine('/dev/ttyNONE7', 115_200, files)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('that is unplugged is noticed, and a file goes on where it broke off', async () => {
    const content = randomBytes(30_000)
    const folder = mkdtempSync(join(tmpdir(), 'otabench-resume-'))
    const path = join(folder, 'target')
    const sent: number[] = []
    for (const isCut of [true, false]) {
      await using line = await BenchLine.start({ program: 'dash -i', temporary: folder })
      const port = await openSerialLine(line.path, 115_200, files)
      const onProgress = (done: number) => isCut && done > 20_000 && line.unplug()
      await using shell = await SerialShell.open(port, { login, signal, onProgress })
      const uploaded = shell.upload(path, content, signal)
      if (isCut) await expect(uploaded).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE', message: expect.stringContaining('went away') })
      else await uploaded
      // One that was not answered at once is typed again, and counts once.
      sent.push(new Set(Array.from(line.typed.matchAll(/otb_c \w+ (\d+) /g), ([, index]) => index)).size)
    }
    expect(readFileSync(path).equals(content)).toBe(true)
    const [before = 0, after = 0] = sent
    expect(before).toBeGreaterThanOrEqual(14)
    // The 20 pieces, and again the one that was on its way.
    expect([20, 21]).toContain(before + after)
    rmSync(folder, { recursive: true })
  })

  it('whose command is cancelled has a prompt again for the next one', async () => {
    await using line = await BenchLine.start({ program: 'bash --norc -i', noise: kernelNoise(5) })
    await using shell = await open(line)
    const abort = new AbortController()
    const begun = join(line.folder, 'begun')
    const run = shell.run(`echo begun > '${begun}'; sleep 1000`, { signal: abort.signal })
    while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 20))
    abort.abort()
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await shell.run('echo again', { signal })).toMatchObject({ exitCode: 0, stdout: 'again\n' })
    await expect(shell.run('sleep 1000', { signal, timeoutMs: 3000 })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})
