import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MKE2FS_ENV } from '../../engine/image/test-images.cases.ts'
import { runArtifactLine } from './run-line.cases.ts'

const CLI = join(import.meta.dirname, '../../cli.ts')
const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures')
const MIB = 1 << 20

describe('looking into artifacts and images', () => {
  let folder: string
  const file = (name: string) => join(folder, name)
  const run = (line: string, isJson = false) => runArtifactLine(`artifact ${line}`, { cwd: folder, isJson })
  const cat = (name: string, ...flags: string[]): Buffer =>
    execFileSync(process.execPath, [CLI, 'artifact', 'cat', name, ...flags], {
      cwd: folder,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const theirs = (name: string): Buffer =>
    execFileSync('mender-artifact', ['cat', name], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  const place = (image: string, name: string, atBytes: number) =>
    execFileSync('dd', [`if=${file(image)}`, `of=${file(name)}`, 'bs=1M', `seek=${atBytes / MIB}`, 'conv=notrunc', 'status=none'])
  const card = (name: string, script: string): void => {
    writeFileSync(file(name), '')
    truncateSync(file(name), 112 * MIB)
    execFileSync('/usr/sbin/sfdisk', ['-q', '--no-reread', '--no-tell-kernel', file(name)], { input: script })
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-cat-'))
    mkdirSync(file('tree/etc/mender'), { recursive: true })
    writeFileSync(file('tree/etc/hostname'), 'board\n')
    writeFileSync(file('tree/etc/mender/artifact_info'), 'artifact_name=r1\n')
    writeFileSync(file('tree/noise'), Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 2_654_435_761) >>> 24)))
    writeFileSync(file('tree/large'), Buffer.alloc(3 * MIB, 'far more than 32 KiB '))
    symlinkSync('../noise', file('tree/etc/link'))
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', file('tree'), file('rootfs.ext4'), '24M'], { env: MKE2FS_ENV })
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', file('tree/etc'), file('small.ext4'), '8M'], { env: MKE2FS_ENV })
    execFileSync('/usr/sbin/mkfs.vfat', ['-C', '-n', 'BOOT', file('boot.fat'), '8192'], { stdio: 'ignore' })
    execFileSync('mcopy', ['-i', file('boot.fat'), file('tree/etc/hostname'), '::kernel-name.txt'])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(['none', 'gzip', 'lzma', 'zstd_fast'])('cat reads files of any size out of a payload, through links: %s', async (compression) => {
    expect(
      await run(`write rootfs-image -f rootfs.ext4 -n r1 -t board -o ${compression}.mender --compression ${compression}`),
    ).toMatchObject({ exitCode: 0 })
    for (const [path, source] of [
      ['etc/hostname', 'etc/hostname'],
      ['etc/link', 'noise'],
      ['large', 'large'],
    ])
      expect(Buffer.compare(cat(`${compression}.mender:/${path}`), readFileSync(file(`tree/${source}`)))).toBe(0)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('otabench-contents-'))).toEqual([])
    // The tool reads no zstd, and of a file no more than 32 KiB.
    if (compression !== 'zstd_fast')
      expect(cat(`${compression}.mender:/etc/hostname`)).toEqual(theirs(`${compression}.mender:/etc/hostname`))
  })

  it('unpacks no more of a payload than it takes to list a folder', async () => {
    await run('write rootfs-image -f rootfs.ext4 -n r1 -t board -o front.mender --compression gzip')
    const { stdout, stderr } = await run('ls front.mender:/')
    expect(stdout).toMatch(/ etc\n/)
    expect(stderr).not.toMatch(/[5-9]\d % read|100 % read/)
  })

  it('ls lists a folder as ls -l does, everything below it, and one file', async () => {
    const { stdout } = await run('ls rootfs.ext4:/etc')
    expect(stdout.split('\n').map((line) => line.replace(/ +/g, ' ').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'TIME'))).toEqual([
      '-rw-r--r-- 0 0 6 TIME hostname',
      'lrwxrwxrwx 0 0 8 TIME link -> ../noise',
      'drwxr-xr-x 0 0 0 TIME mender',
      '',
    ])
    expect((await run('ls -R rootfs.ext4')).stdout).toMatch(/ \/etc\/mender\n.* \/etc\/mender\/artifact_info\n/)
    expect((await run('ls rootfs.ext4:/etc/hostname')).stdout).toMatch(/ 6 .* \/etc\/hostname\n/)
    expect(JSON.parse((await run('ls rootfs.ext4:/etc/link', true)).stdout)).toMatchObject({
      ...{ partition: null, fileSystem: 'ext' },
      files: [{ path: '/etc/link', kind: 'link', mode: '0777', uid: 0, linkTarget: '../noise' }],
    })
  })

  it('finds the paths of a device on a card of four partitions, MBR and GPT alike', async () => {
    for (const label of ['dos', 'gpt']) {
      card(`${label}.sdimg`, `label: ${label}\nstart=2048, size=8M\nsize=40M\nsize=40M\nsize=8M`)
      place('boot.fat', `${label}.sdimg`, MIB)
      place('small.ext4', `${label}.sdimg`, 49 * MIB)
      place('small.ext4', `${label}.sdimg`, 89 * MIB)
      for (const path of ['uboot/KERNEL-name.txt', 'boot/efi/kernel-name.txt', 'hostname', 'data/hostname'])
        expect(cat(`${label}.sdimg:/${path}`).toString()).toBe('board\n')
      expect(JSON.parse((await run(`ls ${label}.sdimg:/data`, true)).stdout)).toMatchObject({ partition: 4, fileSystem: 'ext' })
      // The second partition is empty: what is said of the root file system is read from the third.
      expect(JSON.parse((await run(`ls ${label}.sdimg:/`, true)).stdout)).toMatchObject({ partition: 3 })
    }
    expect(theirs('dos.sdimg:/data/hostname').toString()).toBe('board\n')
    expect((await run('ls gpt.sdimg')).stdout).toMatch(/^gpt .*\n +1 +at 1\.0 MB +8\.4 MB +type 0FC63DAF/)
  })

  it('knows a card by its table, though a superblock of another time is left before its partitions', async () => {
    card('used.img', 'label: dos\nstart=2048, size=8M')
    place('small.ext4', 'used.img', MIB)
    const image = readFileSync(file('used.img'))
    image.writeUInt16LE(0xef53, 1080)
    writeFileSync(file('used.img'), image)
    expect((await run('ls used.img')).stdout).toMatch(/^mbr /)
    expect(cat('used.img:/hostname').toString()).toBe('board\n')
  })

  it('takes a partition by number or name where the layout says nothing', async () => {
    card('two.img', 'label: gpt\nstart=2048, size=8M, name=boot\nsize=40M, name=rootfs')
    place('boot.fat', 'two.img', MIB)
    expect(cat('two.img:/kernel-name.txt', '--partition', 'boot').toString()).toBe('board\n')
    expect(cat('two.img:/kernel-name.txt', '--partition', '1').toString()).toBe('board\n')
    const unclear = await run('cat two.img:/kernel-name.txt')
    expect(unclear).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/has 2 partitions[^]*--partition: 1 \(boot\), 2 \(rootfs\)/),
    })
    expect((await run('ls two.img:/ --partition 3')).stderr).toMatch(/no partition "3"[^]*It has 1 \(boot\)/)
    expect((await run('ls two.img:/ --partition rootfs')).stderr).toMatch(/Partition 2 holds neither/)
  })

  it.each([
    ['cat rootfs.ext4', 2, /names no file inside another/],
    ['cat rootfs.ext4:/nothing', 3, /There is no \/nothing/],
    ['cat rootfs.ext4:/etc', 2, /\/etc is a folder/],
    ['ls rootfs.ext4:/ --partition 1', 2, /There are no partitions/],
    ['ls nothing.img:/', 3, /Cannot open/],
    ['ls tree/noise', 2, /holds neither ext2/],
    ['ls script.mender', 2, /payload hostname holds neither/],
    ['ls boot.mender', 2, /no payload file/],
    ['ls two.mender:/', 2, /has 2 payload files: hostname, artifact_info/],
    ['ls cut.mender:/', 4, /ends|cut|damaged/],
  ])('%s exits %i and says why', async (line, exitCode, message) => {
    await run('write module-image -T m -f tree/etc/hostname -n r -t b -o script.mender')
    await run('write module-image -T m -f tree/etc/hostname -f tree/etc/mender/artifact_info -n r -t b -o two.mender')
    await run('write bootstrap-artifact -n r -t b -o boot.mender')
    writeFileSync(file('cut.mender'), readFileSync(file('gzip.mender')).subarray(0, 6000))
    const done = await run(line)
    expect(done).toMatchObject({ exitCode, stdout: '' })
    expect(done.stderr).toMatch(message)
  })

  it('agrees with mender-artifact on the images that its own tests use', () => {
    if (!existsSync(FIXTURES)) return console.log(`Not compared with mender-artifact's own images: there is no ${FIXTURES}`)
    for (const name of ['mender_test.img', 'mender_test.sdimg', 'mender_test.sparse.sdimg', 'mender_test_fat.sdimg']) {
      // The tool runs fsck on the file, so it gets a copy.
      writeFileSync(file(name), readFileSync(join(FIXTURES, name)))
      expect(cat(`${name}:/etc/mender/artifact_info`)).toEqual(theirs(`${name}:/etc/mender/artifact_info`))
    }
    expect(cat('mender_test.img:/etc/mender/server.crt')).toEqual(theirs('mender_test.img:/etc/mender/server.crt'))
  })
})
