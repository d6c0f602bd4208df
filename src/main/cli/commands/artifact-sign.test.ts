import { chmodSync, linkSync, readdirSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('sign')
const MODULE = 'write module-image -T script -n release-1 -t board -f update.sh -o a.mender'

describe('artifact sign', () => {
  const matrix = ['none', 'gzip'].flatMap((compression) => ['rsa', 'ec'].map((key) => ({ compression, key })))

  it.each(matrix)('signs what mender-artifact wrote, and it agrees: $compression, $key', async ({ compression, key }) => {
    shop.tool('mender-artifact', '--compression', compression, ...MODULE.split(' '))
    await shop.succeed(`sign a.mender -k ${key}.pem --verify-with ec.pub --verify-with rsa.pub --verify-payload`)
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
    await shop.succeed(`sign a.mender -f -k rsa.pem -o b.mender`)
    expect([shop.isValid('a.mender', `${key}.pub`), shop.isValid('b.mender', 'rsa.pub')]).toEqual([true, true])
  })

  it('changes one sector of the file when the new signature has the room of the old one', async () => {
    await shop.succeed(`${MODULE} -k ec.pem`)
    const [before, { ino }] = [shop.bytes('a.mender'), statSync(shop.path('a.mender'))]
    await shop.succeed('sign a.mender -f -k ec.pem')
    const after = shop.bytes('a.mender')
    const changed = [...after.keys()].filter((at) => after[at] !== before[at])
    expect(new Set(changed.map((at) => Math.floor(at / 512))).size).toBe(1)
    expect(statSync(shop.path('a.mender')).ino).toBe(ino)
    expect(shop.isValid('a.mender', 'ec.pub')).toBe(true)
  })

  it('makes a new file in every other case, also when the old one has a second name', async () => {
    await shop.succeed(`${MODULE} -k ec.pem`)
    chmodSync(shop.path('a.mender'), 0o604)
    linkSync(shop.path('a.mender'), shop.path('other.mender'))
    const before = shop.bytes('a.mender')
    await shop.succeed('sign a.mender -f -k ec.pem')
    await shop.succeed('sign a.mender -f -k rsa.pem')
    expect(shop.bytes('other.mender').equals(before)).toBe(true)
    expect(statSync(shop.path('a.mender')).mode & 0o777).toBe(0o604)
    expect(shop.isValid('a.mender', 'rsa.pub')).toBe(true)
    expect(readdirSync(shop.folder).filter((name) => name.includes('.new'))).toEqual([])
  })

  it('checks the payload only when asked, because the signature does not depend on it', async () => {
    await shop.succeed(`${MODULE} --compression none`)
    const damaged = shop.bytes('a.mender')
    damaged[damaged.indexOf('echo updated')] = 0
    shop.put('a.mender', damaged)
    expect((await shop.run('sign a.mender -k ec.pem --verify-payload')).stderr).toMatch(/checksum mismatch/)
    await shop.succeed('sign a.mender -k ec.pem')
    expect((await shop.run('validate a.mender -k ec.pub')).exitCode).toBe(4)
  })

  it.each([
    ['sign a.mender', 2, /The key is missing[^]*--detached, then --attach/],
    ['sign a.mender -k ec.pem --detached', 2, /cannot be used with option/],
    ['sign a.mender -k ec.pem --attach x', 2, /cannot be used with option/],
    ['sign a.mender -k ec.pub', 1, /not a private key/],
    ['sign a.mender -k ec.pem --verify-with rsa.pub', 4, /not one of rsa.pub/],
    ['sign a.mender -k ec.pem --verify-with rsa.pem', 1, /a private key where a public one is wanted/],
    ['sign a.mender --attach update.sh', 2, /no RSA or P-256 signature/],
    ['sign a.mender --attach nothing', 3, /Cannot open/],
    ['sign update.sh -k ec.pem', 4, /ends at byte/],
  ])('%s exits %i and says why', async (line, exitCode, message) => {
    await shop.succeed(MODULE)
    const before = shop.bytes('a.mender')
    const run = await shop.run(line)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
  })
})

describe('signing elsewhere', () => {
  it.each([
    { key: 'rsa', form: 'raw' },
    { key: 'ec', form: 'DER' },
    { key: 'rsa', form: 'base64' },
    { key: 'ec', form: 'base64' },
  ])('openssl signs what --detached hands out, and --attach takes it: $key, $form', async ({ key, form }) => {
    await shop.succeed(MODULE)
    const { stdout } = await shop.succeed('sign --detached a.mender')
    expect(stdout).toBe(shop.tool('tar', 'xOf', 'a.mender', 'manifest'))
    shop.put('manifest', stdout)
    shop.tool('openssl', 'dgst', '-sha256', '-sign', `${key}.pem`, '-out', 'signature', 'manifest')
    if (form === 'base64') shop.tool('openssl', 'base64', '-in', 'signature', '-out', 'text')
    const file = form === 'base64' ? 'text' : 'signature'
    const attached = await shop.succeed(`sign --attach ${file} --verify-with rsa.pub --verify-with ec.pub a.mender`, { isJson: true })
    expect(JSON.parse(attached.stdout)).toEqual({ path: 'a.mender', isSigned: true, verifiedBy: `${key}.pub` })
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
  })

  it('attaches nothing that does not fit the given key, and says when nothing was checked', async () => {
    await shop.succeed(MODULE)
    const before = shop.bytes('a.mender')
    shop.tool('openssl', 'dgst', '-sha256', '-sign', 'rsa.pem', '-out', 'signature', 'update.sh')
    expect(await shop.run('sign --attach signature --verify-with rsa.pub a.mender')).toMatchObject({ exitCode: 4, stdout: '' })
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
    expect((await shop.succeed('sign --attach signature a.mender')).stderr).toMatch(/not checked: no key/)
    expect((await shop.run('sign --attach signature a.mender')).stderr).toMatch(/already signed/)
  })

  it('hands out the same bytes signed or not, with their sum in JSON', async () => {
    await shop.succeed(MODULE)
    const { stdout } = await shop.succeed('sign --detached a.mender')
    await shop.succeed('sign a.mender -k ec.pem')
    expect((await shop.succeed('sign --detached a.mender')).stdout).toBe(stdout)
    const answer: unknown = JSON.parse((await shop.succeed('sign --detached a.mender', { isJson: true })).stdout)
    shop.put('manifest', stdout)
    expect(answer).toEqual({ manifest: stdout, sha256: shop.tool('sha256sum', 'manifest').slice(0, 64) })
  })
})

describe('several public keys', () => {
  it('are tried in turn, and the one that fits is named', async () => {
    await shop.succeed(`${MODULE} -k ec.pem`)
    expect((await shop.succeed('validate a.mender -k rsa.pub -k ec.pub')).stdout).toContain('signed with ec.pub')
    expect((await shop.succeed('read a.mender -k ec.pub -k rsa.pub')).stdout).toContain('signed and verified correctly with ec.pub')
    expect((await shop.run('validate a.mender -k rsa.pub')).stderr).toMatch(/not made with rsa.pub/)
  })
})
