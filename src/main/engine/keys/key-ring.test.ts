import { afterEach, describe, expect, it } from 'vitest'
import { generateKeyPair } from '../artifact/keys.ts'
import { fakeHost } from '../host.fake.ts'
import { openStore } from '../store/open.ts'
import { createKeyRing } from './key-ring.ts'

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

  it('refuses what is no key that can sign artifacts', async () => {
    opened = setUp()
    await expect(opened.ring.import('x', 'hello')).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })
})
