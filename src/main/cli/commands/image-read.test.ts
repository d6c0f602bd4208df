import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopDevice, mounted } from '../../engine/drives/loop.cases.ts'
import { runLine } from '../command.cases.ts'
import { drivesCommand } from './drives.ts'
import { PLACES, makeCard, tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const MIB = 1 << 20

describe('otabench image read and compare', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  const change = (name: string, at: number): void => {
    const handle = openSync(file(name), 'r+')
    writeSync(handle, Uint8Array.of(0x5a), 0, 1, at)
    closeSync(handle)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-read-'))
    for (const label of ['dos', 'gpt'] as const) makeCard(folder, label)
    symlinkSync('.', file('aside'))
    // What was on the card before fills its free space and what lies behind the last partition.
    const card = readFileSync(file('card.dos'))
    writeFileSync(file('used.dos'), Buffer.concat([card, Buffer.alloc(3 * MIB, 0xa5)]))
    for (let block = 0; block < 40; block++) change('used.dos', (PLACES.data[0] + PLACES.data[1]) * MIB - MIB + block * 4096)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(['dos', 'gpt'])('reads a card with a table of %s into what bmaptool copies and e2fsck finds whole', async (label) => {
    const card = label === 'dos' ? 'used.dos' : 'card.gpt'
    expect(await run('read', card, '-o', `${label}.img`)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/are mapped, SHA-256/),
    })
    tool('bmaptool', 'copy', '--bmap', file(`${label}.img.bmap`), file(`${label}.img`), file('copied'))
    for (const place of ['rootfsA', 'rootfsB', 'data'] as const) {
      const [start, length] = PLACES[place]
      writeFileSync(file('part'), readFileSync(file('copied')).subarray(start * MIB, (start + length) * MIB))
      tool('/usr/sbin/e2fsck', '-fn', file('part'))
    }
    // An MBR ends with its last partition; a GPT has its second copy at the end.
    const imageBytes = readFileSync(file(`${label}.img`)).length
    expect(imageBytes).toBe(label === 'dos' ? (PLACES.data[0] + PLACES.data[1]) * MIB : 192 * MIB)
    expect(tool('sh', '-c', `cd ${folder} && sha256sum --check ${label}.img.sha256`)).toContain('OK')
    expect((await run('compare', card, `${label}.img`)).stdout).toContain(`${card} holds ${label}.img`)
  })

  it.each([
    ['gz', 'gzip'],
    ['zst', 'zstd'],
    ['xz', 'xz'],
  ])('packs what it reads as %s, which %s unpacks to the same image', async (ending, name) => {
    await run('read', 'used.dos', '-o', 'plain.img')
    expect((await run('read', 'used.dos', '-o', `packed.img.${ending}`)).exitCode).toBe(0)
    expect(tool('sh', '-c', `cd ${folder} && sha256sum --check packed.img.${ending}.sha256`)).toContain('OK')
    tool('sh', '-c', `${name} -dc ${file(`packed.img.${ending}`)} > ${file('unpacked')}`)
    expect(readFileSync(file('unpacked')).equals(readFileSync(file('plain.img')))).toBe(true)
    expect(readFileSync(file(`packed.img.${ending}.bmap`)).equals(readFileSync(file('plain.img.bmap')))).toBe(true)
    expect((await run('compare', 'used.dos', `packed.img.${ending}`)).exitCode).toBe(0)
  })

  it('says how much differs and where, and exits with 5', async () => {
    writeFileSync(file('other'), readFileSync(file('card.gpt')))
    change('other', PLACES.rootfsB[0] * MIB + 1024 + 0x78)
    change('other', 4 * MIB + 100)
    const done = await run('compare', 'other', 'card.gpt')
    expect(done).toMatchObject({
      exitCode: 5,
      stdout: expect.stringMatching(/8.2 kB of .*, in 2 places\n +outside of partitions: 4.1 kB\n +partition 3: 4.1 kB\n/),
    })
    const json = (await run('--json', 'compare', 'other', 'card.gpt')).json
    expect(json).toMatchObject([{ isSame: false, places: [{ startBytes: 4 * MIB }, { startBytes: PLACES.rootfsB[0] * MIB }] }])
  })

  it('takes a card that ends early for one that differs', async () => {
    writeFileSync(file('short'), readFileSync(file('card.gpt')).subarray(0, 100 * MIB))
    expect((await run('compare', 'short', 'card.gpt')).exitCode).toBe(5)
  })

  it('takes a drive by its name, and reads none that is mounted', async () => {
    await runLine(['create-virtual', 'v1', '--size', '1MiB'], { command: drivesCommand, cwd: folder })
    for (const name of ['v1', 'virtual v1'])
      expect(await run('compare', name, 'virtual-drives/v1.img')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('holds') })
    await using device = await loopDevice(8 * MIB, [], (path) => tool('/usr/sbin/mkfs.ext4', '-q', '-F', path))
    await using mount = await mounted(device.path, folder)
    expect(await run('read', device.path, '-o', 'new')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`is mounted at ${mount.folder}, and may change while it is read`),
    })
  })

  it.each([
    [['read', 'nothing', '-o', 'new'], 3, /Cannot open/],
    [['read', 'card.gpt', '-o', 'aside/card.gpt'], 2, /which it is made of/],
    [['read', 'card.gpt', '-o', 'card.gpt'], 2, /which it is made of/],
    [['read', 'card.gpt', '-o', 'new.bz2'], 2, /not packed, in spite of \.bz2/],
    [['compare', 'card.gpt', 'nothing'], 3, /Cannot open/],
    [['compare', 'card.gpt', 'empty'], 2, /empty holds nothing/],
  ])('%j exits %i and says why', async (args, exitCode, message) => {
    writeFileSync(file('empty'), '')
    const done = await run(...args)
    expect(done).toMatchObject({ exitCode, stdout: '' })
    expect(done.stderr).toMatch(message)
    expect(existsSync(file('new'))).toBe(false)
  })

  it('leaves nothing behind when it is cancelled', async () => {
    const abort = new AbortController()
    abort.abort()
    const done = await runLine(['read', 'card.gpt', '-o', 'cancelled'], { command: imageCommand, cwd: folder, signal: abort.signal })
    expect(done.exitCode).toBe(130)
    for (const name of ['cancelled', 'cancelled.bmap', 'cancelled.sha256']) expect(existsSync(file(name))).toBe(false)
  })
})
