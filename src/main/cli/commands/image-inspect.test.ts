import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { ImageFacts } from '../../contract/images.ts'
import { inspectImage } from '../../engine/image/image-facts.ts'
import { over } from '../../engine/image/test-images.cases.ts'
import { runLine } from '../command.cases.ts'
import { makeCard, tool } from './image.cases.ts'
import { imageCommand } from './image.ts'

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')
const KNOWN_BY_BLKID = z.object({ TYPE: z.string(), UUID: z.string(), LABEL: z.string().default(''), VERSION: z.string().default('') })
const SFDISK = z.object({
  partitiontable: z.object({
    id: z.string(),
    partitions: z.array(
      z.object({ start: z.number(), size: z.number(), type: z.string(), name: z.string().default(''), uuid: z.string().optional() }),
    ),
  }),
})

describe('otabench image inspect', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (...args: string[]) => runLine(args, { command: imageCommand, cwd: folder })
  const inspect = async (path: string): Promise<ImageFacts> => {
    const bytes = readFileSync(path)
    return inspectImage(over(bytes), bytes.length)
  }
  /** What blkid, which knows nothing of us, says of the file system there. */
  const blkid = (path: string, startBytes: number, sizeBytes: number) => {
    const lines = tool('/usr/sbin/blkid', '-p', '-o', 'export', '--offset', String(startBytes), '--size', String(sizeBytes), path)
    return KNOWN_BY_BLKID.parse(Object.fromEntries(lines.split('\n').map((line) => line.split('='))))
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-inspect-'))
    for (const label of ['dos', 'gpt'] as const) makeCard(folder, label)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('names what cannot be looked into as blkid does', async () => {
    const card = file('other')
    tool('truncate', '-s', '12M', card)
    execFileSync('/usr/sbin/sfdisk', ['-q', card], { input: 'label: dos\n' + [1, 5, 9].map((at) => `start=${at}MiB,size=2MiB\n`).join('') })
    tool('truncate', '-s', '2M', file('swap'))
    tool('/usr/sbin/mkswap', '-q', file('swap'))
    tool('dd', `if=${file('swap')}`, `of=${card}`, 'bs=1M', 'seek=1', 'conv=notrunc', 'status=none')
    const handle = openSync(card, 'r+')
    writeSync(handle, Buffer.from('LUKS\xba\xbe', 'latin1'), 0, 6, 5 << 20)
    closeSync(handle)
    const { table } = await inspect(card)
    expect(table?.partitions.map(({ otherKind }) => otherKind)).toEqual(['swap', 'crypto_LUKS', ''])
    expect((await run('inspect', 'other')).stdout).toMatch(/ crypto_LUKS\n3 .* unknown\n/)
  })

  it.each(['dos', 'gpt'])('agrees with sfdisk, blkid and dumpe2fs on a card with a table of %s', async (label) => {
    const card = file(`card.${label}`)
    const { table } = await inspect(card)
    const theirs = SFDISK.parse(JSON.parse(tool('/usr/sbin/sfdisk', '--json', card))).partitiontable
    expect(table?.diskId).toBe(theirs.id.toLowerCase().replace(/^0x/, ''))
    expect(table?.partitions.map(({ startBytes, sizeBytes, name }) => [startBytes / 512, sizeBytes / 512, name])).toEqual(
      theirs.partitions.map(({ start, size, name }) => [start, size, name]),
    )
    expect(table?.partitions.map(({ type }) => type.replace(/^0(?=.$)/, ''))).toEqual(theirs.partitions.map(({ type }) => type))
    for (const { startBytes, sizeBytes, fileSystem } of table?.partitions ?? []) {
      const { TYPE, UUID, LABEL, VERSION } = blkid(card, startBytes, sizeBytes)
      const kind = TYPE === 'vfat' ? VERSION.toLowerCase() : TYPE
      expect(fileSystem).toMatchObject({ kind, uuid: UUID, label: LABEL, problem: null })
      if (TYPE === 'vfat') continue
      tool('dd', `if=${card}`, `of=${file('part')}`, 'bs=1M', `skip=${startBytes >> 20}`, `count=${sizeBytes >> 20}`, 'status=none')
      const said = tool('/usr/sbin/dumpe2fs', '-h', file('part'))
      const number = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(said)?.[1])
      expect(fileSystem?.sizeBytes).toBe(number('Block count') * number('Block size'))
      expect(fileSystem?.freeBytes).toBe(number('Free blocks') * number('Block size'))
    }
  })

  it("says which partition is which on a card of Mender's, and finds U-Boot's environment", async () => {
    const { table, ubootEnvironments, boot } = await inspect(file('card.gpt'))
    expect(table?.partitions.map(({ role, fileSystem }) => [role, fileSystem?.artifactName, fileSystem?.deviceType])).toEqual([
      ['boot', null, null],
      ['rootfs A', 'release-1', null],
      ['rootfs B', 'release-1', null],
      ['data', null, 'beaglebone'],
    ])
    const variables = { bootcount: '0', mender_boot_part: '2', upgrade_available: '0' }
    expect(ubootEnvironments).toEqual([{ startBytes: 4 << 20, sizeBytes: 0x2_0000, isRedundant: true, isCurrent: true, variables }])
    expect(boot).toEqual({ partition: 2, isTrial: false, bootCount: 0 })
    expect(table?.gaps).toEqual([
      { startBytes: 0, sizeBytes: 8 << 20 },
      { startBytes: 184 << 20, sizeBytes: 8 << 20 },
    ])
  })

  it('reads of two copies of an environment the one that fw_printenv reads', async () => {
    tool('cp', file('card.dos'), file('two.dos'))
    tool('dd', `if=${file('env')}`, `of=${file('two.dos')}`, 'bs=1M', 'seek=5', 'conv=notrunc', 'status=none')
    writeFileSync(file('fw_env.config'), [4, 5].map((mib) => `${file('two.dos')} ${mib << 20} 0x20000\n`).join(''))
    // The tool writes the copies in turn.
    for (const round of [1, 2, 3]) {
      tool('fw_setenv', '-c', file('fw_env.config'), 'mender_boot_part', String(2 + (round % 2)))
      tool('fw_setenv', '-c', file('fw_env.config'), 'upgrade_available', '1')
      const theirs = tool('fw_printenv', '-c', file('fw_env.config')).trim().split('\n')
      const { ubootEnvironments, boot } = await inspect(file('two.dos'))
      const current = ubootEnvironments.filter(({ isCurrent }) => isCurrent)
      expect(ubootEnvironments).toHaveLength(2)
      expect(
        current.map(({ variables }) =>
          Object.entries(variables)
            .map(([name, value]) => `${name}=${value}`)
            .toSorted(),
        ),
      ).toEqual([theirs.toSorted()])
      expect(boot).toMatchObject({ partition: 2 + (round % 2), isTrial: true })
    }
  })

  it('draws the card to scale, and gives the same facts as one JSON value', async () => {
    const { exitCode, stdout } = await run('inspect', 'card.dos')
    expect(exitCode).toBe(0)
    const [, , top = '', middle = ''] = stdout.split('\n')
    expect(middle).toMatch(/^··+│1 +││2 +││3 +││4 +│··+$/)
    const [boot = 0, a = 0, b = 0, data = 0] = [...top.matchAll(/┌─+┐/g)].map(([{ length }]) => length)
    expect([a, Math.abs(a - 2 * data) <= 1, Math.abs(a - 4 * boot) <= 2]).toEqual([b, true, true])
    expect(stdout).toMatch(/^1\* +boot +8388608 .* fat16 +BOOT/m)
    expect(stdout).toContain('partition 4: device type beaglebone\n')
    expect(stdout).toContain('U-Boot environment: 131 kB at byte 4194304, 3 variables, the newer copy\n  bootcount=0\n')
    expect((await run('--json', 'inspect', 'card.dos')).json).toEqual([JSON.parse(JSON.stringify(await inspect(file('card.dos'))))])
  })

  it('describes a bare file system, and says what is wrong with one that cannot be read', async () => {
    tool('dd', `if=${file('card.dos')}`, `of=${file('bare')}`, 'bs=1M', 'skip=24', 'count=64', 'status=none')
    expect((await run('inspect', 'bare')).stdout).toMatch(
      /no partition table\n\nfile system +ext4\nlabel +rootfs\n[^]*artifact name release-1/,
    )
    // needs_recovery: the journal holds what is not in place yet.
    const { fileSystem } = await inspect(file('bare'))
    const [needed] = readFileSync(file('bare')).subarray(1024 + 0x60)
    const handle = openSync(file('bare'), 'r+')
    writeSync(handle, Uint8Array.of((needed ?? 0) | 4), 0, 1, 1024 + 0x60)
    closeSync(handle)
    expect((await inspect(file('bare'))).fileSystem).toMatchObject({
      ...{ kind: 'ext4', label: 'rootfs', uuid: fileSystem?.uuid, freeBytes: null, artifactName: null },
      problem: expect.stringContaining('not unmounted cleanly'),
    })
  })

  it.each([
    ['nothing.img', 3, /Cannot open/],
    ['text', 2, /holds neither ext2/],
    ['cut.gpt', 4, /Partition \d ends at byte|damaged/],
  ])('%s exits %i and says why', async (name, exitCode, message) => {
    writeFileSync(file('text'), 'no image\n'.repeat(1000))
    writeFileSync(file('cut.gpt'), readFileSync(file('card.gpt')).subarray(0, 40 << 20))
    const done = await run('inspect', name)
    expect(done).toMatchObject({ exitCode, stdout: '' })
    expect(done.stderr).toMatch(message)
  })

  it('never fails in an unforeseen way on damaged images', async () => {
    const small = file('small.img')
    tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', file('data'), small, '2M')
    tool('/usr/sbin/mkfs.vfat', '-C', file('small.fat'), '1024')
    for (const image of [readFileSync(small), readFileSync(file('small.fat'))]) {
      const damage = array(tuple(nat(4095), nat(255)), { minLength: 1, maxLength: 20 })
      await assert(
        asyncProperty(damage, async (changes) => {
          const bytes = Uint8Array.from(image)
          for (const [at, value] of changes) bytes[at] = value
          try {
            const { sizeBytes } = await inspectImage(over(bytes), bytes.length)
            expect(sizeBytes).toBe(bytes.length)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(AppError)
          }
        }),
        { numRuns: 200 },
      )
    }
  })

  it("agrees with blkid on the cards that mender-artifact's own tests use", async () => {
    if (!existsSync(FIXTURES)) return console.log(`Not looked at mender-artifact's own images: there is no ${FIXTURES}`)
    for (const name of ['mender_test.sdimg', 'mender_test_fat.sdimg', 'mender_test.sparse.sdimg']) {
      const path = join(FIXTURES, name)
      const { table } = await inspect(path)
      expect(table?.partitions.map(({ role }) => role)).toEqual(['boot', 'rootfs A', 'rootfs B', 'data'])
      for (const { startBytes, sizeBytes, fileSystem } of table?.partitions ?? []) {
        // The second root file system of the sparse one is not there, and blkid ends with 2.
        if (!fileSystem) expect(() => blkid(path, startBytes, sizeBytes)).toThrow('Command failed')
        else {
          const { UUID, LABEL } = blkid(path, startBytes, sizeBytes)
          expect(fileSystem).toMatchObject({ uuid: UUID, label: LABEL, problem: null })
        }
      }
    }
  })
})
