import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { describePublicKey, generateKeyPair, isEncrypted, parsePrivateKey, publicOf } from './keys.ts'
import { isScriptName } from './scripts.ts'
import { bytesOf } from './samples.cases.ts'
import { signerOf, verifiedBy } from './sign.ts'

const MANIFEST = bytesOf('the manifest\n')
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const pem = (
  key: { export(options: { type: 'pkcs1' | 'pkcs8' | 'sec1' | 'spki'; format: 'pem' }): string | Buffer },
  type: 'pkcs1' | 'pkcs8' | 'sec1' | 'spki',
) => key.export({ type, format: 'pem' }).toString()

// What `openssl ecparam -genkey -name prime256v1` puts before the key.
const EC_PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'

describe('signing', () => {
  it.each([
    ['RSA in PKCS#1', pem(rsa.privateKey, 'pkcs1'), 172],
    ['RSA in PKCS#8', pem(rsa.privateKey, 'pkcs8'), 172],
    ['P-256 in SEC1', pem(ec.privateKey, 'sec1'), 88],
    ['P-256 in PKCS#8', pem(ec.privateKey, 'pkcs8'), 88],
    ['P-256 behind its parameters', EC_PARAMETERS + pem(ec.privateKey, 'sec1'), 88],
  ])('takes %s, and its public half verifies on one line of known length', async (_, privateKeyPem, length) => {
    const signer = signerOf(privateKeyPem)
    const signature = await signer.sign(MANIFEST)
    expect(signer.lengthBytes).toBe(length)
    expect(signature).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(signature).toHaveLength(length)
    const keys = [
      { name: 'other', publicKeyPem: publicOf(other) },
      { name: 'mine', publicKeyPem: publicOf(privateKeyPem) },
    ]
    expect(verifiedBy(MANIFEST, bytesOf(signature), keys)).toBe('mine')
    expect(verifiedBy(MANIFEST, bytesOf(`${signature.slice(0, 64)}\n${signature.slice(64)}\n`), keys)).toBe('mine')
    expect(verifiedBy(bytesOf('another manifest\n'), bytesOf(signature), keys)).toBeNull()
  })

  const other = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'pkcs8')

  it.each([
    ['P-384', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, 'pkcs8'), /secp384r1 cannot sign/],
    ['Ed25519', pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), /ed25519 cannot sign/],
    ['a public key', pem(rsa.publicKey, 'spki'), /not a private key/],
    ['a damaged key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /cannot be read/],
    ['text', 'hello', /not a private key/],
    [
      'an encrypted key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
      /encrypted/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => parsePrivateKey(text)).toThrow(message)
  })

  // As `openssl rsa -aes128 -traditional` writes it; the passphrase is "secret".
  const legacy = rsa.privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' }).toString()
  const modern = ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()

  it.each([
    ['PKCS#8', modern, '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
    ['the older form', legacy, 'Proc-Type: 4,ENCRYPTED'],
  ])('opens an encrypted key in %s with its passphrase only', async (_, text, mark) => {
    expect(text).toContain(mark)
    expect(isEncrypted(text)).toBe(true)
    expect(isEncrypted(pem(ec.privateKey, 'sec1'))).toBe(false)
    expect(await signerOf(text, 'secret').sign(MANIFEST)).toMatch(/^[A-Za-z0-9+/]+=*$/)
    for (const wrong of ['', 'Secret', 'secret\n', 'x'.repeat(2000)]) {
      expect(() => signerOf(text, wrong)).toThrow(
        expect.objectContaining({ code: 'KEY_MISSING', message: expect.stringMatching(/does not open/) }),
      )
    }
    expect(() => signerOf(text)).toThrow(/encrypted and no passphrase/)
  })

  it('describes a key by its algorithm and the SHA-256 of its SubjectPublicKeyInfo', async () => {
    const pair = await generateKeyPair('p256')
    const described = describePublicKey(pair.publicKeyPem)
    expect(described).toMatchObject({ algorithm: 'p256', publicKeyPem: publicOf(pair.privateKeyPem) })
    expect(described.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(describePublicKey(pem(rsa.publicKey, 'spki')).algorithm).toBe('rsa-1024')
    expect(() => describePublicKey(pair.privateKeyPem)).toThrow(/private key where a public one/)
  })
})

describe('a state script', () => {
  it.each([
    'ArtifactInstall_Enter_00',
    'ArtifactCommit_Leave_99_name.sh',
    'ArtifactRollbackReboot_Error_10_a_b',
    'ArtifactFailure_Enter_01_ü',
  ])('may be called %s', (name) => {
    expect(isScriptName(name)).toBe(true)
  })

  it.each([
    'ArtifactInstall_Enter_1',
    'ArtifactInstall_Enter_011',
    'ArtifactInstall_Enter_01x',
    'ArtifactInstall_Enter_01_',
    'Download_Enter_00',
    'Idle_Enter_00',
    'xArtifactInstall_Enter_00',
    'ArtifactInstall_enter_00',
    'ArtifactInstall_Enter_00_a b',
    '',
  ])('may not be called "%s"', (name) => {
    expect(isScriptName(name)).toBe(false)
  })
})
