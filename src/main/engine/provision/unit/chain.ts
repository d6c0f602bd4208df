import { createHash } from 'node:crypto'
import { type ChainVerdict, type UnitRecord, unitRecord } from '../../../contract/station.ts'

/** Before the first record. */
export const NO_HASH = '0'.repeat(64)

/** A record as the next link of a chain. */
export function linked(record: Omit<UnitRecord, 'hash' | 'previous' | 'sequence'>, last: UnitRecord | null): UnitRecord {
  const whole = { ...record, sequence: (last?.sequence ?? 0) + 1, previous: last?.hash ?? NO_HASH }
  return { ...whole, hash: hashOf(whole) }
}

export function hashOf(record: Omit<UnitRecord, 'hash'>): string {
  return createHash('sha256').update(canonical(record)).digest('hex')
}

/** JSON without spaces, names in order: the same bytes for the same value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`
}

const MOST_FAULTS = 100

/** Holds every record against its own hash and against the one before. `head`: the hash that the last one has to have. */
export function verifyChain(records: readonly unknown[], head: string | null): ChainVerdict {
  const faults: string[] = []
  let last: UnitRecord | null = null
  for (const [index, value] of records.entries()) {
    const parsed = unitRecord.safeParse(value)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      faults.push(`Place ${index + 1} holds no record: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
      continue
    }
    faults.push(...faultsOf(parsed.data, last))
    last = parsed.data
  }
  const end = last?.hash ?? NO_HASH
  if (head !== null && head !== end) faults.push(`The last record is not the one that was noted: ${last ? nameOf(last) : 'there is none'}`)
  return { count: records.length, head: end, faults: faults.slice(0, MOST_FAULTS) }
}

function faultsOf(record: UnitRecord, last: UnitRecord | null): string[] {
  const { hash, ...rest } = record
  const faults: string[] = []
  const wanted = (last?.sequence ?? 0) + 1
  if (hashOf(rest) !== hash) faults.push(`${nameOf(record)} was changed: its hash is another one`)
  if (record.sequence > wanted) faults.push(`${missing(wanted, record.sequence - 1)} before ${nameOf(record)}`)
  else if (record.sequence < wanted) faults.push(`${nameOf(record)} stands in the wrong place, behind ${last ? nameOf(last) : 'nothing'}`)
  else if (record.previous !== (last?.hash ?? NO_HASH))
    faults.push(
      last ? `${nameOf(record)} does not follow ${nameOf(last)}: that one was put in later` : `${nameOf(record)} is not the first`,
    )
  return faults
}

function nameOf({ sequence, serial }: UnitRecord): string {
  return `Record ${sequence} (${serial})`
}

function missing(from: number, to: number): string {
  return from === to ? `Record ${from} is missing` : `Records ${from} to ${to} are missing`
}
