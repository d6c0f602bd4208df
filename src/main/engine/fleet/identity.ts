import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'

export type Identity = Record<string, string | string[]>

/** The identity of a device with its keys sorted, and the hash that names the device: one device an identity. */
export interface NormalisedIdentity {
  identity: Identity
  /** SHA-256 of the sorted JSON, lower hex. */
  hash: string
}

const HINT = 'The identity script of the device prints KEY=VALUE lines; at least one is needed.'

/** Normalises id_data: a JSON object whose values are strings or lists of them (numbers and truth values become text). BAD_INPUT else. */
export function normaliseIdentity(value: unknown): NormalisedIdentity {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('BAD_INPUT', 'id_data is not a JSON object', HINT)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) throw new AppError('BAD_INPUT', 'id_data is empty', HINT)
  const identity: Identity = Object.fromEntries(entries.map(([key, part]) => [key, Array.isArray(part) ? part.map(textOf) : textOf(part)]))
  return { identity, hash: createHash('sha256').update(JSON.stringify(identity)).digest('hex') }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Parses id_data as a client sends it: a text that holds JSON. */
export function parseIdData(text: string): NormalisedIdentity {
  try {
    return normaliseIdentity(JSON.parse(text))
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : new AppError('BAD_INPUT', 'id_data is not JSON', HINT, thrown)
  }
}

/** The name of a simulated device, which its identity carries; null for a real one. */
export function virtualName(identity: Identity): string | null {
  const name = identity['virtual']
  return typeof name === 'string' && name !== '' ? name : null
}

/** What nobody sees, or what turns the text around it (bidirectional marks): a name that hides itself is none. The joiner of emoji stays. */
const UNSEEN = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu

/** What a person calls a device: its nickname, else a simulated one's name, else the first value of its identity, else its id. */
export function deviceName({ id, nickname, identity }: { id: string; nickname: string; identity: Identity }): string {
  const name = nickname || virtualName(identity) || [Object.values(identity)[0] ?? id].flat().join(', ')
  return name.replace(UNSEEN, ' ').trim() || id
}
