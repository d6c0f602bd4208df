import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

/** The root of the checkout. */
export const root = join(import.meta.dirname, '..')

/** The file behind a command of node_modules/.bin: run it with this Node, so that neither PATH nor a shell matters. */
export const bin = (name: string) => join(root, 'node_modules', '.bin', name)

export interface Ended {
  code: number
  /** stdout and stderr as they came, interleaved */
  output: string
  tookMs: number
}

export interface Options {
  env?: Record<string, string>
  cwd?: string
}

export interface AttachOptions extends Options {
  /** ends the program with SIGTERM when it aborts */
  signal?: AbortSignal
}

/** Runs a program to its end and keeps what it prints. A program that cannot start ends with code 127. */
export function capture(command: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  const began = performance.now()
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve) => {
    const end = (code: number, more = '') =>
      resolve({ code, output: Buffer.concat(chunks).toString() + more, tookMs: performance.now() - began })
    child.once('error', (error) => end(127, error.message))
    child.once('close', (code) => end(code ?? 1))
  })
}

/**
 * Runs a program on this terminal and answers its exit code (128 + the signal's number when a signal ended it).
 * SIGINT and SIGTERM are left to the program, which gets SIGTERM passed on (a terminal sends SIGINT to both by itself).
 */
export function attach(command: string, args: readonly string[], options: AttachOptions = {}): Promise<number> {
  const child = spawn(command, args, { cwd: options.cwd ?? root, env: { ...process.env, ...options.env }, stdio: 'inherit' })
  const wait = () => undefined
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', wait).on('SIGTERM', pass)
  options.signal?.addEventListener('abort', pass, { once: true })
  return new Promise((resolve) => {
    const end = (code: number) => {
      process.off('SIGINT', wait).off('SIGTERM', pass)
      options.signal?.removeEventListener('abort', pass)
      resolve(code)
    }
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`)
      end(127)
    })
    child.once('close', (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
