import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'

/** What is said of an operation besides its input and output. */
export interface OperationMeta {
  /**
   * It names files or drives of the engine's machine, so only who sits there may ask it: not `otabench --server`, and a browser only where the
   * machine is shared.
   */
  isLocal?: boolean
  /** It changes nothing: who may only read may ask it, and it is not noted who did. */
  isRead?: boolean
  /** It is part of something that was noted when it began, as each key that is typed into a terminal. */
  isPart?: boolean
}

const operation = oc.$meta<OperationMeta>({})

/** An operation that answers once. Every write is a call. */
export function call<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.input(input).output(output)
}

/** A call within something that has begun: not noted each time. */
export function part<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isPart: true }).input(input).output(output)
}

/** A call that answers once and changes nothing. */
export function ask<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isRead: true }).input(input).output(output)
}

/** A call that reads or writes files of the engine's machine by their paths. */
export function localCall<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isLocal: true }).input(input).output(output)
}

/** A local call that changes nothing in the engine. */
export function localAsk<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isLocal: true, isRead: true }).input(input).output(output)
}

/** An operation that answers with the value now and again at each change. Every read that a screen shows is live. */
export function live<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isRead: true }).input(input).output(eventIterator(output))
}

/** A live operation that reads files of the engine's machine by their paths. */
export function localLive<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isLocal: true, isRead: true }).input(input).output(eventIterator(output))
}

/** An operation that answers with one thing after another, none of them left out: what a terminal prints. */
export function stream<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.input(input).output(eventIterator(output))
}

/** A stream within something that was noted when it began. */
export function partStream<I extends z.ZodType, O extends z.ZodType>(input: I, output: O) {
  return operation.meta({ isPart: true }).input(input).output(eventIterator(output))
}

/** For operations that take or answer nothing. */
export const nothing = z.void()

/** Milliseconds since 1970-01-01 UTC. */
export const instant = z.number().int()

export const id = z.string().min(1).max(200)
