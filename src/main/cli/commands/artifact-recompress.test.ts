import { chmodSync, readdirSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('recompress')
const ROOTFS = 'write rootfs-image -f rootfs.ext4 -n release-1 -t board -o a.mender'

describe('artifact recompress', () => {
  const matrix = ['rsa', 'ec'].flatMap((key) =>
    ['none', 'gzip', 'lzma'].flatMap((from) => ['none', 'gzip', 'lzma'].map((to) => ({ key, from, to }))),
  )

  it.each(matrix)('keeps the signature valid for mender-artifact: $key, $from to $to', async ({ key, from, to }) => {
    shop.tool('mender-artifact', '--compression', from, ...`${ROOTFS} -k ${key}.pem`.split(' '))
    const before = shop.bytes('a.mender')
    await shop.succeed(`recompress a.mender --compression ${to}`)
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
    expect(await shop.content('a.mender')).toMatchObject({ compression: to, signature: { present: true } })
    expect((await shop.succeed(`validate a.mender -k ${key}.pub`)).stdout).toContain(`signed with ${key}.pub`)
    expect(shop.bytes('a.mender').equals(before)).toBe(from === to)
    expect(shop.tool('tar', 'xOf', 'a.mender', 'manifest')).toContain(`header.tar${{ none: '', gzip: '.gz', lzma: '.xz' }[from]}\n`)
  })

  it('takes zstd too, which mender-artifact 3.9 cannot read, and goes back to what it can', async () => {
    await shop.succeed(`${ROOTFS} -k rsa.pem`)
    for (const level of ['zstd', 'zstd_best']) {
      await shop.succeed(`recompress a.mender --compression ${level}`)
      expect((await shop.succeed('validate a.mender -k rsa.pub')).stdout).toContain('signed with rsa.pub')
      expect(await shop.content('a.mender')).toMatchObject({ compression: 'zstd' })
    }
    await shop.succeed('modify a.mender -n release-2 -k ec.pem')
    await shop.succeed('recompress a.mender --compression none')
    expect(shop.isValid('a.mender', 'ec.pub')).toBe(true)
  })

  it('writes elsewhere with -o, keeps the mode, and leaves the old file when the payload is damaged or it is stopped', async () => {
    await shop.succeed(`${ROOTFS} --compression none`)
    chmodSync(shop.path('a.mender'), 0o640)
    const answer = await shop.succeed('recompress a.mender --compression gzip -o b.mender', { isJson: true })
    expect(JSON.parse(answer.stdout)).toEqual({
      ...{ path: 'b.mender', name: 'release-1', compression: 'gzip', isChanged: true, isSigned: false },
      sizeBytes: statSync(shop.path('b.mender')).size,
      warnings: [],
    })
    expect(statSync(shop.path('b.mender')).mode & 0o777).toBe(0o640)
    expect((await shop.run('recompress a.mender --compression gzip', { signal: AbortSignal.abort() })).exitCode).toBe(130)
    const damaged = shop.bytes('a.mender')
    damaged[damaged.length - 5000] = 1
    shop.put('a.mender', damaged)
    expect((await shop.run('recompress a.mender --compression gzip')).stderr).toMatch(/checksum mismatch/)
    expect(shop.bytes('a.mender').equals(damaged)).toBe(true)
    expect(readdirSync(shop.folder).filter((name) => name.includes('.new'))).toEqual([])
  })

  it.each([
    ['recompress a.mender', /--compression <id>' not specified/],
    ['recompress a.mender --compression foo', /Allowed choices are none, gzip/],
  ])('%s exits 2 and says why', async (line, message) => {
    const run = await shop.run(line)
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
  })
})
