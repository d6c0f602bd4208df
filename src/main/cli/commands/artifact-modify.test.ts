import { chmodSync, chownSync, linkSync, readdirSync, statSync, symlinkSync, truncateSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('modify')
const ROOTFS = 'write rootfs-image -f rootfs.ext4 -n release-1 -t board -o a.mender'
const EVERYTHING =
  'modify a.mender -n release-2 -N old-1 -N old-2 -g lab -G lab -G field -p x:y -d kernel:6 -m meta.json --clears-provides foo.* --delete-clears-provides artifact_group -s ArtifactInstall_Enter_00'

describe('artifact modify', () => {
  const matrix = ['none', 'gzip', 'lzma'].flatMap((compression) => ['rsa', 'ec'].map((key) => ({ compression, key })))

  it.each(matrix)('changes everything it can, and mender-artifact agrees: $compression, signed with $key', async ({ compression, key }) => {
    await shop.succeed(`${ROOTFS} --compression ${compression} -k ec.pem`)
    const before = await shop.content('a.mender')
    await shop.succeed(`${EVERYTHING} -k ${key}.pem`)
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
    const after = await shop.content('a.mender')
    expect(after).toMatchObject({
      ...{ name: 'release-2', group: 'lab', dependsNames: ['old-1', 'old-2'], dependsGroups: ['lab', 'field'], deviceTypes: ['board'] },
      ...{ depends: { kernel: '6' }, metaData: { a: [1, '<'], b: 2 }, scripts: ['ArtifactInstall_Enter_00'], compression },
      provides: { x: 'y', 'rootfs-image.checksum': expect.stringMatching(/^[0-9a-f]{64}$/) },
      clearsProvides: ['rootfs_image_checksum', 'rootfs-image.*', 'foo.*'],
      files: before['files'],
    })
    const text = shop.tool('mender-artifact', 'read', '-k', `${key}.pub`, 'a.mender')
    for (const line of ['Name: release-2', 'signed and verified correctly', 'Provides group: lab', 'kernel: 6', 'x: y'])
      expect(text).toContain(line)
  })

  it.each(['none', 'gzip', 'lzma'])('changes what mender-artifact wrote as the tool itself would: %s', async (compression) => {
    shop.tool(
      'mender-artifact',
      '--compression',
      compression,
      'write',
      'module-image',
      '-T',
      'm',
      '-f',
      'update.sh',
      '-n',
      'r1',
      '-t',
      'd',
      '-o',
      'theirs.mender',
    )
    shop.tool('cp', 'theirs.mender', 'ours.mender')
    shop.tool(
      'mender-artifact',
      'modify',
      ...'-n r2 -N o -g g -G g -d k:v -p a:b -m meta.json --clears-provides c.* theirs.mender'.split(' '),
    )
    await shop.succeed('modify ours.mender --name r2 -N o -g g -G g -d k:v -p a:b -m meta.json --clears-provides c.*')
    const [theirs, ours] = [await shop.content('theirs.mender'), await shop.content('ours.mender')]
    // The tool unpacks the payload and packs it again with the time of its copy.
    expect({ ...ours, files: [] }).toEqual({ ...theirs, files: [] })
    const headerOf = (name: string) => shop.tool('tar', 'xOf', name, 'manifest')
    expect(compression === 'none' ? headerOf('ours.mender') : '').toBe(compression === 'none' ? headerOf('theirs.mender') : '')
  })

  it('changes what format version 2 holds as mender-artifact does, and refuses what it has no place for', async () => {
    await shop.succeed(`${ROOTFS} -v 2 -k rsa.pem`)
    shop.tool('cp', 'a.mender', 'theirs.mender')
    await shop.succeed('modify a.mender -n release-2 -k rsa.pem')
    shop.tool('mender-artifact', 'modify', '-n', 'release-2', '-k', 'rsa.pem', 'theirs.mender')
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
    const [ours, theirs] = [await shop.content('a.mender'), await shop.content('theirs.mender')]
    expect(ours).toMatchObject({ formatVersion: 2, name: 'release-2' })
    expect({ ...ours, files: [] }).toEqual({ ...theirs, files: [] })
    for (const flags of ['-p a:b', '-d a:b', '-g lab', '-G lab', '-N old', '--clears-provides x', '--delete-clears-provides x']) {
      const { exitCode, stderr } = await shop.run(`modify a.mender ${flags} -k rsa.pem`)
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/Format version 2 has no place for provides, depends and groups/)])
    }
    await shop.succeed('modify a.mender -s ArtifactInstall_Enter_00 -m meta.json -k rsa.pem')
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
    expect(await shop.content('a.mender')).toMatchObject({ scripts: ['ArtifactInstall_Enter_00'], metaData: { b: 2 } })
  })

  it('refuses to lose a signature, and says how it may go on', async () => {
    await shop.succeed(`${ROOTFS} -k rsa.pem`)
    const before = shop.bytes('a.mender')
    const refused = await shop.run('modify a.mender -n release-2')
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toMatch(/error BAD_INPUT: The artifact is signed[^]*hint: .*-k KEY.*--drop-signature/)
    expect((await shop.run('modify a.mender -n release-2 --drop-signature -k rsa.pem')).exitCode).toBe(2)
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
    const dropped = await shop.succeed('modify a.mender -n release-2 --drop-signature', { isJson: true })
    expect(JSON.parse(dropped.stdout)).toEqual({ path: 'a.mender', name: 'release-2', isChanged: true, isSigned: false })
    expect([shop.isValid('a.mender'), shop.isValid('a.mender', 'rsa.pub')]).toEqual([true, false])
  })

  it('says what it did not do: the image, the provides that went, the pattern that was not there', async () => {
    await shop.succeed(ROOTFS)
    const { stderr } = await shop.succeed('modify a.mender -n release-2 -p a:b --delete-clears-provides nothing')
    expect(stderr).toMatch(/payload was not touched: \/etc\/mender\/artifact_info/)
    expect(stderr).toMatch(/No longer among the provides: rootfs-image.version\./)
    expect(stderr).toMatch(/"nothing" was not among the provides to clear/)
  })

  it('leaves the file and its signature alone when nothing changes, and copies it with -o', async () => {
    await shop.succeed(`${ROOTFS} -k ec.pem`)
    const [before, { ino, mtimeMs }] = [shop.bytes('a.mender'), statSync(shop.path('a.mender'))]
    const { stdout } = await shop.succeed('modify a.mender -n release-1')
    expect(stdout).toBe('a.mender: release-1, nothing to change, signed\n')
    expect(statSync(shop.path('a.mender'))).toMatchObject({ ino, mtimeMs })
    await shop.succeed('modify a.mender -n release-1 -o b.mender')
    expect(shop.bytes('b.mender').equals(before)).toBe(true)
  })

  it('keeps mode and owner, follows links, and leaves nothing beside the file', async () => {
    await shop.succeed(ROOTFS)
    chmodSync(shop.path('a.mender'), 0o640)
    if (process.getuid?.() === 0) chownSync(shop.path('a.mender'), 1234, 2345)
    const { uid, gid } = statSync(shop.path('a.mender'))
    symlinkSync('a.mender', shop.path('link.mender'))
    await shop.succeed('modify link.mender -n release-2')
    const now = statSync(shop.path('a.mender'))
    expect([now.mode & 0o7777, now.uid, now.gid]).toEqual([0o640, uid, gid])
    expect(readdirSync(shop.folder).filter((name) => name.includes('.new'))).toEqual([])
    expect(await shop.content('a.mender')).toMatchObject({ name: 'release-2' })
  })

  it('leaves the old file when it is stopped or the artifact is damaged, and another name of it when it changes', async () => {
    await shop.succeed(ROOTFS)
    const before = shop.bytes('a.mender')
    expect((await shop.run('modify a.mender -n release-2', { signal: AbortSignal.abort() })).exitCode).toBe(130)
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
    linkSync(shop.path('a.mender'), shop.path('other.mender'))
    await shop.succeed('modify a.mender -n release-2')
    expect(shop.bytes('other.mender').equals(before)).toBe(true)
    truncateSync(shop.path('other.mender'), 2048)
    expect((await shop.run('modify other.mender -n release-3')).exitCode).toBe(4)
    expect(readdirSync(shop.folder).filter((name) => name.includes('.new'))).toEqual([])
  })

  it('takes values away with an empty one', async () => {
    await shop.succeed(`${ROOTFS} -g lab -G lab -N old`)
    await shop.succeed('modify a.mender -g  -G  -N ')
    expect(await shop.content('a.mender')).toMatchObject({ group: null, dependsGroups: [], dependsNames: [] })
  })

  it.each([
    ['modify a.mender -n ', 2, /cannot be the name of an artifact/],
    ['modify a.mender -p foo', 2, /"foo" has no colon/],
    ['modify a.mender -p artifact_name:x', 2, /has a flag of its own/],
    ['modify a.mender -d device_type:x', 2, /has a flag of its own/],
    ['modify a.mender -m update.sh', 2, /not JSON/],
    ['modify a.mender -s update.sh', 2, /not the name of a state script/],
    ['modify a.mender -u https://server', 2, /payload rootfs.ext4 holds neither/],
    ['modify a.mender -c meta.json', 2, /meta.json is not a certificate/],
    ['modify a.mender -v meta.json', 2, /meta.json is not a public key/],
    ['modify a.mender -u x --metadata-only', 2, /cannot be used with/],
    ['modify update.sh -g x', 2, /is no artifact/],
    ['modify a.mender -k update.sh', 1, /not a private key/],
    ['modify nothing.mender -n x', 3, /Cannot open/],
    ['modify update.sh -n x', 2, /holds neither/],
  ])('%s exits %i and says why', async (line, exitCode, message) => {
    await shop.succeed(ROOTFS)
    const before = shop.bytes('a.mender')
    const run = await shop.run(line)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
  })
})
