import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { PROTO, readBody, readFrame, readdress, writeBody, writeFrame } from './frame.ts'
import { bytesAfter, mapEntries } from './msgpack-spans.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** As an array that is no Buffer, which tests compare by kind too. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

/** What mender-connect 2.1.0 sent on the wire in answer to a handshake. */
const ACCEPT =
  '82a368647283a570726f746fcdffffa3747970a6616363657074a3736964a6736573732d31a4626f6479c42182a776657273696f6e01a970726f746f636f6c7394010203cdffff'

const value: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.string({ minLength: 200, maxLength: 400 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 400 }),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('any'), { maxLength: 20 }),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      tie('any'),
      { maxKeys: 20 },
    ),
  ),
})).any

describe('a frame of device connect', () => {
  it('is read as mender-connect sends it', () => {
    // The body of the recording is cut to what fits its own length.
    const recorded = Buffer.from(ACCEPT, 'hex')
    const length = recorded.length - recorded.indexOf(Buffer.from('c421', 'hex')) - 2
    const at = recorded.indexOf(Buffer.from('c421', 'hex')) + 1
    recorded[at] = length
    const frame = readFrame(recorded)
    expect(frame).toMatchObject({ proto: PROTO.control, type: 'accept', sessionId: 'sess-1', props: {} })
    expect(readBody(frame.body, z.object({ version: z.number(), protocols: z.array(z.number()) }))).toEqual({
      version: 1,
      protocols: [1, 2, 3, 65535],
    })
  })

  it('carries an offset as a 64-bit number, small as it may be: mender-connect takes no other (trap 10)', () => {
    const frame = writeFrame({
      proto: PROTO.fileTransfer,
      type: 'file_chunk',
      sessionId: 's',
      props: { offset: 7 },
      body: new Uint8Array(),
    })
    expect(hex(frame)).toContain(`${hex(encode('offset'))}d30000000000000007`)
    expect(readFrame(frame).props).toEqual({ offset: 7 })
  })

  it('goes to another session with its other bytes as they were', () => {
    const int64 = Buffer.from('d30000000000000007', 'hex')
    const props = Buffer.concat([Buffer.from([0x81]), encode('offset'), int64])
    const header = Buffer.concat([Buffer.from([0x82]), encode('proto'), encode(2), encode('props'), props])
    const message = Buffer.concat([Buffer.from([0x82]), encode('hdr'), header, encode('body'), encode(Buffer.from('abc'))])
    const sent = readdress(message, 'session-2', { user_id: 'me' })
    expect(readFrame(sent)).toMatchObject({
      proto: 2,
      sessionId: 'session-2',
      props: { offset: 7, user_id: 'me' },
      body: Buffer.from('abc'),
    })
    expect(hex(sent)).toContain(`${hex(encode('offset'))}${hex(int64)}`)
  })

  it('reads back what it wrote, whatever that was', () => {
    const frames = fc.record({
      proto: fc.integer({ min: 0, max: 0xffff }),
      type: fc.string({ maxLength: 40 }),
      sessionId: fc.string({ maxLength: 40 }),
      props: fc.dictionary(
        fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__'),
        fc.oneof(fc.maxSafeInteger(), fc.string()),
        { maxKeys: 20, noNullPrototype: true },
      ),
      body: fc.uint8Array({ maxLength: 5000 }),
    })
    fc.assert(
      fc.property(frames, (frame) => {
        expect(readFrame(plain(writeFrame(frame)))).toEqual(frame)
      }),
    )
  })

  it('set to another session says the same as one that was decoded, changed and encoded', () => {
    const parts = fc.record({
      props: fc.dictionary(
        fc.string({ maxLength: 30 }).filter((name) => name !== '__proto__'),
        value,
        { maxKeys: 20 },
      ),
      body: fc.uint8Array(),
    })
    fc.assert(
      fc.property(parts, fc.string(), ({ props, body }, sid) => {
        const given = { hdr: { proto: 1, typ: 'x', sid: 'before', props }, body }
        const wanted = { ...given, hdr: { ...given.hdr, sid, props: { ...props, user_id: 'u' } } }
        expect(decode(plain(readdress(encode(given), sid, { user_id: 'u' })))).toEqual(decode(encode(wanted)))
      }),
    )
  })

  it('that is none is refused, and costs nothing: random bytes, cut frames, and counts that promise the moon', () => {
    const refuse = (bytes: Uint8Array): void => {
      for (const read of [() => readFrame(bytes), () => readdress(bytes, 's', { user_id: 'u' })]) {
        try {
          read()
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code !== 'BAD_INPUT') throw thrown
        }
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), refuse))
    const whole = writeFrame({ proto: 1, type: 'shell', sessionId: 'sess', props: { status: 1 }, body: Buffer.from('hello') })
    for (let length = 0; length < whole.length; length += 1) expect(() => readFrame(whole.subarray(0, length))).toThrow(AppError)
    for (const count of ['dfffffffff', 'ddffffffff', '81a3686472dfffffffff', 'c6ffffffff', 'dbffffffff'])
      expect(() => readFrame(Buffer.from(count, 'hex'))).toThrow('no frame')
    const deep = Buffer.alloc(100_000, 0x91)
    expect(() => readdress(Buffer.concat([Buffer.from([0x81]), encode('hdr'), deep]), 's', {})).toThrow('no frame')
    expect(() => readFrame(deep)).toThrow('no frame')
  })
})

describe('the spans of msgpack', () => {
  it('end where the library ends, for every kind of value', () => {
    fc.assert(
      fc.property(value, fc.uint8Array({ maxLength: 5 }), (any, tail) => {
        expect(bytesAfter(Buffer.concat([encode(any), tail]))).toBe(tail.length)
      }),
    )
  })

  it('of a map are its entries', () => {
    const map = { a: 1, b: 'two', c: [1, 2, { d: 3 }] }
    const entries = mapEntries(encode(map)) ?? new Map<string, Uint8Array>()
    expect(Object.fromEntries([...entries].map(([name, bytes]) => [name, decode(bytes)]))).toEqual(map)
    expect(mapEntries(encode([1, 2]))).toBeNull()
    expect(mapEntries(Buffer.from('810102', 'hex'))).toBeNull()
  })

  it('of an own body are read back', () => {
    expect(readBody(writeBody({ versions: [1] }), z.object({ versions: z.array(z.number()) }))).toEqual({ versions: [1] })
  })
})
