import { describe, expect, it } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { Printer, exitCodeOf } from './print.ts'

function setUp(style: Partial<Printer['style']> = {}) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) })
  const printer = new Printer(
    { stdout: stream('stdout'), stderr: stream('stderr') },
    { isJson: false, isQuiet: false, isVerbose: false, isTerminal: false, ...style },
  )
  return { printer, written }
}

describe('the printer', () => {
  it('gives the result to stdout as text, or as one JSON line', () => {
    const plain = setUp()
    plain.printer.result({ a: 1 }, 'a is one')
    expect(plain.written.stdout).toBe('a is one\n')
    const json = setUp({ isJson: true })
    json.printer.result({ a: 1 }, 'a is one')
    expect(json.written.stdout).toBe('{"a":1}\n')
  })

  it('keeps progress off stdout, in tenths without a terminal and not at all with --json', () => {
    const { printer, written } = setUp()
    for (let done = 0; done <= 100; done += 1) printer.progress(done, 100, 'x')
    expect(written.stdout).toBe('')
    expect(written.stderr.split('\n')).toHaveLength(12)
    const json = setUp({ isJson: true })
    json.printer.progress(50, 100, 'x')
    json.printer.note('hello')
    expect(json.written.stderr).toBe('')
  })

  it('says at once when something else happens to what is in progress, and leaves nothing of the longer word', () => {
    const { printer, written } = setUp()
    for (const what of ['written', 'paused', 'paused', 'written']) printer.progress(50, 100, what)
    expect(written.stderr).toBe('50 % written\n50 % paused\n50 % written\n')
    const terminal = setUp({ isTerminal: true })
    for (const what of ['written', 'paused']) terminal.printer.progress(50, 100, what)
    expect(terminal.written.stderr).toMatch(/50 % paused\u001b\[K$/)
  })

  it('says what must be known even when it is told to be quiet', () => {
    const { printer, written } = setUp({ isQuiet: true })
    printer.note('hello')
    printer.important('the password is x')
    expect(written.stderr).toBe('the password is x\n')
  })

  it('prints a failure as code, message and hint, its causes only when asked', () => {
    const error = new AppError('DISK_FULL', 'No room on /data', 'Free some.', new Error('ENOSPC'))
    const { printer, written } = setUp()
    expect(printer.failure(error)).toBe(3)
    expect(written.stderr).toBe('error DISK_FULL: No room on /data\nhint: Free some.\n')
    const verbose = setUp({ isVerbose: true })
    verbose.printer.failure(error)
    expect(verbose.written.stderr).toContain('cause: Error: ENOSPC')
  })
})

describe('the exit code', () => {
  it('tells wrong usage, file trouble, an invalid artifact and an interruption apart', () => {
    const codes = ['BAD_INPUT', 'NOT_FOUND', 'ARTIFACT_INVALID', 'SIGNATURE_INVALID', 'CANCELLED', 'INTERNAL'] as const
    expect(codes.map((code) => exitCodeOf(new AppError(code, '')))).toEqual([2, 3, 4, 4, 130, 1])
  })
})
