import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { ImageShop } from './artifact-change.cases.ts'

const CLI = join(import.meta.dirname, '../../cli.ts')

describe('changing what is inside an artifact', () => {
  let shop: ImageShop
  beforeAll(async () => {
    shop = new ImageShop()
    await shop.write('a.mender', ' --compression none')
    await shop.succeed('write module-image -T m -f motd -n r -t b -o module.mender')
    shop.tool('truncate', '-s', '20M', 'big')
    const damaged = shop.bytes('a.mender')
    damaged[8 << 20] = (damaged[8 << 20] ?? 0) ^ 0xff
    writeFileSync(shop.path('damaged.mender'), damaged)
  })
  afterAll(() => shop[Symbol.dispose]())
  const leftovers = () => readdirSync(shop.folder).filter((name) => /\.(new|image)$/.test(name))
  const content = async (name: string): Promise<ArtifactContent> => {
    const { stdout } = await shop.run(`read ${name}`, { isJson: true })
    return JSON.parse(stdout)
  }

  it.each(['none', 'gzip'])('cp, install and rm do what mender-artifact does: %s', async (compression) => {
    await shop.write('ours.mender', ` --compression ${compression}`)
    shop.tool('cp', 'ours.mender', 'theirs.mender')
    const theirs = (...args: string[]) => shop.tool('mender-artifact', '--compression', compression, ...args)
    await shop.succeed('cp motd ours.mender:/etc/')
    await shop.succeed('cp large ours.mender:/etc/hostname')
    await shop.succeed('install -d ours.mender:/opt/a/b')
    await shop.succeed('install -m 0755 motd ours.mender:/opt/a/run')
    await shop.succeed('rm ours.mender:/etc/link')
    await shop.succeed('rm ours.mender:/var/empty -r')
    // With a slash at the end 3.9.0 calls it /etc/etc.
    theirs('cp', 'motd', 'theirs.mender:/etc/motd')
    theirs('cp', 'large', 'theirs.mender:/etc/hostname')
    theirs('install', '-d', 'theirs.mender:/opt/a/b')
    theirs('install', '-m', '0755', 'motd', 'theirs.mender:/opt/a/run')
    theirs('rm', 'theirs.mender:/etc/link')
    theirs('rm', '-r', 'theirs.mender:/var/empty/')
    expect(shop.treeOf(shop.payload('ours.mender'))).toBe(shop.treeOf(shop.payload('theirs.mender')))
    const [ours, other] = [await content('ours.mender'), await content('theirs.mender')]
    expect(ours).toMatchObject({ compression, name: 'release-1', provides: { 'rootfs-image.checksum': expect.any(String) } })
    const { 'rootfs-image.checksum': sum } = ours.provides
    expect(ours.files).toMatchObject([{ name: 'rootfs.ext4', sha256: sum }])
    expect({ ...ours, provides: {}, files: [] }).toEqual({ ...other, provides: {}, files: [] })
  })

  it('changes files inside an artifact of format version 2 too', async () => {
    await shop.write('two.mender', ' -v 2')
    await shop.succeed('cp motd two.mender:/etc/motd')
    await shop.succeed('modify two.mender -n release-2')
    shop.payload('two.mender')
    expect(shop.tool('mender-artifact', 'cat', 'two.mender:/etc/motd')).toBe('welcome\n')
    expect(shop.tool('mender-artifact', 'cat', 'two.mender:/etc/mender/artifact_info')).toContain('artifact_name=release-2')
    expect(await content('two.mender')).toMatchObject({ formatVersion: 2, name: 'release-2', provides: {} })
  })

  it('gives a mode to the folder that it is said of, and to those above it the usual one, as install -d does', async () => {
    await shop.write('folders.mender')
    await shop.succeed('install -d -m 700 folders.mender:/srv/app/secrets')
    const tree = shop.treeOf(shop.payload('folders.mender')).split('\n')
    expect(tree.filter((line) => line.startsWith('srv'))).toEqual(['srv d 755 0:0 ', 'srv/app d 755 0:0 ', 'srv/app/secrets d 700 0:0 '])
  })

  it.each(['lzma', 'zstd'])(
    'packs once for several files, reads them back with their modes, takes - for both ends: %s',
    async (compression) => {
      await shop.write('packed.mender', ` --compression ${compression}`)
      await shop.succeed('cp motd large packed.mender:/etc/mender/')
      const cli = (input: string, ...args: string[]) =>
        execFileSync(process.execPath, [CLI, 'artifact', ...args], { cwd: shop.folder, input, stdio: 'pipe' })
      cli('from a pipe\n', 'cp', '-', 'packed.mender:/etc/hostname')
      expect(cli('', 'cp', 'packed.mender:/etc/link', '-').toString()).toBe('from a pipe\n')
      mkdirSync(shop.path('out'), { recursive: true })
      await shop.succeed('cp packed.mender:/etc/mender/motd packed.mender:/etc/mender/large out')
      expect(readFileSync(shop.path('out/large')).equals(shop.bytes('large'))).toBe(true)
      expect(statSync(shop.path('out/motd')).mode & 0o7777).toBe(0o640)
      await shop.succeed('cp packed.mender:/etc/hostname out/new-name')
      expect(readFileSync(shop.path('out/new-name'), 'utf8')).toBe('from a pipe\n')
      expect(await content('packed.mender')).toMatchObject({ compression })
    },
  )

  it('keeps scripts, meta-data, groups, mode and owner, and follows a link to the file', async () => {
    writeFileSync(shop.path('ArtifactInstall_Enter_00'), '#!/bin/sh\n')
    await shop.write('kept.mender', ' -s ArtifactInstall_Enter_00 -g lab -d kernel:6 -p a:b')
    const before = await content('kept.mender')
    chmodSync(shop.path('kept.mender'), 0o640)
    if (process.getuid?.() === 0) chownSync(shop.path('kept.mender'), 1234, 2345)
    const { uid, gid } = statSync(shop.path('kept.mender'))
    symlinkSync('kept.mender', shop.path('link.mender'))
    await shop.succeed('cp motd link.mender:/etc/motd --compression none')
    expect(statSync(shop.path('kept.mender'))).toMatchObject({ uid, gid, mode: 0o100_640 })
    const after = await content('kept.mender')
    expect({ ...after, provides: {}, files: [], compression: '' }).toEqual({ ...before, provides: {}, files: [], compression: '' })
    expect(after).toMatchObject({ compression: 'none', provides: { a: 'b', 'rootfs-image.version': 'release-1' } })
    expect(leftovers()).toEqual([])
  })

  it('signs anew with a key, and never loses a signature without a word', async () => {
    await shop.write('signed.mender', ' -k key.pem')
    const before = shop.bytes('signed.mender')
    const refused = await shop.run('cp motd signed.mender:/etc/motd')
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/is signed[^]*-k KEY.*--drop-signature/) })
    expect(shop.bytes('signed.mender').equals(before)).toBe(true)
    expect(await shop.succeed('cp motd signed.mender:/etc/motd -k key.pem')).toBe('signed.mender: /etc/motd written, signed\n')
    shop.tool('mender-artifact', 'validate', '-k', 'key.pub', 'signed.mender')
    expect(await shop.succeed('rm signed.mender:/etc/motd --drop-signature')).toBe('signed.mender: /etc/motd removed, not signed\n')
    shop.tool('mender-artifact', 'validate', 'signed.mender')
    expect(shop.tool('mender-artifact', 'read', 'signed.mender')).toContain('no signature')
  })

  it('is the same to the byte with the same SOURCE_DATE_EPOCH', async () => {
    const made: Buffer[] = []
    for (const name of ['one.mender', 'two.mender']) {
      await shop.write(name, ' --reproducible --compression gzip')
      execFileSync(process.execPath, [CLI, 'artifact', 'cp', 'motd', `${name}:/etc/motd`], {
        cwd: shop.folder,
        env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
        stdio: 'ignore',
      })
      made.push(shop.bytes(name))
    }
    expect(made[0]?.equals(made[1] ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([
    ['cp nothing a.mender:/etc/motd', 3, /no file nothing/],
    ['cp motd a.mender:/nowhere/motd', 3, /no \/nowhere/],
    ['cp motd motd a.mender:/etc/motd', 2, /cannot all become/],
    ['cp motd other', 2, /None of the paths is inside/],
    ['cp a.mender:/etc/hostname a.mender:/etc/motd', 2, /on one side only/],
    ['cp tree a.mender:/etc/motd', 2, /is a folder/],
    ['cp /dev/zero a.mender:/etc/motd', 2, /no regular file[^]*cp - FILE/],
    ['cp a.mender:/etc/hostname a.mender', 2, /place of .*a.mender, which it is made of/],
    ['cp motd a.mender:/data/motd', 2, /not on the root file system/],
    ['cp motd a.mender:/boot/grub/motd', 2, /not on the root file system/],
    ['cp motd a.mender:/etc/motd --partition 2', 2, /no partitions/],
    ['cp motd module.mender:/etc/motd', 2, /payload motd holds neither/],
    ['cp motd damaged.mender:/etc/motd', 4, /checksum mismatch|damaged/],
    ['cp big a.mender:/etc/motd', 3, /needs 20971520 bytes/],
    ['install motd a.mender:/etc/motd', 2, /No mode is given/],
    ['install -m 0999 motd a.mender:/etc/motd', 2, /"0999" is not a mode/],
    ['install -m 755 motd', 2, /names no file inside/],
    ['install -d a.mender:/etc/hostname', 1, /there already|is a file|CONFLICT/],
    ['rm a.mender:/etc/nothing', 3, /no \/etc\/nothing/],
    ['rm a.mender:/etc/mender', 2, /not empty/],
    ['rm a.mender:/etc/hostname module.mender:/x', 2, /different files/],
  ])('%s exits %i, says why, and leaves every byte', async (line, exitCode, message) => {
    const names = ['a.mender', 'module.mender', 'damaged.mender']
    const before = names.map((name) => shop.bytes(name))
    const run = await shop.run(line)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(names.map((name, index) => shop.bytes(name).equals(before[index] ?? Buffer.alloc(0)))).toEqual([true, true, true])
    expect(leftovers()).toEqual([])
  })

  it('leaves the old file when it is stopped, at whatever step', async () => {
    await shop.write('stop.mender')
    const before = shop.bytes('stop.mender')
    for (const afterMs of [0, 20, 60, 120, 200]) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(), afterMs)
      const run = await shop.run('cp large stop.mender:/etc/motd', { signal: stop.signal })
      if (run.exitCode === 0) break
      expect(run.exitCode).toBe(130)
      expect(shop.bytes('stop.mender').equals(before)).toBe(true)
      expect(leftovers()).toEqual([])
    }
  })
})

describe('changing what is inside a card image', () => {
  let shop: ImageShop
  beforeAll(() => {
    shop = new ImageShop()
  })
  afterAll(() => shop[Symbol.dispose]())

  it('says of a partition that was not unmounted how it is mended where it lies, and changes it then', async () => {
    shop.card('unclean.sdimg', 'gpt')
    const slot = `unclean.sdimg?offset=${9 << 20}`
    shop.tool('/usr/sbin/debugfs', '-w', '-R', 'set_super_value state 0', slot)
    const refused = await shop.run('cp motd unclean.sdimg:/etc/motd')
    expect(refused.exitCode).toBe(4)
    expect(refused.stderr).toContain('error ARTIFACT_INVALID: Partition 2: The ext4 file system was not unmounted cleanly')
    expect(refused.stderr).toContain(`hint: Run e2fsck -fy "IMAGE?offset=${9 << 20}" once.`)
    // 1: it found something to mend.
    shop.tool('sh', '-c', `/usr/sbin/e2fsck -fy "${slot}"; [ $? -le 1 ]`)
    await shop.succeed('cp motd unclean.sdimg:/etc/motd')
    expect(shop.tool('mender-artifact', 'cat', 'unclean.sdimg:/etc/motd')).toBe('welcome\n')
  })

  it.each(['dos', 'gpt'] as const)('writes to boot, both root file systems and data, and no byte beside them: %s', async (label) => {
    shop.card('card.sdimg', label)
    const before = shop.bytes('card.sdimg')
    await shop.succeed('cp motd card.sdimg:/uboot/')
    await shop.succeed('install -d card.sdimg:/boot/efi/EFI/boot')
    await shop.succeed('install -m 600 large card.sdimg:/boot/efi/EFI/boot/bootx64.efi')
    await shop.succeed('cp motd large card.sdimg:/etc/')
    await shop.succeed('cp motd card.sdimg:/data/motd')
    await shop.succeed('rm card.sdimg:/etc/link')
    const boot = shop.partition('card.sdimg', 1)
    expect(shop.tool('mtype', '-i', boot, '::motd')).toBe('welcome\n')
    expect(shop.tool('mdir', '-b', '-/', '-i', boot, '::')).toContain('EFI/boot/bootx64.efi')
    const [a, b] = [shop.treeOf(shop.partition('card.sdimg', 2)), shop.treeOf(shop.partition('card.sdimg', 3))]
    expect(a).toBe(b)
    expect(a).toMatch(/etc\/large f 755 0:0/)
    expect(a).not.toContain('etc/link')
    expect(shop.treeOf(shop.partition('card.sdimg', 4))).toMatch(/^motd f 640/m)
    const after = shop.bytes('card.sdimg')
    const outside = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 1 << 20), bytes.subarray(49 << 20)])
    expect(outside(after).equals(outside(before))).toBe(true)
    if (label === 'dos') expect(shop.tool('mender-artifact', 'cat', 'card.sdimg:/uboot/motd')).toBe('welcome\n')
  })

  it('agrees with mender-artifact on a card', async () => {
    shop.card('ours.sdimg', 'dos')
    shop.tool('cp', 'ours.sdimg', 'theirs.sdimg')
    for (const [source, target] of [
      ['motd', '/uboot/motd'],
      ['large', '/etc/large'],
      ['motd', '/data/motd'],
    ]) {
      await shop.succeed(`cp ${source} ours.sdimg:${target}`)
      shop.tool('mender-artifact', 'cp', source ?? '', `theirs.sdimg:${target}`)
    }
    for (const number of [2, 3, 4] as const)
      expect(shop.treeOf(shop.partition('ours.sdimg', number))).toBe(shop.treeOf(shop.partition('theirs.sdimg', number)))
    const [ours, theirs] = [shop.partition('ours.sdimg', 1), shop.partition('theirs.sdimg', 1)]
    expect(shop.tool('mdir', '-b', '-/', '-i', ours, '::')).toBe(shop.tool('mdir', '-b', '-/', '-i', theirs, '::'))
  })

  it('changes one file system that is the whole image, and one partition that is named', async () => {
    shop.tool('cp', 'rootfs.ext4', 'bare.img')
    await shop.succeed('cp motd bare.img:/etc/motd')
    expect(shop.tool('mender-artifact', 'cat', 'bare.img:/etc/motd')).toBe('welcome\n')
    shop.tool('/usr/sbin/e2fsck', '-fn', 'bare.img')
    shop.card('one.sdimg', 'gpt')
    await shop
      .succeed('cp motd one.sdimg:/data/motd --partition 4 --partition 2')
      .catch((thrown: unknown) => expect(String(thrown)).toMatch(/no \/data/))
    await shop.succeed('cp motd one.sdimg:/motd --partition 2')
    expect(shop.treeOf(shop.partition('one.sdimg', 2))).toMatch(/^motd f/m)
    expect(shop.treeOf(shop.partition('one.sdimg', 3))).not.toMatch(/^motd f/m)
  })

  it('skips a root file system that is still empty, and leaves the image when something fails', async () => {
    shop.card('half.sdimg', 'dos')
    execFileSync('dd', ['if=/dev/zero', `of=${shop.path('half.sdimg')}`, 'bs=1M', 'seek=25', 'count=16', 'conv=notrunc', 'status=none'])
    await shop.succeed('cp motd half.sdimg:/etc/motd')
    expect(shop.treeOf(shop.partition('half.sdimg', 2))).toMatch(/etc\/motd f/)
    const before = shop.bytes('half.sdimg')
    for (const line of ['cp motd half.sdimg:/etc/motd --partition 3', 'cp motd half.sdimg:/nowhere/motd', 'rm half.sdimg:/uboot/nothing'])
      expect((await shop.run(line)).exitCode).not.toBe(0)
    expect((await shop.run('cp motd half.sdimg:/etc/motd -k key.pem')).stderr).toMatch(/is no artifact/)
    expect((await shop.run('cp motd half.sdimg:/etc/x', { signal: AbortSignal.abort() })).exitCode).toBe(130)
    expect(shop.bytes('half.sdimg').equals(before)).toBe(true)
  })
})
