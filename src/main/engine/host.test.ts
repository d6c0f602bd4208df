import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { describeHost } from './host.cases.ts'
import { fakeHost } from './host.fake.ts'
import { nodeHost } from './host.node.ts'

describeHost('the real machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-host-'))
  return { host: nodeHost(), folder, pass: () => undefined, dispose: () => rm(folder, { recursive: true }) }
})

describe('the files of the real machine', () => {
  it('are no pipes, which are refused at once, and no links in a circle', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-host-'))
    const { files, programs } = nodeHost()
    const [pipe, circle] = [join(folder, 'pipe'), join(folder, 'circle')]
    await programs.run('mkfifo', [pipe])
    await files.makeLink(circle, circle)
    for (const mode of ['read', 'edit'] as const)
      await expect(files.open(pipe, mode)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('it is a pipe') })
    await expect(files.open(circle, 'read')).rejects.toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('circle') })
    await expect(files.stat(circle)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await rm(folder, { recursive: true })
  })
})

it('programs speak English on the real machine, whatever its language is', async () => {
  const { programs } = nodeHost()
  const words = ['-c', 'echo "$LC_ALL"'] as const
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
  try {
    expect((await programs.run('sh', words)).stdout).toBe('C.UTF-8\n')
    const program = programs.start('sh', words)
    program.endInput()
    expect((await Array.fromAsync(program.output, (chunk) => Buffer.from(chunk).toString())).join('')).toBe('C.UTF-8\n')
  } finally {
    vi.unstubAllEnvs()
  }
})

describe('a program between two files', () => {
  it('ends with the program that started it, also when that is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-host-'))
    const [from, to] = [join(folder, 'from'), join(folder, 'to')]
    for (const path of [from, to]) writeFileSync(path, '')
    const child = spawn(process.execPath, [join(import.meta.dirname, 'start-through.child.ts'), from, to], { stdio: 'inherit' })
    await expect.poll(() => readFileSync(to, 'utf8')).toMatch(/^\d+\n$/)
    const processId = readFileSync(to, 'utf8').trim()
    expect(commandOf(processId)).toContain('sleep')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => commandOf(processId)).toBe('')
    await rm(folder, { recursive: true })
  })
})

/** What a process runs; nothing where it has ended. */
function commandOf(processId: string): string {
  const file = `/proc/${processId}/cmdline`
  return existsSync(file) ? readFileSync(file, 'latin1') : ''
}

describeHost('the simulated machine', async () => {
  const host = fakeHost({
    sh: (_, input, [socket]) => {
      socket?.pipe(socket)
      return { exitCode: 3, stdout: input || 'out\n', stderr: 'err\n' }
    },
  })
  await host.files.makeFolder('/data')
  return { host, folder: '/data', pass: (ms) => host.clock.advance(ms), dispose: async () => undefined }
})

describe('the simulated disk', () => {
  it('is full at its capacity, and has room again when something is removed', async () => {
    const { files } = fakeHost()
    files.roomBytes = 10
    await using file = await files.open('/a', 'create')
    await file.write(new Uint8Array(8), 0)
    await expect(file.write(new Uint8Array(8), 8)).rejects.toMatchObject({ code: 'DISK_FULL' })
    await files.remove('/a')
    await using next = await files.open('/b', 'create')
    await next.write(new Uint8Array(8), 0)
  })
})
