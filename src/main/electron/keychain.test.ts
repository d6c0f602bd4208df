import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SafeStorage, openKeychain } from './keychain.ts'

/** A keychain in memory: what one of another secret has sealed it does not open. */
function fakeSafe(secret: string, more: Partial<SafeStorage> = {}): SafeStorage {
  return {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptString: (text) => Buffer.from(`${secret}:${Buffer.from(text).toString('hex')}`),
    decryptString: (sealed) => {
      const [by, hex = ''] = sealed.toString().split(':')
      if (by !== secret) throw new Error('decryption failed')
      return Buffer.from(hex, 'hex').toString()
    },
    ...more,
  }
}

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-keychain-'))
  file = join(folder, 'keys', 'wrapping-key.sealed')
})
afterEach(() => rm(folder, { recursive: true }))

describe('the wrapping key in the keychain', () => {
  it('is made once, 32 random bytes, and lies on the disk sealed, for its owner alone', async () => {
    const first = await openKeychain(fakeSafe('a'), file, 'linux')
    expect(first).toMatchObject({ kind: 'keychain', name: 'the GNOME keyring' })
    const key = first.kind === 'keychain' ? first.wrappingKey : ''
    expect(Buffer.from(key, 'base64')).toHaveLength(32)
    expect(await openKeychain(fakeSafe('a'), file, 'linux')).toEqual(first)
    expect(await readFile(file, 'utf8')).not.toContain(key)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'keys'))).toEqual(['wrapping-key.sealed'])
  })

  it('is not there where Linux has no keychain but basic_text', async () => {
    for (const backend of ['basic_text', 'unknown']) {
      const safe = fakeSafe('a', { getSelectedStorageBackend: () => backend })
      expect(await openKeychain(safe, file, 'linux')).toMatchObject({ kind: 'no-keychain', why: expect.stringContaining('no keychain') })
    }
    expect(await openKeychain(fakeSafe('a', { isEncryptionAvailable: () => false }), file, 'darwin')).toMatchObject({ kind: 'no-keychain' })
    expect(await openKeychain(fakeSafe('a', { getSelectedStorageBackend: () => 'basic_text' }), file, 'win32')).toMatchObject({
      name: 'Windows (DPAPI)',
    })
  })

  it('stays as it is under a keychain that does not open it', async () => {
    const first = await openKeychain(fakeSafe('a'), file, 'linux')
    expect(await openKeychain(fakeSafe('b'), file, 'linux')).toMatchObject({ kind: 'no-keychain', why: expect.stringContaining('GNOME') })
    expect(await openKeychain(fakeSafe('a'), file, 'linux')).toEqual(first)
    await writeFile(file, 'spoilt')
    expect(await openKeychain(fakeSafe('a'), file, 'linux')).toMatchObject({ kind: 'no-keychain' })
  })
})
