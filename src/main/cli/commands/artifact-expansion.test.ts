import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('expansion')

/** A root file system of 96 MiB with next to nothing in it. */
function makeImage(name: string, text: string): void {
  shop.put('issue', text)
  shop.tool('/usr/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-O', '^has_journal', name, '96M')
  shop.tool('/usr/sbin/debugfs', '-w', '-R', 'write issue issue', name)
}

const FLAGS = '-t board -f root.ext4'

/** Every command that reads what is inside, or all of the payload. */
const READERS = [
  'read a.mender',
  'validate a.mender',
  'lint a.mender',
  'will-install a.mender --provides device_type=board',
  'dump a.mender --files out',
  'diff a.mender b.mender',
  'ls a.mender:/',
  'cat a.mender:/issue',
  'cp a.mender:/issue there',
  'cp issue a.mender:/copy',
  'install -m 644 issue a.mender:/copy',
  'rm a.mender:/issue',
  'modify a.mender -n release-2',
  'modify a.mender --metadata-only -p key:value --compression zstd',
  'recompress a.mender --compression none',
  'delta a.mender b.mender -o delta.mender',
  'sign a.mender -k ec.pem --verify-payload',
]

describe('an artifact of an almost empty image', () => {
  it('is written, and it is said that readers of it need the flag', async () => {
    makeImage('root.ext4', 'v1')
    for (const compression of ['gzip', 'zstd', 'lzma']) {
      const run = await shop.succeed(`write rootfs-image -n a ${FLAGS} --compression ${compression} -o a.mender`, { isJson: true })
      const said = /the payload expands to \d+ bytes, [\d,]+ times the \d+ that it is stored in: .* --allow-expansion/
      expect(run.stderr).toMatch(said)
      expect(JSON.parse(run.stdout)).toMatchObject({ warnings: [expect.stringMatching(said)] })
      const refused = await shop.run('validate a.mender')
      expect(refused.exitCode).toBe(4)
      expect(refused.stderr).toMatch(/^error EXPANSION_LIMIT: data\/0000\.tar declares .*\nhint: .*--allow-expansion/m)
    }
    const plain = await shop.succeed(`write rootfs-image -n a ${FLAGS} --compression none -o a.mender`)
    expect(plain.stderr).not.toContain('expands')
    await shop.succeed('validate a.mender')
    expect((await shop.succeed('recompress a.mender --compression gzip')).stderr).toContain('--allow-expansion')
  })

  it('of mender-artifact is refused by every command that would expand it, and taken by each with the flag', async () => {
    makeImage('root.ext4', 'v1')
    makeImage('new.ext4', 'v2')
    shop.tool('mender-artifact', 'write', 'rootfs-image', '-n', 'a', ...FLAGS.split(' '), '-o', 'a.mender')
    shop.tool('mender-artifact', 'write', 'rootfs-image', '-n', 'b', '-t', 'board', '-f', 'new.ext4', '-o', 'b.mender')
    shop.put('kept.mender', shop.bytes('a.mender'))
    for (const line of READERS) {
      shop.put('a.mender', shop.bytes('kept.mender'))
      const refused = await shop.run(line)
      expect([line, refused.exitCode, refused.stderr.includes('EXPANSION_LIMIT')]).toEqual([line, 4, true])
      expect(shop.bytes('a.mender').equals(shop.bytes('kept.mender'))).toBe(true)
      expect([line, (await shop.run(`${line} --allow-expansion`)).exitCode]).toEqual([line, 0])
    }
    shop.put('a.mender', shop.bytes('kept.mender'))
    // What expands nothing needs no flag.
    await shop.succeed('sign a.mender -k ec.pem')
    expect(shop.isValid('a.mender', 'ec.pub')).toBe(true)
  })
})
