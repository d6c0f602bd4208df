import { AppError } from './errors.ts'
import type { OperationMeta } from './operations.ts'

/**
 * What makes a live value out of the one before it: another value, other members of a record, or other items of a list. For plain JSON
 * values, which is what live operations answer.
 */
export type Change = { to: unknown } | RecordChange | ListChange

interface RecordChange {
  in: Readonly<Record<string, Change>>
  gone?: readonly string[]
}

interface ListChange {
  at: readonly (readonly [place: number, change: Change])[]
  /** Where each item stood before, -1 for a new one; absent where all stand where they stood. */
  from?: readonly number[]
}

/** How a value travels: the first one whole. */
interface Told {
  '~change': Change
}

/** An operation that is being called. */
interface Called {
  next: () => Promise<unknown>
}

/** What of `next` is not in `previous`; null when nothing is. Items of a list are matched by their `id`, else by position. */
export function changeOf(previous: unknown, next: unknown): Change | null {
  if (Object.is(previous, next)) return null
  if (isList(previous) && isList(next)) return changeOfList(previous, next)
  if (isRecord(previous) && isRecord(next)) return changeOfRecord(previous, next)
  return { to: next }
}

function changeOfList(previous: readonly unknown[], next: readonly unknown[]): ListChange | null {
  const from = placesBefore(previous, next)
  const at: (readonly [number, Change])[] = []
  for (const [place, item] of next.entries()) {
    const before = from === null ? place : (from[place] ?? -1)
    const change = before < 0 ? { to: item } : changeOf(previous[before], item)
    if (change !== null) at.push([place, change])
  }
  if (from !== null) return { at, from }
  return at.length === 0 ? null : { at }
}

/** Where each item stood; null when all stand where they stood. */
function placesBefore(previous: readonly unknown[], next: readonly unknown[]): number[] | null {
  if (previous.length === next.length && next.every((item, place) => idOf(item) === idOf(previous[place]))) return null
  const places = new Map(previous.map((item, place) => [idOf(item), place]))
  return next.map((item, place) => {
    const id = idOf(item)
    if (id === undefined) return place < previous.length ? place : -1
    return places.get(id) ?? -1
  })
}

function changeOfRecord(previous: Record<string, unknown>, next: Record<string, unknown>): RecordChange | null {
  const changed: [string, Change][] = []
  for (const key of Object.keys(next)) {
    if (next[key] === undefined) continue
    const before = own(previous, key)
    const change = before === undefined ? { to: next[key] } : changeOf(before, next[key])
    if (change !== null) changed.push([key, change])
  }
  const gone = Object.keys(previous).filter((key) => previous[key] !== undefined && own(next, key) === undefined)
  if (changed.length === 0 && gone.length === 0) return null
  const members = Object.fromEntries(changed)
  return gone.length === 0 ? { in: members } : { in: members, gone }
}

/** A member of its own: each record has a `toString` and a `constructor` that are not. */
function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The value after a change. What did not change is the very object that it was, so that it is not drawn again. */
export function changed(previous: unknown, change: Change): unknown {
  if ('to' in change) return change.to
  if ('in' in change && isRecord(previous)) return changedRecord(previous, change)
  if ('at' in change && isList(previous)) return changedList(previous, change)
  throw new AppError('INTERNAL', 'A live value has changed in what is not there.', 'Open the window anew.')
}

function changedRecord(previous: Record<string, unknown>, { in: members, gone = [] }: RecordChange): Record<string, unknown> {
  const entries = Object.entries(members).map(([key, change]) => [key, changed(own(previous, key), change)] as const)
  const kept = gone.length === 0 ? previous : Object.fromEntries(Object.entries(previous).filter(([key]) => !gone.includes(key)))
  return { ...kept, ...Object.fromEntries(entries) }
}

function changedList(previous: readonly unknown[], { at, from }: ListChange): readonly unknown[] {
  const items = from === undefined ? [...previous] : from.map((place) => previous[place])
  for (const [place, change] of at) items[place] = changed(items[place], change)
  return items
}

/** `next`, in which what is as it was is the very object that `previous` has. */
export function keepSame<T>(previous: unknown, next: T): T
export function keepSame(previous: unknown, next: unknown): unknown {
  const change = changeOf(previous, next)
  return change === null ? previous : changed(previous, change)
}

/** Has the values of live operations travel as what changes of them. For the `clientInterceptors` of a handler whose callers hear changes. */
export async function tellChanges({ next, procedure }: Called & { procedure: { '~orpc': { meta: OperationMeta } } }): Promise<unknown> {
  const answer = await next()
  return procedure['~orpc'].meta.isRead === true && isIterable(answer) ? toChanges(answer) : answer
}

/** Puts values together again that travelled as changes. For the `interceptors` of a link. */
export async function hearChanges({ next }: Called): Promise<unknown> {
  const answer = await next()
  return isIterable(answer) ? toValues(answer) : answer
}

async function* toChanges(values: AsyncIterable<unknown>): AsyncGenerator<Told, void, void> {
  let last: { value: unknown } | null = null
  for await (const value of values) {
    const change = last === null ? { to: value } : changeOf(last.value, value)
    last = { value }
    if (change !== null) yield { '~change': change }
  }
}

async function* toValues(answers: AsyncIterable<unknown>): AsyncGenerator<unknown, void, void> {
  let value: unknown
  for await (const answer of answers) {
    value = isTold(answer) ? changed(value, answer['~change']) : answer
    yield value
  }
}

function isTold(answer: unknown): answer is Told {
  return isRecord(answer) && '~change' in answer
}

export function isIterable(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

function idOf(item: unknown): unknown {
  return isRecord(item) ? item['id'] : undefined
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** A plain one: what has a class of its own is told whole. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
