import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { array, assert, asyncProperty, boolean, constantFrom, nat, record, string, tuple, uuid } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { GPT_END_BYTES, GPT_FRONT_BYTES, encodeGpt } from './gpt.ts'
import { encodeMbr } from './mbr.ts'
import { readPartitionTable } from './partition-table.ts'
import { type DiskWrite, type Partition, checkPlaces } from './partition.ts'
import { over } from './test-images.cases.ts'

const MIB = 1 << 20
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const EFI = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const DISK_GUID = '5f1c2a3b-0001-4002-8003-00000000abcd'

const read = (bytes: Uint8Array) => readPartitionTable(over(bytes), bytes.length)

function disk(sizeBytes: number, writes: readonly DiskWrite[]): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  for (const write of writes) bytes.set(write.bytes, write.position)
  return bytes
}

const gptPartition = (number: number, start: number, length: number, name = ''): Partition => ({
  ...{ number, startBytes: start * MIB, sizeBytes: length * MIB, name, isActive: false },
  type: number === 1 ? EFI : LINUX,
  uuid: `5f1c2a3b-0001-4002-8003-00000000000${number}`,
})

describe('partition tables', () => {
  let folder: string
  const path = () => join(folder, 'disk')
  const bySfdisk = (sizeBytes: number, script: string): Uint8Array => {
    rmSync(path(), { force: true })
    writeFileSync(path(), '')
    truncateSync(path(), sizeBytes)
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', path()], { input: script })
    return readFileSync(path())
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-partitions-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('reads an MBR with logical partitions as sfdisk made it', async () => {
    const lines = [
      'label: dos',
      'label-id: 0x3cf765e5',
      'size=4M, type=c, bootable',
      'size=4M, type=83',
      'type=5',
      'size=2M, type=83',
      'type=82',
    ]
    const table = await read(bySfdisk(24 * MIB, lines.join('\n')))
    const shown: unknown = JSON.parse(execFileSync('/usr/sbin/sfdisk', ['--json', path()], { encoding: 'utf8' }))
    const mine = table?.partitions.map(({ startBytes, sizeBytes, type }) => ({
      start: startBytes / 512,
      size: sizeBytes / 512,
      type: type.replace(/^0/, ''),
    }))
    expect(shown).toMatchObject({
      partitiontable: { partitions: [mine?.[0], mine?.[1], {}, mine?.[2], mine?.[3]].map((each) => expect.objectContaining({ ...each })) },
    })
    expect(table).toMatchObject({ kind: 'mbr', diskId: '3cf765e5', warnings: [] })
    expect(table?.partitions.map(({ number, uuid, isActive }) => [number, uuid, isActive])).toEqual([
      [1, '3cf765e5-01', true],
      [2, '3cf765e5-02', false],
      [5, '3cf765e5-05', false],
      [6, '3cf765e5-06', false],
    ])
  })

  it('reads a GPT as sfdisk made it, names and PARTUUIDs too', async () => {
    const script = `label: gpt\nlabel-id: ${DISK_GUID}\nsize=4M, type=U, uuid=${gptPartition(1, 1, 1).uuid}, name="böot"\nsize=8M, name=rootfs-a`
    const table = await read(bySfdisk(24 * MIB, script))
    expect(table).toMatchObject({ kind: 'gpt', diskId: DISK_GUID, warnings: [] })
    expect(table?.partitions).toMatchObject([
      { number: 1, startBytes: MIB, sizeBytes: 4 * MIB, type: EFI, uuid: gptPartition(1, 1, 1).uuid, name: 'böot' },
      { number: 2, startBytes: 5 * MIB, sizeBytes: 8 * MIB, type: LINUX, name: 'rootfs-a' },
    ])
  })

  it('writes an MBR byte for byte as sfdisk', async () => {
    const theirs = bySfdisk(
      64 * MIB,
      'label: dos\nlabel-id: 0x0000abcd\nstart=2048, size=40960, type=c, bootable\nstart=43008, size=20480, type=83',
    )
    const partitions = [
      { number: 1, startBytes: MIB, sizeBytes: 20 * MIB, type: '0c', isActive: true },
      { number: 2, startBytes: 21 * MIB, sizeBytes: 10 * MIB, type: '83', isActive: false },
    ]
    const ours = disk(64 * MIB, encodeMbr('0000abcd', partitions))
    expect(Buffer.compare(ours.subarray(0, 512), theirs.subarray(0, 512))).toBe(0)
    expect((await read(ours))?.partitions).toMatchObject(partitions)
  })

  it('writes a GPT in which sgdisk finds no fault, and which is byte for byte that of sfdisk', async () => {
    const partitions = [gptPartition(1, 1, 4, 'boot'), gptPartition(2, 5, 8, 'rootfs-a')]
    const ours = disk(24 * MIB, encodeGpt({ diskGuid: DISK_GUID, sizeBytes: 24 * MIB, partitions }))
    writeFileSync(path(), ours)
    expect(execFileSync('/usr/sbin/sgdisk', ['-v', path()], { encoding: 'utf8' })).toContain('No problems found')
    const lines = partitions.map(
      ({ startBytes, sizeBytes, type, uuid, name }) =>
        `start=${startBytes / 512}, size=${sizeBytes / 512}, type=${type}, uuid=${uuid}, name="${name}"`,
    )
    const theirs = bySfdisk(24 * MIB, `label: gpt\nlabel-id: ${DISK_GUID}\nfirst-lba: 34\nlast-lba: ${24 * 2048 - 34}\n${lines.join('\n')}`)
    expect(Buffer.compare(ours, theirs)).toBe(0)
  })

  it('reads the copy at the end when the first is damaged, and the first when the image is cut, and says so', async () => {
    const partitions = [gptPartition(1, 1, 4, 'boot')]
    const whole = disk(8 * MIB, encodeGpt({ diskGuid: DISK_GUID, sizeBytes: 8 * MIB, partitions }))
    const frontGone = whole.slice()
    frontGone.fill(0, 512, 4096)
    expect(await read(frontGone)).toMatchObject({ partitions, warnings: [expect.stringMatching(/first copy .* no signature/)] })
    expect(await read(whole.subarray(0, 6 * MIB))).toMatchObject({ partitions, warnings: [expect.stringMatching(/at the end is damaged/)] })
    const wrongEntry = whole.slice()
    wrongEntry[1024 + 60] = 7
    expect(await read(wrongEntry)).toMatchObject({ partitions, warnings: [expect.stringMatching(/checksum of the entries/)] })
    frontGone.fill(0, 8 * MIB - 512)
    await expect(read(frontGone)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(/Both copies/) })
  })

  it('says where the second copy is on a disk that is larger than the image that was written to it', async () => {
    const partitions = [gptPartition(1, 1, 4, 'boot')]
    const card = disk(9 * MIB, encodeGpt({ diskGuid: DISK_GUID, sizeBytes: 8 * MIB, partitions }))
    expect(await read(card)).toMatchObject({ partitions, warnings: [expect.stringMatching(/not at the end but at byte 8388096,/)] })
    card.fill(0, 8 * MIB - 512, 8 * MIB)
    expect(await read(card)).toMatchObject({ partitions, warnings: [expect.stringMatching(/at the end is damaged: no signature/)] })
  })

  it('refuses a GPT that names sectors beyond every disk, though its checksums are right', async () => {
    const whole = disk(8 * MIB, encodeGpt({ diskGuid: DISK_GUID, sizeBytes: 8 * MIB, partitions: [gptPartition(1, 1, 4, 'boot')] }))
    whole.fill(0, 8 * MIB - 512)
    for (const field of [32, 40, 48, 72]) {
      const bytes = whole.slice()
      const header = new DataView(bytes.buffer, 512, 92)
      header.setBigUint64(field, 2n ** 60n, true)
      header.setUint32(16, 0, true)
      header.setUint32(16, crc32(bytes.subarray(512, 512 + 92)), true)
      await expect(read(bytes)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringContaining('that no disk has') })
    }
  })

  it('says no table of a boot sector, of zeros and of nothing', async () => {
    execFileSync('/usr/sbin/mkfs.vfat', ['-C', join(folder, 'fat'), '1024'], { stdio: 'ignore' })
    expect(await read(readFileSync(join(folder, 'fat')))).toBeNull()
    expect(await read(new Uint8Array(MIB))).toBeNull()
    expect(await read(new Uint8Array(0))).toBeNull()
  })

  it('refuses partitions that overlap, reach out of the image, or are chained in a circle', async () => {
    const entry = (number: number, start: number, length: number, type = '83') => ({
      ...{ number, startBytes: start * MIB, sizeBytes: length * MIB, type, isActive: false },
    })
    const refused = async (bytes: Uint8Array, message: RegExp) =>
      expect(read(bytes)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringMatching(message) })
    await refused(
      disk(8 * MIB, encodeMbr('00000001', [entry(1, 1, 4), entry(2, 4, 2)])),
      /Partition 2 begins at byte 4194304, inside partition 1/,
    )
    await refused(disk(8 * MIB, encodeMbr('00000001', [entry(1, 1, 9)])), /Partition 1 ends at byte 10485760; the image has 8388608/)
    const circle = disk(8 * MIB, encodeMbr('00000001', [entry(1, 1, 4, '05')]))
    circle.set(circle.slice(446, 512), MIB + 446)
    circle.fill(0, MIB + 454, MIB + 458)
    await refused(circle, /again and again/)
    await refused(disk(8 * MIB, encodeMbr('00000001', [entry(1, 1, 4, '0f')])), /record of logical partitions at sector 2048 is damaged/)
  })

  it('refuses to write what a table cannot say', () => {
    const spec = { diskGuid: DISK_GUID, sizeBytes: 8 * MIB }
    const refused = (change: Partial<Partition>, message: RegExp) =>
      expect(() => encodeGpt({ ...spec, partitions: [{ ...gptPartition(1, 1, 1), ...change }] })).toThrow(message)
    refused({ name: 'x'.repeat(37) }, /longer than 36/)
    refused({ uuid: 'abc' }, /not a GUID/)
    refused({ startBytes: MIB + 5 }, /not whole sectors/)
    refused({ startBytes: 512 }, /where the table itself/)
    refused({ sizeBytes: 7 * MIB }, /where the table itself/)
    expect(() => encodeMbr('00000001', [{ ...gptPartition(1, 3 * 2 ** 20, 1), type: '83' }])).toThrow(/2 TiB/)
  })

  it('reads back every GPT that it writes', async () => {
    const cells = record({
      gap: nat(3),
      length: nat(5),
      name: string({ maxLength: 36 }),
      uuid: uuid(),
      type: constantFrom(EFI, LINUX),
      isActive: boolean(),
    })
    await assert(
      asyncProperty(array(cells, { maxLength: 8 }), async (list) => {
        let at = GPT_FRONT_BYTES
        const partitions = list.map(({ gap, length, name, ...rest }, index): Partition => {
          const startBytes = at + gap * 512
          const sizeBytes = (length + 1) * 512
          at = startBytes + sizeBytes
          return { ...rest, number: index + 1, startBytes, sizeBytes, name: name.replaceAll('\0', '') }
        })
        const sizeBytes = at + GPT_END_BYTES
        expect(await read(disk(sizeBytes, encodeGpt({ diskGuid: DISK_GUID, sizeBytes, partitions })))).toMatchObject({
          partitions,
          warnings: [],
        })
      }),
      { numRuns: 50 },
    )
  })

  it('answers a table of places inside the image or a typed error, whatever the bytes say', async () => {
    const seeds = [
      bySfdisk(8 * MIB, 'label: dos\nsize=1M\ntype=5\nsize=1M\nsize=2M'),
      disk(8 * MIB, encodeGpt({ diskGuid: DISK_GUID, sizeBytes: 8 * MIB, partitions: [gptPartition(1, 1, 4)] })),
    ]
    const damage = array(tuple(constantFrom(0, 512, 1024, 2 * MIB, 8 * MIB - 512), nat(511), nat(255)), { minLength: 1, maxLength: 20 })
    await assert(
      asyncProperty(constantFrom(...seeds), damage, nat(8 * MIB), async (seed, changes, length) => {
        const bytes = seed.slice(0, changes.length % 2 === 0 ? length : undefined)
        for (const [at, offset, value] of changes) if (at + offset < bytes.length) bytes[at + offset] = value
        const found = await read(bytes).catch((thrown: unknown) => {
          if (thrown instanceof AppError && thrown.code === 'ARTIFACT_INVALID') return null
          throw thrown
        })
        checkPlaces(found?.partitions ?? [], bytes.length)
      }),
      { numRuns: 300 },
    )
  })
})
