import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ImageShop } from './artifact-change.cases.ts'

describe('artifact modify, inside the payload', () => {
  let shop: ImageShop
  beforeAll(() => {
    shop = new ImageShop()
    shop.tool('openssl', 'req', '-x509', '-key', 'key.pem', '-subj', '/CN=bench', '-days', '30', '-out', 'server.crt')
  })
  afterAll(() => shop[Symbol.dispose]())
  const cat = (image: string, path: string) => shop.tool('/usr/sbin/debugfs', '-R', `cat ${path}`, image)
  const ALL = '-u https://new -t token -c server.crt -v key.pub -n release-2'

  it('tells the client what mender-artifact tells it', async () => {
    await shop.write('ours.mender', ' --compression none')
    shop.tool('cp', 'ours.mender', 'theirs.mender')
    const { stderr } = await shop.run(`modify ours.mender ${ALL}`)
    expect(stderr).toMatch(/does not name \/etc\/mender\/server.crt as ServerCertificate/)
    shop.tool('mender-artifact', '--compression', 'none', 'modify', ...ALL.split(' '), 'theirs.mender')
    const [ours, theirs] = [shop.payload('ours.mender'), shop.payload('theirs.mender')]
    for (const name of ['server.crt', 'artifact-verify-key.pem'])
      expect(cat(ours, `/etc/mender/${name}`)).toBe(cat(theirs, `/etc/mender/${name}`))
    expect(JSON.parse(cat(ours, '/etc/mender/mender.conf'))).toEqual(JSON.parse(cat(theirs, '/etc/mender/mender.conf')))
    // Laid out as it was, where the tool writes one line.
    expect(cat(ours, '/etc/mender/mender.conf')).toBe(
      '{\n  "ServerURL": "https://new",\n  "Other": [\n    1,\n    2\n  ],\n  "TenantToken": "token"\n}\n',
    )
    expect(cat(ours, '/etc/mender/artifact_info').trim()).toBe(cat(theirs, '/etc/mender/artifact_info'))
    const paths = (image: string) =>
      shop
        .treeOf(image)
        .split('\n')
        .map((line) => line.split(' ')[0])
        .filter((word) => !/^[0-9a-f]{64}$/.test(word ?? ''))
    expect(paths(ours)).toEqual(paths(theirs))
    expect(shop.tool('mender-artifact', 'read', 'ours.mender')).toContain('Name: release-2')
  })

  it('signs anew, keeps the compression, and gives up nothing without being told', async () => {
    await shop.write('signed.mender', ' -k key.pem --compression gzip')
    const before = shop.bytes('signed.mender')
    expect((await shop.run('modify signed.mender -u https://new')).stderr).toMatch(/is signed[^]*--drop-signature/)
    expect(shop.bytes('signed.mender').equals(before)).toBe(true)
    expect(await shop.succeed('modify signed.mender -u https://new -n release-2 -p a:b -k key.pem')).toBe(
      'signed.mender: release-2, changed, signed\n',
    )
    shop.tool('mender-artifact', 'validate', '-k', 'key.pub', 'signed.mender')
    const read = shop.tool('mender-artifact', 'read', 'signed.mender')
    const [, sum] = /rootfs-image\.checksum: ([0-9a-f]{64})/.exec(read) ?? []
    expect(sum).toBe(shop.tool('sha256sum', shop.payload('signed.mender')).slice(0, 64))
  })

  it('leaves the payload alone with --metadata-only, where the name is the same, and where there is no /etc/mender', async () => {
    await shop.write('a.mender')
    const sum = shop.tool('sha256sum', shop.payload('a.mender'))
    const kept = await shop.run('modify a.mender -n release-2 --metadata-only')
    expect(kept.stderr).toMatch(/payload was not touched/)
    expect(shop.tool('sha256sum', shop.payload('a.mender'))).toBe(sum)
    expect(await shop.succeed('modify a.mender -n release-2')).toMatch(/nothing to change/)
    expect(await shop.succeed('rm a.mender:/etc/mender -r')).toMatch(/removed/)
    const without = await shop.run('modify a.mender -n release-3')
    expect(without).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/no artifact_info was written/) })
    expect((await shop.run('modify a.mender -u https://new')).stderr).toMatch(/no \/etc\/mender\/mender.conf/)
  })

  it('changes both root file systems of a card, as the tool does, and a bare image', async () => {
    shop.card('card.sdimg', 'dos')
    await shop.succeed('modify card.sdimg -u https://new -n release-2')
    for (const number of [2, 3] as const) {
      const part = shop.partition('card.sdimg', number)
      expect(JSON.parse(cat(part, '/etc/mender/mender.conf'))).toMatchObject({ ServerURL: 'https://new', Other: [1, 2] })
      expect(cat(part, '/etc/mender/artifact_info')).toBe('artifact_name=release-2\n')
    }
    shop.tool('cp', 'rootfs.ext4', 'bare.img')
    await shop.succeed('modify bare.img -t token -o other.img')
    expect(cat(shop.path('other.img'), '/etc/mender/mender.conf')).toContain('"TenantToken": "token"')
    expect(shop.bytes('bare.img').equals(shop.bytes('rootfs.ext4'))).toBe(true)
    expect((await shop.run('modify bare.img -g lab')).stderr).toMatch(/is no artifact/)
    expect((await shop.run('modify bare.img')).stderr).toMatch(/Nothing is said/)
  })

  it('takes the place of a list of servers, and refuses a configuration that is none or a link', async () => {
    await shop.write('conf.mender')
    shop.tool('sh', '-c', `echo '{"Servers":[{"ServerURL":"https://a"}]}' > mender.conf; ln -s /data/mender.conf linked; echo '[1]' > list`)
    await shop.succeed('cp mender.conf conf.mender:/etc/mender/')
    expect((await shop.run('modify conf.mender -u https://new')).stderr).toMatch(/Servers is gone/)
    expect(cat(shop.payload('conf.mender'), '/etc/mender/mender.conf')).toBe('{"ServerURL":"https://new"}\n')
    await shop.succeed('cp list conf.mender:/etc/mender/mender.conf')
    expect((await shop.run('modify conf.mender -u https://new')).stderr).toMatch(/is not a JSON object/)
    shop.tool('cp', 'rootfs.ext4', 'linked.img')
    shop.tool('/usr/sbin/debugfs', '-w', '-R', 'rm /etc/mender/mender.conf', 'linked.img')
    shop.tool('/usr/sbin/debugfs', '-w', '-R', 'symlink /etc/mender/mender.conf /data/mender.conf', 'linked.img')
    expect((await shop.run('modify linked.img -u https://new')).stderr).toMatch(/is a link to \/data\/mender.conf/)
  })
})
