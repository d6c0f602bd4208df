import { readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('key-forms')
const ENCRYPT = ['-v2', 'aes-256-cbc', '-passout', 'pass:secret']

/** Private keys in every form that openssl has made in thirty years, by what is done to the plain ones of the workshop. */
const FORMS: Readonly<Record<string, (name: string) => void>> = {
  'PKCS#1, RSA': (name) => shop.tool('openssl', 'rsa', '-traditional', '-in', 'rsa.pem', '-out', name),
  'SEC1, P-256': (name) => shop.tool('openssl', 'ec', '-in', 'ec.pem', '-out', name),
  'SEC1 behind its parameters': (name) => {
    const parameters = shop.tool('openssl', 'ecparam', '-name', 'prime256v1')
    writeFileSync(shop.path(name), parameters + readFileSync(shop.path('ec.pem'), 'utf8'))
  },
  'PKCS#8, RSA': (name) => shop.tool('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', 'rsa.pem', '-out', name),
  'PKCS#8, P-256': (name) => shop.tool('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', 'ec.pem', '-out', name),
  'encrypted PKCS#8, RSA': (name) => shop.tool('openssl', 'pkcs8', '-topk8', ...ENCRYPT, '-in', 'rsa.pem', '-out', name),
  'encrypted PKCS#8, P-256': (name) => shop.tool('openssl', 'pkcs8', '-topk8', ...ENCRYPT, '-in', 'ec.pem', '-out', name),
  'encrypted PKCS#1, RSA': (name) =>
    shop.tool('openssl', 'rsa', '-traditional', '-aes256', '-passout', 'pass:secret', '-in', 'rsa.pem', '-out', name),
  'encrypted SEC1, P-256': (name) => shop.tool('openssl', 'ec', '-aes256', '-passout', 'pass:secret', '-in', 'ec.pem', '-out', name),
}

const WRITE = '-n r -t d -k form.pem --passphrase-file secret -o a.mender'
/** Every command that takes a private key, on an artifact that is there. */
const COMMANDS = [
  `write rootfs-image -f rootfs.ext4 ${WRITE}`,
  `write module-image -T script -f update.sh ${WRITE}`,
  `write bootstrap-artifact ${WRITE}`,
  'sign a.mender -f -k form.pem --passphrase-file secret',
  'modify a.mender -n other -k form.pem --passphrase-file secret',
]

beforeEach(() => shop.put('secret', 'secret\n'))

describe('a private key', () => {
  it.each(Object.keys(FORMS))('signs with every command, and mender-artifact agrees: %s', async (form) => {
    FORMS[form]?.('form.pem')
    const publicKey = form.includes('RSA') ? 'rsa.pub' : 'ec.pub'
    for (const line of COMMANDS) {
      await shop.succeed('write module-image -T script -n r -t d -f update.sh -o a.mender')
      await shop.succeed(line)
      expect(shop.isValid('a.mender', publicKey)).toBe(true)
      await shop.succeed(`validate a.mender -k ${publicKey}`)
    }
  })

  it.each<[string, readonly string[]]>([
    ['P-384', ['ecparam', '-genkey', '-name', 'secp384r1', '-noout', '-out', 'form.pem']],
    ['Ed25519', ['genpkey', '-algorithm', 'ed25519', '-out', 'form.pem']],
    ['DSA parameters', ['dsaparam', '-out', 'form.pem', '1024']],
  ])('of a kind that signs no artifact is refused by every command: %s', async (_kind, args) => {
    shop.tool('openssl', ...args)
    await shop.succeed('write module-image -T script -n r -t d -f update.sh -o a.mender')
    const before = shop.bytes('a.mender')
    for (const line of COMMANDS)
      expect(await shop.run(line)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error KEY_MISSING/) })
    expect(shop.bytes('a.mender').equals(before)).toBe(true)
  })
})
