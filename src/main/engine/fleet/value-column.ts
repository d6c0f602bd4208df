import { firstWhere } from '../lib/first-where.ts'
import type { AttributeValue } from './inventory-filter.ts'
import { isNumber } from './inventory-filter.ts'
import { MAX_KEY_LENGTH, type SortKey, sortKey } from './sort-key.ts'

/** What a value is, for those who look for it in the order of values. */
export const KIND = { number: 1, text: 2, other: 3 } as const

const PLAIN = /^[\x20-\x7e]*$/

/** Numbers and plain texts stand in their order as comparisons see it; lists and texts of other letters do not. */
function kindOf(value: AttributeValue): number {
  if (typeof value !== 'string' || value.length > MAX_KEY_LENGTH) return KIND.other
  return isNumber(value) ? KIND.number : PLAIN.test(value) ? KIND.text : KIND.other
}

const isBefore = (a: SortKey, b: SortKey): boolean => a.key < b.key || (a.key === b.key && a.variant < b.variant)
const byKey = (a: SortKey, b: SortKey): number => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0)

type Ordinals = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

/** As long as it has to be, with room to grow. */
function grown<T extends Ordinals | Float64Array>(array: T, length: number, make: (length: number) => T): T {
  if (length <= array.length) return array
  const longer = make(length + (length >>> 4) + 16)
  longer.set(array)
  return longer
}

/** As wide as the largest of them has to be. */
function ordinalArray(size: number, largest: number): Ordinals {
  return largest < 1 << 8 ? new Uint8Array(size) : largest < 1 << 16 ? new Uint16Array(size) : new Uint32Array(size)
}

export const grownTimes = (array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> =>
  grown(array, length, (size) => new Float64Array(size).fill(Number.NaN, array.length))

/**
 * One attribute of all devices: each different value once, by its ordinal, and the ordinal of each device, by its number. An ordinal
 * keeps its value for ever; 0 stands for having none.
 */
export class ValueColumn {
  readonly values: (AttributeValue | undefined)[] = [undefined]
  ofDevice: Ordinals
  /** By ordinal. */
  kinds = new Uint8Array(1)
  /** Ordinals in the order of their values. */
  order = new Uint32Array(0)
  /** By ordinal; those that are the same in order have the same. 0 is that of no value. */
  ranks = new Uint32Array(1)
  /** What has been added since `order` was made, by JSON. */
  #fresh = new Map<string, number>()
  /** That `ofDevice` has room for. */
  #largest = (1 << 8) - 1

  /** Room for so many devices. */
  constructor(room = 0) {
    this.ofDevice = new Uint8Array(room)
  }

  get size(): number {
    return this.values.length - 1
  }

  /** A value that is not there yet; whoever loads many in their order calls `ordered` in the end. */
  add(value: AttributeValue): number {
    const ordinal = this.values.push(value) - 1
    this.kinds = grown(this.kinds, ordinal + 1, (length) => new Uint8Array(length))
    this.kinds[ordinal] = kindOf(value)
    return ordinal
  }

  /** All were added in their order; of those in `ties` each is the same in order as the one before it. */
  ordered(ties: ReadonlySet<number>): void {
    this.order = Uint32Array.from({ length: this.size }, (_, index) => index + 1)
    this.ranks = new Uint32Array(this.values.length)
    let rank = 0
    for (const ordinal of this.order) this.ranks[ordinal] = ties.has(ordinal) ? rank : (rank += 1)
  }

  /** Puts what was added into its place; `added` when it is not known here. */
  settle(added: Iterable<number> = this.#fresh.values()): void {
    const fresh = Array.from(added, (ordinal) => ({ ordinal, ...this.#keyOf(ordinal) })).toSorted(byKey)
    this.#fresh.clear()
    if (fresh.length === 0) return
    const merged = new Uint32Array(this.order.length + fresh.length)
    let [from, at] = [0, 0]
    for (const each of fresh) {
      const to = this.#place(each, from)
      merged.set(this.order.subarray(from, to), at)
      at += to - from
      merged[at] = each.ordinal
      ;[from, at] = [to, at + 1]
    }
    merged.set(this.order.subarray(from), at)
    this.#rank(merged, new Map(fresh.map(({ ordinal, key }) => [ordinal, key])))
    this.order = merged
  }

  /** The device has this value from now on, or (undefined) none. */
  set(device: number, value: AttributeValue | undefined): void {
    const known = this.values[this.ordinalOf(device)]
    if (known === value || (typeof value === 'object' && JSON.stringify(known) === JSON.stringify(value))) return
    this.put(device, value === undefined ? 0 : this.#find(value))
  }

  put(device: number, ordinal: number): void {
    if (ordinal > this.#largest) this.#widen(ordinal)
    this.ofDevice = grown(this.ofDevice, device + 1, (length) => ordinalArray(length, this.#largest))
    this.ofDevice[device] = ordinal
  }

  #widen(ordinal: number): void {
    this.#largest = ordinal < 1 << 16 ? (1 << 16) - 1 : 2 ** 32 - 1
    const wider = ordinalArray(this.ofDevice.length, this.#largest)
    wider.set(this.ofDevice)
    this.ofDevice = wider
  }

  ordinalOf(device: number): number {
    return this.ofDevice[device] ?? 0
  }

  /** Ordinals of the values that are the same in order as this text. */
  alike(text: string): Uint32Array {
    const { key } = sortKey(text)
    const from = this.#place({ key, variant: '' }, 0)
    let to = from
    while (to < this.order.length && this.#keyOf(this.order[to] ?? 0).key === key) to += 1
    return this.order.subarray(from, to)
  }

  #find(value: AttributeValue): number {
    const json = JSON.stringify(value)
    const fresh = this.#fresh.get(json)
    if (fresh !== undefined) return fresh
    if (this.order.length === 0) return this.#addFresh(json, value)
    const place = this.order[this.#place(sortKey(value), 0)] ?? 0
    if (place > 0 && JSON.stringify(this.values[place]) === json) return place
    return this.#addFresh(json, value)
  }

  #addFresh(json: string, value: AttributeValue): number {
    const ordinal = this.add(value)
    this.#fresh.set(json, ordinal)
    return ordinal
  }

  #keyOf(ordinal: number): SortKey {
    return sortKey(this.values[ordinal] ?? '')
  }

  /** Where the first value stands that is not before the given, from somewhere on. */
  #place(wanted: SortKey, from: number): number {
    return firstWhere([from, this.order.length], (index) => !isBefore(this.#keyOf(this.order[index] ?? 0), wanted))
  }

  /** Ranks for a new order; the keys of those that had none are given. */
  #rank(order: Uint32Array, keys: ReadonlyMap<number, string>): void {
    const ranks = new Uint32Array(this.values.length)
    const keyOf = (ordinal: number): string => keys.get(ordinal) ?? this.#keyOf(ordinal).key
    let [rank, before] = [0, 0]
    for (const ordinal of order) {
      const [old, oldBefore] = [this.ranks[ordinal] ?? 0, this.ranks[before] ?? 0]
      const isTie = before > 0 && (old > 0 && oldBefore > 0 ? old === oldBefore : keyOf(ordinal) === keyOf(before))
      if (!isTie) rank += 1
      ranks[ordinal] = rank
      before = ordinal
    }
    this.ranks = ranks
  }
}
