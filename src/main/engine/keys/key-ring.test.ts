import { execFileSync } from 'node:child_process'
import { assert, nat, property } from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError, toAppError } from '../../contract/errors.ts'
import { generateKeyPair } from '../artifact/keys.ts'
import { fakeHost } from '../host.fake.ts'
import { readWhole } from '../lib/file-streams.ts'
import { openStore } from '../store/open.ts'
import { createKeyRing } from './key-ring.ts'
import { type Keychain, seal, unseal } from './seal.ts'

function setUp() {
  const host = fakeHost()
  const store = openStore(':memory:')
  return { host, store, ring: createKeyRing({ store, host, folder: '/data/keys' }) }
}

describe('the key ring', () => {
  let opened: ReturnType<typeof setUp> | null = null
  afterEach(() => opened?.store.close())

  it('keeps the private half in a file that only its owner can read, and lists public facts alone', async () => {
    opened = setUp()
    const key = await opened.ring.generate('release', 'p256')
    expect(key).toMatchObject({ name: 'release', algorithm: 'p256', hasPrivateKey: true })
    expect(await opened.host.files.stat(`/data/keys/${key.id}.pem`)).toMatchObject({ mode: 0o600 })
    expect(JSON.stringify(opened.ring.list())).not.toContain('PRIVATE')
    expect(await opened.ring.privatePem(key.id)).toContain('PRIVATE KEY')
  })

  it('imports a public key, with which nothing can be signed', async () => {
    opened = setUp()
    const { publicKeyPem } = await generateKeyPair('p256')
    const key = await opened.ring.import('from-ci', publicKeyPem)
    expect(key.hasPrivateKey).toBe(false)
    await expect(opened.ring.privatePem(key.id)).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  it('takes each name and each key once', async () => {
    opened = setUp()
    const { privateKeyPem, publicKeyPem } = await generateKeyPair('p256')
    await opened.ring.import('one', privateKeyPem)
    await expect(opened.ring.import('one', (await generateKeyPair('p256')).publicKeyPem)).rejects.toThrow(/called "one" already/)
    await expect(opened.ring.import('two', publicKeyPem)).rejects.toThrow(/here already, called "one"/)
  })

  it('forgets a key with its file', async () => {
    opened = setUp()
    const key = await opened.ring.generate('release', 'p256')
    await opened.ring.remove(key.id)
    expect(opened.ring.list()).toEqual([])
    expect(await opened.host.files.stat(`/data/keys/${key.id}.pem`)).toBeNull()
    await expect(opened.ring.remove(key.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('opens an encrypted key with its passphrase, which is kept nowhere, and says what is wrong else', async () => {
    opened = setUp()
    const { ring, host } = opened
    const pem = execFileSync(
      'openssl',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-aes256', '-pass', 'pass:s3cret'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    expect(pem).toContain('ENCRYPTED')
    for (const passphrase of [undefined, 'wrong']) {
      const failed = await ring.import('one', pem, passphrase).catch(toAppError)
      expect(failed).toMatchObject({ code: 'KEY_MISSING', hint: expect.stringMatching(/passphrase/i) })
      expect(JSON.stringify(failed)).not.toContain('wrong')
    }
    const key = await ring.import('one', pem, 's3cret')
    expect(await ring.privatePem(key.id)).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    expect(new TextDecoder().decode(await readWhole(host.files, `/data/keys/${key.id}.pem`))).not.toContain('s3cret')
  })

  it('renames a key, to no name that is taken', async () => {
    opened = setUp()
    const { ring } = opened
    const key = await ring.generate('one', 'p256')
    await ring.generate('two', 'p256')
    expect(ring.rename(key.id, 'three')).toEqual({ ...key, name: 'three' })
    expect(ring.rename(key.id, 'three').name).toBe('three')
    expect(() => ring.rename(key.id, 'two')).toThrow(/called "two" already/)
    expect(() => ring.rename('none', 'four')).toThrow(/no key none/)
  })

  it('refuses what is no key that can sign artifacts', async () => {
    opened = setUp()
    await expect(opened.ring.import('x', 'hello')).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })
})

describe('the key ring with a keychain', () => {
  const keychain: Keychain = { name: 'a keychain', wrappingKey: new Uint8Array(32).fill(7) }
  const other: Keychain = { name: 'another', wrappingKey: new Uint8Array(32).fill(8) }
  let opened: ReturnType<typeof setUp> | null = null
  afterEach(() => opened?.store.close())

  async function textOf(id: string): Promise<string> {
    return new TextDecoder().decode(await readWhole(opened?.host.files ?? fakeHost().files, `/data/keys/${id}.pem`))
  }

  it('seals what lies in the clear when the keychain comes, and everything after; both sign on', async () => {
    opened = setUp()
    const { ring, host } = opened
    const before = await ring.generate('before', 'p256')
    const plain = await ring.privatePem(before.id)
    expect(await ring.protection()).toMatchObject({ keychain: null, why: expect.stringMatching(/\S/), locked: [] })
    await ring.protect(keychain, '')
    const after = await ring.generate('after', 'p256')
    for (const { id } of [before, after]) {
      expect(await textOf(id)).toMatch(/^-----BEGIN OTA BENCH SEALED KEY-----\n/)
      expect(await textOf(id)).not.toContain('PRIVATE')
      expect(await host.files.stat(`/data/keys/${id}.pem`)).toMatchObject({ mode: 0o600 })
      expect(await ring.privatePem(id)).toContain('PRIVATE KEY')
    }
    expect(await ring.privatePem(before.id)).toBe(plain)
    expect(await ring.protection()).toEqual({ keychain: 'a keychain', why: '', locked: [] })
  })

  it('says of a sealed key that its keychain is not open, and of one that another keychain sealed', async () => {
    opened = setUp()
    const { ring, store, host } = opened
    await ring.protect(keychain, '')
    const key = await ring.generate('release', 'p256')
    const without = createKeyRing({ store, host, folder: '/data/keys' })
    await expect(without.privatePem(key.id)).rejects.toMatchObject({
      code: 'KEY_MISSING',
      message: expect.stringContaining('sealed'),
      hint: expect.stringMatching(/\S/),
    })
    expect(await without.protection()).toMatchObject({ keychain: null, locked: ['release'] })
    await without.protect(other, '')
    await expect(without.privatePem(key.id)).rejects.toMatchObject({ code: 'KEY_MISSING', message: expect.stringContaining('another') })
    await without.protect(keychain, '')
    expect(await without.privatePem(key.id)).toBe(await ring.privatePem(key.id))
  })

  it('opens no sealed text that was changed, or that was another key', () => {
    const text = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n'
    const sealed = seal(text, keychain, 'one')
    expect(unseal(sealed, keychain, 'one')).toBe(text)
    expect(() => unseal(sealed, keychain, 'two')).toThrow(AppError)
    assert(
      property(nat(sealed.length - 1), nat(255), (at, byte) => {
        const changed = sealed.slice(0, at) + String.fromCharCode(byte) + sealed.slice(at + 1)
        try {
          return unseal(changed, keychain, 'one') === text
        } catch (thrown) {
          return thrown instanceof AppError && thrown.code === 'KEY_MISSING'
        }
      }),
    )
  })
})
