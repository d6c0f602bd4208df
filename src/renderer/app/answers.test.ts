import { AppError, toWire } from '@contract/errors.ts'
import { expect, it } from 'vitest'
import { Answers } from './answers.ts'

const answers = () => new Answers((sentence) => sentence.toUpperCase())

it('says in the reader’s language what the engine says, and leaves data alone', () => {
  const job = { id: 'a b', title: 'Send it', steps: ['Verify', 'Send'], failure: { code: 'NOT_FOUND', message: 'Gone', hint: 'Look.' } }
  expect(answers().said([job])).toEqual([
    { id: 'a b', title: 'SEND IT', steps: ['VERIFY', 'SEND'], failure: { code: 'NOT_FOUND', message: 'GONE', hint: 'LOOK.' } },
  ])
  expect(answers().said({ lane: 'power', text: 'Power on' })).toEqual({ lane: 'power', text: 'POWER ON' })
  expect(answers().said(['wrote it'], true)).toEqual(['WROTE IT'])
})

it('leaves what a device says, and the lines of files', () => {
  for (const answer of [
    { lane: 'serial', text: 'login:' },
    { level: 'error', message: 'no such file' },
    { lines: ['+ a new line'] },
    { name: 'the device', tail: ['booted'], sha256: null, at: new Date(0) },
  ])
    expect(answers().said(answer)).toEqual(answer)
  expect(answers().said({ step: 'Look', lines: ['write it'] })).toEqual({ step: 'LOOK', lines: ['WRITE IT'] })
  expect(answers().said({ parentId: null, name: 'Virtual' })).toEqual({ parentId: null, name: 'VIRTUAL' })
})

it('makes one object of what stays the same from one live value to the next', () => {
  const some = answers()
  const [same, before, after] = [{ title: 'a' }, { title: 'b' }, { title: 'c' }]
  const [first, second] = [some.said({ list: [same, before] }), some.said({ list: [same, after] })]
  expect(first).toEqual({ list: [{ title: 'A' }, { title: 'B' }] })
  expect(second).toEqual({ list: [{ title: 'A' }, { title: 'C' }] })
  expect(some.said(same)).toBe(some.said(same))
})

it('says why an operation has failed, and that it was taken back as it is', () => {
  const failed = answers().failed(toWire(new AppError('NOT_FOUND', 'Gone', 'Look.')))
  expect(failed).toMatchObject({ code: 'NOT_FOUND', message: 'GONE', hint: 'LOOK.' })
  const aborted = new DOMException('Taken back', 'AbortError')
  expect(answers().failed(aborted)).toBe(aborted)
})
