import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noise } from '../../engine/flash/flash.cases.ts'
import { loopDevice, program } from '../../engine/drives/loop.cases.ts'
import { UNFINISHED } from '../../writer/card.ts'
import { runLine } from '../command.cases.ts'
import { drivesCommand } from './drives.ts'
import { flashCommand } from './flash.ts'
import { witnessText } from './flash-follow.ts'

const MIB = 1 << 20

describe('otabench flash', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const drives = (...args: string[]) => runLine(args, { command: drivesCommand, cwd: folder, globals: { data: file('bench') } })
  const run = (args: readonly string[], signal?: AbortSignal) =>
    runLine(args, { command: flashCommand, cwd: folder, globals: { data: file('bench') }, ...(signal ? { signal } : {}) })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-flash-line-'))
    writeFileSync(file('card.img'), noise(6 * MIB))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('writes to a file and a drive, says what it did, and the second time only what changed', async () => {
    await using device = await loopDevice(8 * MIB)
    const line = ['card.img', '--to', 'out', '--to', device.path, '--name', device.path, '--yes']
    const first = await run(line)
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/out: written and verified in .* 6\.3 MB written\n.*\nSHA-256 of .*card\.img: [\da-f]{64}\n$/),
    })
    for (const path of [file('out'), device.path])
      expect(
        readFileSync(path)
          .subarray(0, 6 * MIB)
          .equals(noise(6 * MIB)),
      ).toBe(true)
    const again = await run(['--json', ...line, '--differential'])
    expect(again.json).toMatchObject([
      {
        lanes: [
          { state: 'done', writtenBytes: 0 },
          { state: 'done', savedBytes: 6 * MIB },
        ],
      },
    ])
    expect((await run(['--unfinished'])).stdout).toBe('Nothing is unfinished.\n')
  })

  it.each([
    [['card.img', '--to', 'out'], 2, /would be overwritten[\s\S]*hint: Add --yes/],
    [['card.img', '--yes'], 2, /No target was named/],
    [['--to', 'out', '--yes'], 2, /No image was named/],
    [['absent.img', '--to', 'out', '--yes'], 3, /error NOT_FOUND/],
    [['card.img', '--to', 'out', '--yes', '--sha256', '0'.repeat(64)], 1, /error VERIFY_FAILED/],
    [['card.img', '--to', 'out', '--yes', '--partition', 'two'], 2, /no number of a partition/],
    [['--finish', 'nothing', '--yes'], 3, /There is no flash nothing/],
  ])('%j exits %i and says why', async (args, exitCode, message) => {
    const done = await run(args)
    expect(done).toMatchObject({ exitCode, stdout: expect.not.stringContaining('written and verified') })
    expect(done.stderr).toMatch(message)
  })

  it('says of every target why it failed', async () => {
    const globals = { data: file('bench') }
    for (const args of [
      ['create-virtual', 'small', '--size', '4MB'],
      ['create-virtual', 'broken', '--size', '8MiB', '--fail-at', '3MiB'],
    ])
      expect(await runLine(args, { command: drivesCommand, cwd: folder, globals })).toMatchObject({ exitCode: 0 })
    const { exitCode, stdout } = await run(['card.img', '--to', 'small', '--to', 'broken', '--to', 'out', '--yes'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/small\.img: failed: virtual small: the image does not fit/)
    expect(stdout).toMatch(/broken\.img: failed: virtual broken: it reports an error, at byte 3145728/)
    expect(stdout).toMatch(/out: written and verified/)
  })

  it('says what the image was held against, and what could not be checked', async () => {
    writeFileSync(file('SHA256SUMS'), program('sha256sum', [file('card.img')]))
    writeFileSync(file('card.img.sig'), 'no signature of gpg')
    const line = ['card.img', '--to', 'out', '--yes']
    const { stdout, stderr } = await run(line)
    expect(stdout).toContain(`${file('card.img')} has the SHA-256 that ${file('SHA256SUMS')} says\n`)
    expect(stderr).toContain(`warning: ${file('card.img.sig')} was not checked`)
    expect(witnessText({ kind: 'bmap', path: '/a.bmap', isChecked: true, heldAt: 0 }, '/a.img')).toBe(
      '/a.img is unchanged since it was held against /a.bmap, 1970-01-01T00:00:00Z',
    )
    for (const name of ['SHA256SUMS', 'card.img.sig']) rmSync(file(name))
    writeFileSync(file('SHA512SUMS'), program('sha512sum', [file('card.img')]))
    expect(await run(line)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${file('card.img')} has the SHA-512 that ${file('SHA512SUMS')} says\n`),
      stderr: expect.not.stringContaining('SHA512SUMS'),
    })
    writeFileSync(file('SHA512SUMS'), `${'0'.repeat(128)}  card.img\n`)
    expect(await run(line)).toMatchObject({
      exitCode: 1,
      stdout: expect.not.stringContaining('written and verified'),
      stderr: expect.stringMatching(/card\.img has the SHA-512 [\da-f]{128}; .*SHA512SUMS says 0{128}/),
    })
    rmSync(file('SHA512SUMS'))
    // A map of another image is no witness.
    writeFileSync(file('other.img'), Buffer.alloc(6 * MIB, 7))
    program('bmaptool', ['create', file('other.img'), '-o', file('other.bmap')])
    const failed = await run([...line, '--bmap', 'other.bmap'])
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.not.stringContaining('is the image of') })
  })

  it('warns of an image whose partitions go on behind its end', async () => {
    program('truncate', ['-s', '4M', file('cut.img')])
    program('sfdisk', ['-q', file('cut.img')], 'label: dos\nstart=1MiB,size=3MiB,type=83\n')
    program('truncate', ['-s', '2M', file('cut.img')])
    const { exitCode, stderr } = await run(['cut.img', '--to', 'out', '--yes'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      `warning: ${file('cut.img')}: Partition 1 ends at byte ${4 * MIB}; the image has ${2 * MIB}. It is written as it is`,
    )
  })

  it('says that writing what differs does not pay before it writes all of it', async () => {
    writeFileSync(file('card.img'), noise(96 * MIB))
    writeFileSync(file('out'), Buffer.alloc(96 * MIB, 1))
    const { exitCode, stderr } = await run(['card.img', '--to', 'out', '--yes', '--differential'])
    expect(exitCode).toBe(0)
    // A quick disk may show none of it being written.
    const [before = ''] = stderr.split('% written')
    expect(before).toContain('places differ: all of it is written, which is quicker')
  })

  it('does not list what was cut off when its target was written since', async () => {
    await drives('create-virtual', 'worn', '--size', '8MiB', '--fail-at', '3MiB')
    expect(await run(['card.img', '--to', 'worn', '--yes'])).toMatchObject({ exitCode: 1 })
    expect((await run(['--unfinished'])).stdout).toContain('DRIVE_FAILED')
    writeFileSync(file('small.img'), noise(MIB))
    expect(await run(['small.img', '--to', 'out', '--yes'])).toMatchObject({ exitCode: 0 })
    expect((await run(['--unfinished'])).stdout).toContain('DRIVE_FAILED')
    const { json } = await run(['--json', '--unfinished'])
    const [id = ''] = /[\da-f-]{36}/.exec(JSON.stringify(json)) ?? []
    expect(await run(['small.img', '--to', 'worn', '--yes'])).toMatchObject({ exitCode: 0 })
    expect((await run(['--unfinished'])).stdout).toBe('Nothing is unfinished.\n')
    expect(await run(['--finish', id, '--yes'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was written anew since') })
  })

  it('forgets what was cut off, and leaves its target as it is', async () => {
    await drives('create-virtual', 'worn', '--size', '8MiB', '--fail-at', '3MiB')
    expect(await run(['card.img', '--to', 'worn', '--yes'])).toMatchObject({ exitCode: 1 })
    const card = readFileSync(file('bench/virtual-drives/worn.img'))
    const { json } = await run(['--json', '--unfinished'])
    const [id = ''] = /[\da-f-]{36}/.exec(JSON.stringify(json)) ?? []
    expect(await run(['--forget', id])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('taken off the list') })
    expect((await run(['--unfinished'])).stdout).toBe('Nothing is unfinished.\n')
    expect(readFileSync(file('bench/virtual-drives/worn.img')).equals(card)).toBe(true)
    expect(await run(['--forget', id])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`There is no flash ${id}`) })
  })

  it('does not list what failed before anything was written', async () => {
    expect(await run(['nothing.img', '--to', 'out', '--yes'])).toMatchObject({ exitCode: 3 })
    expect(await run(['card.img', '--to', '/dev/full', '--yes'])).toMatchObject({ exitCode: 2 })
    expect((await run(['--unfinished'])).stdout).toBe('Nothing is unfinished.\n')
  })

  it('that was started by sudo or pkexec writes to files and drives as root does', async () => {
    await using device = await loopDevice(8 * MIB)
    const cli = join(import.meta.dirname, '../../cli.ts')
    for (const asked of [{ SUDO_UID: '65534', SUDO_GID: '65534' }, { PKEXEC_UID: '65534' }]) {
      rmSync(file('out'), { force: true })
      const args = [cli, 'flash', 'card.img', '--to', 'out', '--to', device.path, '--yes', '--data', file('bench')]
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, ...asked }, encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, expect.any(String)])
      expect(readFileSync(file('out')).equals(noise(6 * MIB))).toBe(true)
    }
  })

  it('takes a drive by a link to it, as /dev/disk has them, once', async () => {
    await using device = await loopDevice(8 * MIB)
    symlinkSync(device.path, file('by-id'))
    expect(await run(['card.img', '--to', 'by-id', '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${device.path}: written and verified`),
    })
    const twice = await run(['card.img', '--to', 'by-id', '--to', device.path, '--yes'])
    expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${device.path} is named twice`) })
    const shown = await runLine(['show', 'by-id'], { command: drivesCommand, cwd: folder, globals: { data: file('bench') } })
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(device.path) })
  })

  it('takes a drive by what otabench drives show calls it, and a file by its path', async () => {
    const globals = { data: file('bench') }
    for (const args of [
      ['create-virtual', 'pocket', '--size', '8MiB'],
      ['show', 'pocket'],
    ])
      expect(await runLine(args, { command: drivesCommand, cwd: folder, globals })).toMatchObject({ exitCode: 0 })
    for (const name of ['pocket', 'virtual pocket', 'bench/virtual-drives/pocket.img'])
      expect(await run(['card.img', '--to', name, '--yes'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`${file('bench/virtual-drives/pocket.img')}: written and verified`),
      })
    expect(existsSync(file('pocket'))).toBe(false)
    expect(await run(['card.img', '--to', './pocket', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(file('pocket')).equals(noise(6 * MIB))).toBe(true)
  })

  it('composes the image of a recipe, layout and seed, from what its files are now, and flashes it', async () => {
    mkdirSync(file('boot'))
    program('mke2fs', ['-q', '-F', '-t', 'ext4', file('rootfs.ext4'), '8M'])
    const layout =
      'version: 1\nname: board\ntable: gpt\nboot: {folder: boot, size: 8 MiB}\nrootfs: {image: rootfs.ext4}\ndata: {size: 8 MiB}\n'
    writeFileSync(file('layout.yaml'), layout)
    for (const type of ['first', 'second']) {
      const seed = `{files: [{to: /data/kind, text: "${type} of its kind"}]}`
      writeFileSync(file('recipe.yaml'), `version: 1\nname: board\nimage: composed.img\nlayout: layout.yaml\nseed: ${seed}\n`)
      rmSync(file('out'), { force: true })
      expect(await run(['--recipe', 'recipe.yaml', '--to', 'out', '--yes'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('out: written and verified'),
      })
      const card = readFileSync(file('out'))
      expect(card.equals(readFileSync(file('composed.img')))).toBe(true)
      expect(card.includes(`${type} of its kind`)).toBe(true)
    }
    expect(await run(['card.img', '--recipe', 'recipe.yaml', '--to', 'out', '--yes'])).toMatchObject({ exitCode: 2 })
  })

  it('that is stopped exits 130, lists what is unfinished, and finishes it', async () => {
    writeFileSync(file('card.img'), noise(48 * MIB))
    await drives('create-virtual', 'slow', '--size', '48MiB', '--rate', '4MiB')
    const card = file('bench/virtual-drives/slow.img')
    const abort = new AbortController()
    const stopping = run(['card.img', '--to', 'slow', '--yes'], abort.signal)
    const front = (): string => readFileSync(card).subarray(0, 40).toString()
    await expect.poll(front).toBe(UNFINISHED.slice(0, 40))
    abort.abort()
    expect(await stopping).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('error CANCELLED') })
    await drives('set-faults', 'slow')
    const [view] = (await run(['--json', '--unfinished'])).json
    expect(view).toMatchObject([{ lanes: [{ state: 'cancelled' }] }])
    const id = String(/"id":"([^"]+)"/.exec(JSON.stringify(view))?.[1])
    expect(await run(['--finish', id])).toMatchObject({ exitCode: 2 })
    expect(await run(['--finish', id, '--yes'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('written and verified') })
    expect(readFileSync(card).equals(noise(48 * MIB))).toBe(true)
  })

  it('that is stopped before anything was written leaves nothing unfinished', async () => {
    expect(await run(['card.img', '--to', 'out', '--yes'], AbortSignal.abort())).toMatchObject({ exitCode: 130 })
    expect((await run(['--unfinished'])).stdout).toBe('Nothing is unfinished.\n')
  })
})
