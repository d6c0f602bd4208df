import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLine } from './shell-words.ts'

const words = (line: string) => {
  const read = readLine(line)
  return typeof read === 'string' ? read : read.map((command) => command.words)
}

describe('a line of the virtual shell', () => {
  it('is words, with quotes as a POSIX shell takes them off', () => {
    expect(words(`echo "two words" 'and $two' a\\ b "say \\"hi\\""`)).toEqual([['echo', 'two words', 'and $two', 'a b', 'say "hi"']])
    expect(words('  ')).toEqual([])
    expect(words('a; b && c')).toEqual([['a'], ['b'], ['c']])
  })

  it('may send its output to a file', () => {
    expect(readLine('echo a >/tmp/x; echo b >> "/tmp/y z"')).toMatchObject([
      { words: ['echo', 'a'], output: { path: '/tmp/x', isAppended: false } },
      { words: ['echo', 'b'], output: { path: '/tmp/y z', isAppended: true } },
    ])
  })

  it('says what it has not: pipes, background, an open quote', () => {
    expect(readLine('ls | wc')).toContain('has no |')
    expect(readLine('sleep 1 &')).toContain('has no &')
    expect(readLine('echo "a')).toContain('quote')
    expect(readLine('echo >')).toContain('needs a file')
  })

  it('comes to an end whatever is typed, and keeps quoted words as they are', () => {
    fc.assert(fc.property(fc.string(), (line) => void readLine(line)))
    const quotable = fc.string().filter((text) => !text.includes("'"))
    fc.assert(
      fc.property(fc.array(quotable, { minLength: 1 }), (given) => {
        expect(words(given.map((each) => `'${each}'`).join(' '))).toEqual([given])
      }),
    )
  })
})
