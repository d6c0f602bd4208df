import { WriterFailure } from './failure.ts'
import { type CardFaults, GRAIN_BYTES, MAX_SAMPLES, MAX_SUMS, type OpenOrder, type Order } from './protocol.ts'

/** No order is longer. */
export const MAX_LINE_BYTES = 256 * 1024
const MAX_TEXT = 4096

type Fields = Readonly<Record<string, unknown>>

/** One line of the standard input. Throws `protocol` for anything that is not exactly an order. */
export function parseOrder(line: string): Order {
  const fields = objectOf(jsonOf(line))
  switch (fields['order']) {
    case 'open':
      return openOrder(fields)
    case 'sums':
      exactly(fields, ['order', 'sums'])
      return { order: 'sums', sums: sumsOf(fields['sums']) }
    case 'write':
      exactly(fields, ['order', 'ranges'])
      return { order: 'write', ranges: rangesOf(fields['ranges']) }
    case 'end':
      exactly(fields, ['order', 'imageBytes'])
      return { order: 'end', imageBytes: bytesOf(fields['imageBytes'], 'imageBytes') }
    case 'seal':
    case 'pause':
    case 'continue':
      exactly(fields, ['order'])
      return { order: fields['order'] }
    default:
      throw refusal('there is no such order')
  }
}

function openOrder(fields: Fields): Order {
  exactly(fields, ['order', ...OPEN_FIELDS])
  const { label, verify, differential } = fields
  if (typeof label !== 'string' || label.length > MAX_TEXT) throw refusal('label')
  if (typeof verify !== 'boolean' || typeof differential !== 'boolean') throw refusal('verify or differential')
  const open: OpenOrder = {
    ...{ label, verify, differential },
    samples: samplesOf(fields['samples']),
    source: pathOf(fields['source'], 'source'),
    overlay: fields['overlay'] === null ? null : overlayOf(objectOf(fields['overlay'])),
    imageBytes: optional(fields['imageBytes'], 'imageBytes'),
    startBytes: bytesOf(fields['startBytes'], 'startBytes'),
    roomBytes: optional(fields['roomBytes'], 'roomBytes'),
    deviceBytes: optional(fields['deviceBytes'], 'deviceBytes'),
    diskSequence: sequenceOf(fields['diskSequence']),
    faults: fields['faults'] === null ? null : faultsOf(objectOf(fields['faults'])),
  }
  if (open.imageBytes === 0) throw refusal('an image of no bytes')
  if (open.startBytes % SECTOR_BYTES !== 0) throw refusal('startBytes lies inside a sector')
  return { order: 'open', ...open }
}

const SECTOR_BYTES = 512

const OPEN_FIELDS = [
  ...(['source', 'overlay', 'imageBytes', 'startBytes', 'roomBytes', 'deviceBytes', 'diskSequence'] as const),
  ...(['verify', 'differential', 'samples', 'label', 'faults'] as const),
] satisfies (keyof OpenOrder)[]

function faultsOf(fields: Fields): CardFaults {
  exactly(fields, FAULT_FIELDS)
  return {
    writeBytesPerSecond: optional(fields['writeBytesPerSecond'], 'writeBytesPerSecond'),
    failsAtByte: optional(fields['failsAtByte'], 'failsAtByte'),
    pulledAtByte: optional(fields['pulledAtByte'], 'pulledAtByte'),
    realBytes: optional(fields['realBytes'], 'realBytes'),
  }
}

const FAULT_FIELDS = ['writeBytesPerSecond', 'failsAtByte', 'pulledAtByte', 'realBytes'] satisfies (keyof CardFaults)[]

function overlayOf(fields: Fields): NonNullable<OpenOrder['overlay']> {
  exactly(fields, ['source', 'ranges'])
  const ranges = rangesOf(fields['ranges'])
  if (ranges.some(([start], index) => start < (ranges[index - 1]?.[1] ?? 0))) throw refusal('ranges of an overlay out of order')
  return { source: pathOf(fields['source'], 'the source of an overlay'), ranges }
}

function pathOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT && !value.includes('\0')) return value
  throw refusal(name)
}

function rangesOf(value: unknown): [number, number][] {
  if (!Array.isArray(value)) throw refusal('ranges')
  return value.map((range: unknown) => {
    if (!Array.isArray(range) || range.length !== 2) throw refusal('a range')
    const [start, end] = [bytesOf(range[0], 'a range'), bytesOf(range[1], 'a range')]
    if (start >= end) throw refusal('a range that ends before it begins')
    return [start, end]
  })
}

function samplesOf(value: unknown): number[] {
  if (!Array.isArray(value) || value.length > MAX_SAMPLES) throw refusal('samples')
  return value.map((position: unknown) => {
    const at = bytesOf(position, 'a sample')
    if (at % GRAIN_BYTES !== 0) throw refusal('a sample inside a grain')
    return at
  })
}

function sumsOf(value: unknown): number[] {
  if (!Array.isArray(value) || value.length > MAX_SUMS) throw refusal('sums')
  return value.map((sum: unknown) => {
    const crc = bytesOf(sum, 'a sum')
    if (crc > 0xffff_ffff) throw refusal('a sum of more than 32 bits')
    return crc
  })
}

/** The kernel's number of a disk. */
function sequenceOf(value: unknown): string | null {
  if (value === null || (typeof value === 'string' && /^\d{1,20}$/.test(value))) return value
  throw refusal('diskSequence')
}

function optional(value: unknown, name: string): number | null {
  return value === null ? null : bytesOf(value, name)
}

function bytesOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw refusal(name)
}

function exactly(fields: Fields, names: readonly string[]): void {
  const found = Object.keys(fields)
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(fields, name))) throw refusal('other fields than an order has')
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw refusal('a line that is no JSON')
  }
}

function objectOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('no object')
  return { ...value }
}

function refusal(what: string): WriterFailure {
  return new WriterFailure('protocol', `refused: ${what}`)
}

/** The orders of a stream of bytes, in turn; ends where it does. */
export async function* ordersFrom(input: AsyncIterable<Uint8Array>): AsyncGenerator<Order, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const textOf = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: true })
    } catch {
      throw refusal('bytes that are no text')
    }
  }
  let rest = ''
  for await (const bytes of input) {
    const lines = (rest + textOf(bytes)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_BYTES) throw refusal('a line that is too long')
    for (const line of lines) yield parseOrder(line)
  }
  if (rest !== '') throw refusal('a line that is cut short')
}
