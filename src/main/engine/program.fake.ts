import { type Duplex, duplexPair } from 'node:stream'
import { AppError } from '../contract/errors.ts'
import type { ProgramResult, RunningProgram, StartOptions } from './host.ts'

/** What it answers to its arguments and, when it is started rather than run, to all that it is told; it has its ends of the sockets. */
export type FakeProgram = (args: readonly string[], input: string, sockets: readonly Duplex[]) => ProgramResult | Promise<ProgramResult>

/** A program that answers when its input ends. */
export function startFake(
  run: (input: Promise<string>, sockets: readonly Duplex[]) => Promise<ProgramResult>,
  { signal, socketCount = 0 }: StartOptions,
): RunningProgram {
  let input = ''
  const told = Promise.withResolvers<string>()
  const cancelled = () => told.reject(new AppError('CANCELLED', 'Cancelled', '', signal?.reason))
  if (signal?.aborted) cancelled()
  signal?.addEventListener('abort', cancelled, { once: true })
  const pairs = Array.from({ length: socketCount }, () => duplexPair())
  const result = run(
    told.promise,
    pairs.map(([, far]) => far),
  )
  const ended = result.then(({ exitCode, stderr }) => ({ exitCode, stderr }))
  ended.catch(() => undefined)
  async function* output(): AsyncGenerator<Uint8Array, void, void> {
    const { stdout } = await result.catch(() => ({ stdout: '' }))
    if (stdout !== '') yield new TextEncoder().encode(stdout)
  }
  const sockets = pairs.map(([near]) => near)
  return { output: output(), ended, sockets, write: (text) => void (input += text), endInput: () => told.resolve(input) }
}
