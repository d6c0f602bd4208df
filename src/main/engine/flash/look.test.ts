import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toAppError } from '../../contract/errors.ts'
import { nodeHost } from '../host.node.ts'
import { openFlashBench } from './flash.cases.ts'
import { inspectSource } from './source.ts'

const MIB = 1 << 20

describe('an image that is looked at before it is written', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const shell = (line: string) => execFileSync('bash', ['-euc', line], { cwd: folder, stdio: 'pipe' })
  const { files, programs, machine } = nodeHost()
  const look = (name: string) =>
    inspectSource({ files, programs, freeBytes: machine.freeBytes }, { path: file(name), bmap: null, sha256: null })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-look-'))
    writeFileSync(file('card.img'), '')
    truncateSync(file('card.img'), 8 * MIB)
    shell(`printf 'label: dos\\nstart=1MiB,size=3MiB,type=83\\nstart=4MiB,size=4MiB,type=83\\n' | /usr/sbin/sfdisk -q card.img`)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('has no problem where its table can be read, or it is a file system of its own', async () => {
    expect(await look('card.img')).toMatchObject({ problem: null, map: 'file-systems' })
    for (const line of ['/usr/sbin/mkfs.ext4 -qF bare.img 2M', '/usr/sbin/mkfs.vfat bare.img']) {
      shell(line)
      expect(await look('bare.img')).toMatchObject({ problem: null })
    }
  })

  it('is said to be cut short, or none at all', async () => {
    truncateSync(file('card.img'), 6 * MIB)
    expect(await look('card.img')).toMatchObject({ map: 'none', problem: `Partition 2 ends at byte ${8 * MIB}; the image has ${6 * MIB}` })
    writeFileSync(file('letter.txt'), 'nothing of the kind')
    expect(await look('letter.txt')).toMatchObject({ problem: 'It has neither partitions nor an ext or FAT file system' })
  })

  it.each(['dd if=card.img of=card bs=1M status=none', '/usr/sbin/mkfs.ext4 -qF card 2M', '(printf hsqs; head -c 1M /dev/zero) > card'])(
    'is taken from a zip under any name where it begins as one: %s',
    async (line) => {
      shell(`${line} && zip -q some.zip card`)
      expect(await look('some.zip')).toMatchObject({ format: 'zip', problem: null })
    },
  )

  it.each(['', '-0'])('is not taken for what else a zip holds, unless it has the name of one: zip %s', async (how) => {
    shell(`yes 'nothing of the kind' | head -c 3M > letter.txt; zip -q ${how} letter.zip letter.txt`)
    expect(await look('letter.zip').catch(toAppError)).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(`${file('letter.zip')} holds letter.txt, which is no image`),
      hint: expect.stringContaining('.img'),
    })
    shell('mv letter.txt letter.bin; zip -q named.zip letter.bin')
    expect(await look('named.zip')).toMatchObject({ format: 'zip', imageBytes: 3 * MIB })
  })

  it.each([
    ['nothing.img', ': > nothing.img'],
    ['nothing.zip', ': > nothing && zip -q nothing.zip nothing'],
    [
      'nothing.mender',
      'printf "{}" > meta && : > nothing && mender-artifact write module-image -T m -n a -t t -f nothing -o nothing.mender',
    ],
  ])('is refused where it holds nothing: %s', async (name, line) => {
    shell(line)
    expect(await look(name).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT', message: `${file(name)} holds nothing` })
  })

  it.each(['gzip -c', 'xz -c', 'zstd -qc', 'bzip2 -c'])('is refused where nothing comes out of what "%s" has packed', async (packer) => {
    shell(`${packer} < /dev/null > nothing.packed`)
    await using bench = await openFlashBench(file('bench'))
    const view = await bench.flash({ source: file('nothing.packed'), targets: [{ path: file('out'), identity: null }] })
    expect(view.lanes).toMatchObject([{ state: 'failed', failure: { code: 'BAD_INPUT' } }])
  })
})
