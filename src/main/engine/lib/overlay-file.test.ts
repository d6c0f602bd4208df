import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fakeHost } from '../host.fake.ts'
import { OverlayFile } from './overlay-file.ts'

const SIZE = 30_000
const STARTS_AT = 777

it('reads as the file would if it had been changed, while the file stays as it was', async () => {
  const change = fc.record({
    position: fc.integer({ min: 0, max: SIZE - 1 }),
    length: fc.integer({ min: 0, max: 9000 }),
    byte: fc.integer({ min: 1, max: 255 }),
  })
  const look = fc.record({ position: fc.integer({ min: 0, max: SIZE + 10 }), length: fc.integer({ min: 0, max: SIZE }) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.array(look, { maxLength: 8 }), async (changes, looks) => {
      const { files } = fakeHost()
      await using base = await files.open('/base', 'create')
      await using kept = await files.open('/changes', 'create')
      const original = Uint8Array.from({ length: SIZE + 2 * STARTS_AT }, (_, index) => index % 251)
      await base.write(original, 0)
      const overlay = new OverlayFile({ base, startsAt: STARTS_AT, sizeBytes: SIZE, changes: kept })
      const expected = original.slice(STARTS_AT, STARTS_AT + SIZE)
      for (const { position, length, byte } of changes) {
        const bytes = new Uint8Array(Math.min(length, SIZE - position)).fill(byte)
        await overlay.write(bytes, position)
        expected.set(bytes, position)
      }
      for (const { position, length } of [...looks, { position: 0, length: SIZE }]) {
        const into = new Uint8Array(length)
        const filled = await overlay.read(into, position)
        expect(filled).toBe(Math.max(0, Math.min(length, SIZE - position)))
        expect(Buffer.compare(into.subarray(0, filled), expected.subarray(position, position + filled))).toBe(0)
      }
      const after = new Uint8Array(original.length)
      await base.read(after, 0)
      expect(Buffer.compare(after, original)).toBe(0)
    }),
  )
})
