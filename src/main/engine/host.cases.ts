import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from './host.ts'

/** A host to test, a folder on it that exists and is empty, and how to let time pass there. */
export interface HostUnderTest {
  host: Host
  folder: string
  pass(ms: number): void
  dispose(): Promise<void>
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (value: string) => new TextEncoder().encode(value)

/** The suite that the real and the simulated machine both pass: it is what keeps the simulation honest. */
export function describeHost(name: string, make: () => Promise<HostUnderTest>): void {
  describe(name, () => {
    let under: HostUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.dispose())

    describeFiles(() => under)
    describeTimeAndPrograms(() => under)
  })
}

function describeFiles(under: () => HostUnderTest): void {
  it('reads back what was written, at any position', async () => {
    const { host, folder } = under()
    await using file = await host.files.open(`${folder}/a`, 'create')
    await file.write(bytes('world'), 6)
    await file.write(bytes('hello '), 0)
    await file.sync()
    const into = new Uint8Array(20)
    expect(await file.read(into, 0)).toBe(11)
    expect(text(into.subarray(0, 11))).toBe('hello world')
    expect(await file.read(into, 11)).toBe(0)
    expect(await file.sizeBytes()).toBe(11)
  })

  it('reads zeros where a hole was left or the file was grown', async () => {
    const { host, folder } = under()
    await using file = await host.files.open(`${folder}/a`, 'edit')
    await file.write(bytes('abcdef'), 0)
    await file.truncate(2)
    await file.truncate(4)
    const into = new Uint8Array(4)
    expect(await file.read(into, 0)).toBe(4)
    expect([...into]).toEqual([97, 98, 0, 0])
  })

  it('refuses to open what is not there, to create what is, and to open a folder', async () => {
    const { files } = under().host
    const { folder } = under()
    await expect(files.open(`${folder}/none`, 'read')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(files.open(`${folder}/no/such/folder`, 'create')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await (await files.open(`${folder}/a`, 'create'))[Symbol.asyncDispose]()
    await expect(files.open(`${folder}/a`, 'create')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(files.open(folder, 'read')).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('replaces the target when it renames', async () => {
    const { files } = under().host
    const { folder } = under()
    for (const name of ['old', 'new']) {
      await using file = await files.open(`${folder}/${name}`, 'create')
      await file.write(bytes(name), 0)
    }
    await files.rename(`${folder}/new`, `${folder}/old`)
    expect(await files.list(folder)).toEqual(['old'])
    await using file = await files.open(`${folder}/old`, 'read')
    const into = new Uint8Array(3)
    await file.read(into, 0)
    expect(text(into)).toBe('new')
    await expect(files.rename(`${folder}/none`, `${folder}/x`)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('makes, lists and removes folders with all they hold', async () => {
    const { files } = under().host
    const { folder } = under()
    await files.makeFolder(`${folder}/b/c`)
    await files.makeFolder(`${folder}/b/c`)
    await (await files.open(`${folder}/b/x`, 'create'))[Symbol.asyncDispose]()
    expect(await files.list(`${folder}/b`)).toEqual(['c', 'x'])
    expect(await files.stat(`${folder}/b/c`)).toMatchObject({ kind: 'folder' })
    await files.remove(`${folder}/b`)
    await files.remove(`${folder}/b`)
    expect(await files.stat(`${folder}/b/x`)).toBeNull()
    await expect(files.list(`${folder}/b`)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('knows size and mode of a file', async () => {
    const { files } = under().host
    const path = `${under().folder}/a`
    await using file = await files.open(path, 'create')
    await file.write(bytes('abc'), 0)
    await files.setMode(path, 0o600)
    expect(await files.stat(path)).toMatchObject({ kind: 'file', sizeBytes: 3, mode: 0o600 })
    await using secret = await files.open(`${under().folder}/secret`, 'create', 0o600)
    expect(await files.stat(secret.path)).toMatchObject({ sizeBytes: 0, mode: 0o600 })
    expect(await files.statName(path)).toMatchObject({ kind: 'file', sizeBytes: 3, mode: 0o600, target: '', sharedId: null })
    expect(await files.statName(under().folder)).toMatchObject({ kind: 'folder' })
    expect(await files.statName(`${under().folder}/none`)).toBeNull()
  })

  it('knows one file by all its names, and two files apart', async () => {
    const { files } = under().host
    const { folder } = under()
    const idOf = async (name: string) => (await files.stat(`${folder}/${name}`))?.fileId
    for (const name of ['a', 'b']) await (await files.open(`${folder}/${name}`, 'create'))[Symbol.asyncDispose]()
    await files.makeLink(`${folder}/link`, `${folder}/a`)
    const first = await idOf('a')
    expect([await idOf('link'), await idOf('b')]).toEqual([first, expect.not.stringMatching(`^${first}$`)])
    await files.rename(`${folder}/a`, `${folder}/moved`)
    expect([await idOf('moved'), await idOf('a')]).toEqual([first, undefined])
    await files.remove(`${folder}/link`)
  })

  it('makes links, also to nothing, and replaces no file by one', async () => {
    const { files } = under().host
    const path = `${under().folder}/link`
    await files.makeLink(path, 'no/such/file')
    expect(await files.statName(path)).toMatchObject({ kind: 'link', target: 'no/such/file' })
    expect(await files.stat(path)).toBeNull()
    await expect(files.makeLink(path, 'other')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(files.makeLink(`${under().folder}/no/link`, 'other')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await files.remove(path)
    expect(await files.list(under().folder)).toEqual([])
  })
}

function describeTimeAndPrograms(under: () => HostUnderTest): void {
  it('sleeps until the time has passed', async () => {
    const { clock } = under().host
    const before = clock.now()
    const sleeping = clock.sleep(20)
    under().pass(20)
    await sleeping
    expect(clock.now() - before).toBeGreaterThanOrEqual(19)
  })

  it('stops sleeping with CANCELLED when the signal aborts', async () => {
    const abort = new AbortController()
    const sleeping = under().host.clock.sleep(1_000_000, abort.signal)
    abort.abort()
    await expect(sleeping).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(under().host.clock.sleep(1, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('runs a program and gives its exit code and output', async () => {
    const { programs } = under().host
    expect(await programs.run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
    await expect(programs.run('no-such-program-here', [])).rejects.toMatchObject({ code: 'TOOL_MISSING' })
  })

  it('talks with a program while it runs, and gives its output as it comes', async () => {
    const { programs } = under().host
    const program = programs.start('sh', ['-c', 'cat; echo err >&2; exit 3'])
    program.write('in')
    program.write('put')
    program.endInput()
    let output = ''
    for await (const chunk of program.output) output += text(chunk)
    expect(output).toBe('input')
    expect(await program.ended).toEqual({ exitCode: 3, stderr: 'err\n' })
  })

  it('talks with a program over a socket of its own', async () => {
    const program = under().host.programs.start('sh', ['-c', 'cat <&3 >&3; exit 3'], { socketCount: 1 })
    const [socket] = program.sockets
    if (!socket) throw new Error('there is no socket')
    socket.end('back and forth')
    program.endInput()
    let heard = ''
    for await (const chunk of socket) heard += String(chunk)
    expect(heard).toBe('back and forth')
    for await (const _ of program.output);
    expect((await program.ended).exitCode).toBe(3)
  })

  it('lets a program read one file and write another, over what was there', async () => {
    const { host, folder } = under()
    const [from, to] = [`${folder}/from`, `${folder}/to`]
    await using input = await host.files.open(from, 'create')
    await input.write(bytes('content'), 0)
    await using output = await host.files.open(to, 'create')
    const program = host.programs.start('sh', ['-c', 'cat; echo err >&2; exit 3'], { through: { from, to } })
    expect(await program.ended).toEqual({ exitCode: 3, stderr: 'err\n' })
    for await (const _ of program.output) throw new Error('it says something')
    const into = new Uint8Array(20)
    expect(text(into.subarray(0, await output.read(into, 0)))).toBe('content')
  })

  it('says of a program that is started when there is none, and when it was stopped', async () => {
    const { programs } = under().host
    const absent = programs.start('no-such-program-here', [])
    absent.endInput()
    await expect(absent.ended).rejects.toMatchObject({ code: 'TOOL_MISSING' })
    const abort = new AbortController()
    const { ended } = programs.start('sh', ['-c', 'cat; echo err >&2; exit 3'], { signal: abort.signal })
    abort.abort()
    await expect(ended).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('finds programs by their names', async () => {
    const { programs } = under().host
    expect(await programs.find('sh')).toMatch(/^\/.*\/sh$/)
    expect(await programs.find('no-such-program-here')).toBeNull()
  })

  it('says who may write a file, and how much room disk and memory have', async () => {
    const { files, machine } = under().host
    const { folder } = under()
    await (await files.open(`${folder}/a`, 'create'))[Symbol.asyncDispose]()
    expect(await machine.canWrite(`${folder}/a`)).toBe(true)
    expect(await machine.canWrite(`${folder}/none`)).toBe(false)
    expect(await machine.freeBytes(folder)).toBeGreaterThan(0)
    expect(machine.freeMemoryBytes()).toBeGreaterThan(0)
    expect(await machine.filesOf('none')).toEqual([])
    expect(machine.platform).not.toBe('other')
  })

  it('has a loopback address and a name', () => {
    const { network } = under().host
    expect(network.addresses()).toContainEqual(
      expect.objectContaining({ address: '127.0.0.1', isLoopback: true, family: 4, prefixLength: 8 }),
    )
    expect(network.hostName()).not.toBe('')
  })
}
