import { type DecoderOptions, decode, encode } from '@msgpack/msgpack'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { bytesAfter, mapEntries } from './msgpack-spans.ts'

// The frames of device connect (mender-connect, go-lib-micro/ws): one msgpack map a message,
// {hdr: {proto, typ?, sid?, props?}, body?}.

/** What a frame is about; `hdr.proto`. */
export const PROTO = { shell: 1, fileTransfer: 2, portForward: 3, menderClient: 4, control: 0xffff } as const

/** The longest message that a device takes; it closes its socket at a longer one. */
export const DEVICE_FRAME_LIMIT_BYTES = 8192

export interface Frame {
  proto: number
  type: string
  /** Empty where the sender names none. */
  sessionId: string
  props: Record<string, unknown>
  body: Uint8Array
}

const NOTHING = new Uint8Array()
const bytes = z.instanceof(Uint8Array)

const wire = z.object({
  hdr: z.object({
    proto: z.number().int().min(0).max(0xffff),
    typ: z.string().nullish(),
    sid: z.string().max(200).nullish(),
    props: z.record(z.string(), z.unknown()).nullish(),
  }),
  body: bytes.nullish(),
})

/** Far above what any header says; a body is bounded by the message that carries it. */
const DECODE_LIMITS = { maxStrLength: 4096, maxArrayLength: 64, maxMapLength: 64, maxExtLength: 64 }

/** A message of either side. BAD_INPUT for anything else than a frame. */
export function readFrame(message: Uint8Array): Frame {
  const { hdr, body } = wire.safeParse(decoded(message, DECODE_LIMITS)).data ?? badFrame()
  return { proto: hdr.proto, type: hdr.typ ?? '', sessionId: hdr.sid ?? '', props: hdr.props ?? {}, body: body ?? NOTHING }
}

/** A msgpack value out of a frame's body, as the schema describes it. BAD_INPUT for anything else. */
export function readBody<S extends z.ZodType>(body: Uint8Array, schema: S): z.output<S> {
  const parsed = schema.safeParse(decoded(body, { maxStrLength: 64 * 1024, maxArrayLength: 1024, maxMapLength: 64 }))
  return parsed.success ? parsed.data : badFrame(parsed.error)
}

function decoded(message: Uint8Array, limits: DecoderOptions): unknown {
  try {
    return decode(message, limits)
  } catch (thrown) {
    return badFrame(thrown)
  }
}

function badFrame(cause?: unknown): never {
  throw new AppError('BAD_INPUT', 'This is no frame of device connect', 'Send msgpack as mender-connect does.', cause)
}

export type Prop = string | number
/** A frame to be sent; what is absent is left out. */
export type NewFrame = Pick<Frame, 'proto' | 'type' | 'sessionId'> & { props?: Record<string, Prop>; body?: Uint8Array }

/** The bytes of a frame. Whole numbers in `props` are 64-bit, whatever their size: devices take no other for an offset. */
export function writeFrame({ proto, type, sessionId, props = {}, body }: NewFrame): Uint8Array {
  const header: [string, Uint8Array][] = [
    ['proto', encode(proto)],
    ['typ', encode(type)],
    ['sid', encode(sessionId)],
  ]
  if (Object.keys(props).length > 0) header.push(['props', mapOf(propEntries(props))])
  const top: [string, Uint8Array][] = [['hdr', mapOf(header)]]
  if (body) top.push(['body', encode(body)])
  return mapOf(top)
}

/** A msgpack value as the body of a frame; fields that are undefined are left out. */
export const writeBody = (value: object): Uint8Array => encode(value, { ignoreUndefined: true })

/**
 * The same message to another session, with `props` set in its header. Everything else keeps its very bytes: numbers change their
 * msgpack type when they are read and written anew, and devices look at it. BAD_INPUT for anything else than a frame.
 */
export function readdress(message: Uint8Array, sessionId: string, props: Record<string, Prop>): Uint8Array {
  const top = entriesOf(message)
  const header = entriesOf(top.get('hdr') ?? badFrame())
  const before = header.get('props')
  header.set('sid', encode(sessionId))
  if (Object.keys(props).length > 0) {
    const isMap = before !== undefined && before[0] !== NIL
    header.set('props', mapOf([...(isMap ? entriesOf(before) : []), ...propEntries(props)]))
  }
  top.set('hdr', mapOf(header))
  return mapOf(top)
}

const NIL = 0xc0

function entriesOf(map: Uint8Array): Map<string, Uint8Array> {
  const entries = mapEntries(map)
  if (!entries || bytesAfter(map) !== 0) return badFrame()
  return entries
}

function propEntries(props: Record<string, Prop>): [string, Uint8Array][] {
  return Object.entries(props).map(([name, value]) => [name, typeof value === 'number' ? int64(value) : encode(value)])
}

function int64(value: number): Uint8Array {
  const out = Buffer.alloc(9)
  out[0] = 0xd3
  out.writeBigInt64BE(BigInt(value), 1)
  return out
}

/** A msgpack map of values that are encoded already; the last of several with one name counts. */
function mapOf(entries: Iterable<[string, Uint8Array]>): Uint8Array {
  const unique = new Map(entries)
  const head = unique.size < 16 ? [0x80 | unique.size] : [0xde, unique.size >> 8, unique.size & 0xff]
  return Buffer.concat([Buffer.from(head), ...[...unique].flatMap(([name, value]) => [encode(name), value])])
}
