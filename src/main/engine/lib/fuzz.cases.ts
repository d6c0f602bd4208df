import { withTimeout } from './with-timeout.cases.ts'

/** What can be fuzzed: how an input is made, and what must hold for any. */
export interface FuzzTarget {
  /** An input, sound or damaged, which depends on `random` alone. */
  make(random: Random): Promise<Uint8Array>
  /** Throws when the product does something with the input that it must not. */
  check(input: Uint8Array): Promise<void>
}

/** Numbers that follow from a seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `limit`, without `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(part: number): boolean {
    return this.next() < part
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0]
  }
}

const NOTABLE = [0, 1, 0x20, 0x2f, 0x30, 0x37, 0x7f, 0x80, 0xff] as const

/** Ways to damage bytes; each answers new ones. */
const DAMAGES: readonly [Damage, ...Damage[]] = [
  (bytes, random) => changedAt(bytes, random.below(bytes.length), (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => changedAt(bytes, random.below(bytes.length), () => random.pick(NOTABLE)),
  (bytes, random) => changedAt(bytes, random.below(bytes.length), () => random.below(256)),
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random) => spliced(bytes, random, 0),
  (bytes, random) => spliced(bytes, random, random.below(64)),
  (bytes, random) => spliced(bytes, random, 512),
]

type Damage = (bytes: Uint8Array, random: Random) => Uint8Array

function changedAt(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? change(byte) : byte))
}

/** A stretch of up to 1 KiB taken out, and `count` bytes of elsewhere put in its place. */
function spliced(bytes: Uint8Array, random: Random, count: number): Uint8Array {
  const at = random.below(bytes.length)
  const from = random.below(bytes.length)
  const rest = bytes.subarray(at + random.below(Math.min(1024, bytes.length - at)))
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + count), rest]))
}

/** The bytes damaged in one to four ways. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes
  for (let left = 1 + random.below(4); left > 0 && result.length > 0; left -= 1) result = random.pick(DAMAGES)(result, random)
  return result
}

export interface Finding {
  /** Seed and number of the input: the same two make it again. */
  seed: number
  number: number
  input: Uint8Array
  thrown: unknown
}

/** An input may take so long, however busy the machine is. */
export const PATIENCE_MS = 20_000

/** Input number `number` of `seed`. */
export function inputOf(target: FuzzTarget, seed: number, number: number): Promise<Uint8Array> {
  return target.make(new Random(Math.imul(seed, 0x9e3779b1) + number))
}

/** What is wrong about what became of that input; null when nothing is. */
export async function tryInput(target: FuzzTarget, seed: number, number: number): Promise<Finding | null> {
  const input = await inputOf(target, seed, number)
  try {
    await withTimeout(target.check(input), PATIENCE_MS)
    return null
  } catch (thrown) {
    return { seed, number, input, thrown }
  }
}
