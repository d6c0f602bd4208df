/** What devices are put in order by: a whole number from 0 on for each, by its number; NaN for none, which comes last. */
export interface SortKeys {
  keyOf: (device: number) => number
  max: number
  isDescending: boolean
}

interface Range {
  offset: number
  limit: number
}

const MAX_BUCKETS = 65_536
/** So many are compared with each other. */
const FEW = 2000

/**
 * A page of the devices in the order of the first keys, where these are the same of the next, and else as they came. Only those near
 * the page are put in order: the others are counted by where they belong.
 */
export function pageInOrder(devices: Uint32Array, terms: readonly SortKeys[], { offset, limit }: Range): number[] {
  const [term, ...others] = terms
  if (!term || offset >= devices.length) return [...devices.subarray(offset, offset + limit)]
  if (devices.length <= FEW) return compared(devices, terms).slice(offset, offset + limit)
  const page: number[] = []
  let skip = offset
  for (const bucket of bucketsAround(devices, term, { offset, limit })) {
    skip = bucket.before > offset ? 0 : offset - bucket.before
    const rest = bucket.inside ? [bucket.inside, ...others] : others
    page.push(...pageInOrder(bucket.devices, rest, { offset: skip, limit: limit - page.length }))
  }
  return page
}

interface Bucket {
  devices: Uint32Array
  /** How many stand before all of them. */
  before: number
  /** What puts them in order among each other; null where it is the same for all. */
  inside: SortKeys | null
}

/** Those parts of the devices, each behind the one before it, in which the page lies. */
function bucketsAround(devices: Uint32Array, term: SortKeys, { offset, limit }: Range): Bucket[] {
  const size = term.max + 2
  const width = Math.ceil(size / MAX_BUCKETS)
  const ends = new Uint32Array(Math.ceil(size / width))
  const bucketOf = new Uint16Array(devices.length)
  for (let index = 0; index < devices.length; index += 1) {
    const bucket = Math.floor(placeOf(term, devices[index] ?? 0) / width)
    bucketOf[index] = bucket
    ends[bucket] = (ends[bucket] ?? 0) + 1
  }
  let total = 0
  const buckets = new Map<number, Bucket & { size: number }>()
  for (const [bucket, count] of ends.entries()) {
    if (count > 0 && total < offset + limit && total + count > offset) {
      const inside = width === 1 ? null : within(term, { from: bucket * width, width })
      buckets.set(bucket, { devices: new Uint32Array(count), before: total, inside, size: 0 })
    }
    total += count
  }
  for (let index = 0; index < devices.length; index += 1) {
    const bucket = buckets.get(bucketOf[index] ?? 0)
    if (bucket) bucket.devices[bucket.size++] = devices[index] ?? 0
  }
  return [...buckets.values()]
}

/** From 0 to max; that of devices which have none is behind these. */
function placeOf({ keyOf, max, isDescending }: SortKeys, device: number): number {
  const key = keyOf(device)
  return Number.isNaN(key) ? max + 1 : isDescending ? max - key : key
}

/** Some of the places of a term, counted from the first of them. */
function within(term: SortKeys, { from, width }: { from: number; width: number }): SortKeys {
  return { keyOf: (device) => placeOf(term, device) - from, max: width - 1, isDescending: false }
}

function compared(devices: Uint32Array, terms: readonly SortKeys[]): number[] {
  return [...devices].toSorted((a, b) => {
    for (const term of terms) {
      const order = placeOf(term, a) - placeOf(term, b)
      if (order !== 0) return order
    }
    return a - b
  })
}
