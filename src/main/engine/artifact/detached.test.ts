import fc from 'fast-check'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkSignature, importSignature } from './detached.ts'
import { bytesOf } from './samples.cases.ts'

const MANIFEST = bytesOf('the manifest\n')
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const KEYS = Object.entries({ rsa, ec }).map(([name, { publicKey }]) => ({
  name,
  publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}))

describe('a signature made elsewhere', () => {
  it('becomes one line of base64 from raw bytes, DER and base64 of either', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (manifest) => {
        const forms: [Uint8Array, string, number][] = [
          [sign('sha256', manifest, rsa.privateKey), 'rsa', 344],
          [sign('sha256', manifest, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }), 'ec', 88],
          [sign('sha256', manifest, { key: ec.privateKey, dsaEncoding: 'der' }), 'ec', 88],
        ]
        for (const [raw, name, length] of forms) {
          const text = Buffer.from(raw).toString('base64')
          const lines = text.replace(/.{64}/g, '$&\r\n')
          for (const given of [raw, bytesOf(text), bytesOf(`${text}\n`), bytesOf(lines)]) {
            const imported = importSignature(given)
            expect(imported).toHaveLength(length)
            expect(checkSignature(manifest, imported, KEYS)).toBe(name)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('keeps numbers that are shorter than 32 bytes in their place', () => {
    const der = Uint8Array.of(0x30, 7, 2, 1, 5, 2, 2, 0, 0x80)
    const raw = Buffer.from(importSignature(der), 'base64')
    expect([raw.length, raw[31], raw[63], raw.reduce((sum, byte) => sum + byte, 0)]).toEqual([64, 5, 0x80, 0x85])
  })

  it('is refused when it is no signature, or none of the keys made it', () => {
    for (const nothing of [new Uint8Array(0), bytesOf('hello'), new Uint8Array(65), new Uint8Array(4096), bytesOf('-----BEGIN X-----')]) {
      expect(() => importSignature(nothing)).toThrow(/no RSA or P-256 signature/)
    }
    const other = importSignature(sign('sha256', bytesOf('another manifest\n'), rsa.privateKey))
    expect(() => checkSignature(MANIFEST, other, KEYS)).toThrow(/not one of rsa, ec/)
  })

  it('is a value or BAD_INPUT whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(importSignature(bytes)).toMatch(/^[A-Za-z0-9+/]+=*$/)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'BAD_INPUT' })
        }
      }),
    )
  })
})
