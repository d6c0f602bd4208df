import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

/** Needs softhsm2 and libengine-pkcs11-openssl. */
const shop = new Workshop('token')
const MODULE = 'write module-image -T script -n release-1 -t board -f update.sh -o a.mender'

beforeEach(async () => {
  mkdirSync(shop.path('tokens'))
  shop.put('softhsm2.conf', `directories.tokendir = ${shop.path('tokens')}\nobjectstore.backend = file\n`)
  vi.stubEnv('SOFTHSM2_CONF', shop.path('softhsm2.conf'))
  shop.tool('softhsm2-util', '--init-token', '--free', '--label', 'bench', '--pin', '4321', '--so-pin', '87654321')
  for (const [index, key] of ['rsa', 'ec'].entries()) {
    shop.tool('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', `${key}.pem`, '-out', 'plain.pem')
    shop.tool('softhsm2-util', '--import', 'plain.pem', '--token', 'bench', '--label', key, '--id', `0${index + 1}`, '--pin', '4321')
  }
  shop.put('pin', '4321\n')
  await shop.succeed(MODULE)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a key of a PKCS#11 token', () => {
  it.each(['rsa', 'ec'])('signs and re-signs, and mender-artifact agrees: %s', async (key) => {
    const token = `--key-pkcs11 pkcs11:token=bench;object=${key};type=private --passphrase-file pin`
    await shop.succeed(`sign a.mender ${token} --verify-with ${key}.pub`)
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
    await shop.succeed(`modify a.mender -n release-2 ${token}`)
    expect(shop.isValid('a.mender', `${key}.pub`)).toBe(true)
  })

  it.each(['rsa', 'ec'])('verifies without a PIN, and is named: %s', async (key) => {
    await shop.succeed(`sign a.mender -k ${key}.pem`)
    const uri = `pkcs11:token=bench;object=${key};type=public`
    for (const command of ['read', 'validate'])
      expect((await shop.succeed(`${command} a.mender --key-pkcs11 ${uri}`)).stdout).toMatch(new RegExp(`(correctly|signed) with ${uri}`))
    const other = key === 'rsa' ? 'ec' : 'rsa'
    expect(await shop.run(`validate a.mender --key-pkcs11 pkcs11:token=bench;object=${other};type=public`)).toMatchObject({ exitCode: 4 })
    await shop.succeed(`validate a.mender -k ${other}.pub --key-pkcs11 ${uri}`)
  })

  it.each([
    ['--key-pkcs11 pkcs11:token=bench;object=none;type=public', 1, /KEY_MISSING: No token here has the key/],
    ['--key-pkcs11 rsa.pub', 2, /names no key of a token/],
  ])('that is not there verifies nothing: %s exits %i', async (flags, exitCode, message) => {
    await shop.succeed('sign a.mender -k rsa.pem')
    expect(await shop.run(`validate a.mender ${flags}`)).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(message) })
  })

  it('may have its PIN in a file that the URI names', async () => {
    await shop.succeed(`sign a.mender --key-pkcs11 pkcs11:token=bench;object=ec?pin-source=file:${shop.path('pin')}`)
    expect(shop.isValid('a.mender', 'ec.pub')).toBe(true)
  })

  it.each([
    ['--key-pkcs11 pkcs11:token=bench;object=rsa --passphrase-file wrong', 1, /KEY_MISSING: The token refuses the PIN/],
    ['--key-pkcs11 pkcs11:token=bench;object=none --passphrase-file pin', 1, /KEY_MISSING: No token here has the key/],
    ['--key-pkcs11 pkcs11:token=bench;object=rsa?pin-value=4321', 2, /The PIN stands on the command line/],
    ['--key-pkcs11 rsa.pem --passphrase-file pin', 2, /names no key of a token/],
    ['--key-pkcs11 pkcs11:token=bench -k rsa.pem', 2, /cannot be used with option/],
  ])('%s exits %i and says why', async (flags, exitCode, message) => {
    const before = shop.bytes('a.mender')
    shop.put('wrong', '12345\n')
    const run = await shop.run(`sign a.mender ${flags}`)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
  })
})
