import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineTemplate } from './engine-template.ts'
import { EngineWords } from './engine-words.ts'

const TEMPLATES = [
  'There is no file {0}',
  'There is no file {0} in {1}',
  '{0} is {1}',
  '{0}: aborted',
  'Cancelled',
  'Check the path.',
  'Get {0} from {1}',
  '{0} could not be unmounted from {1}: {2}',
  'it is in use',
  "Write for example '{'serial: {0}'}'.",
  "''{0}'' is no name",
  'FAT{0} cannot be as large as {1} bytes',
]

/** As a translation would: the order of the values is turned. */
function turned(templates: readonly string[] = TEMPLATES): EngineWords {
  return new EngineWords(templates, (template, values) => `«${template}» ${Object.values(values).toReversed().join(' | ')}`.trim())
}

describe('what the engine says, in another language', () => {
  it('is found by its template, with what stands in the places of its values', () => {
    expect(turned().say('There is no file /tmp/a.img')).toBe('«There is no file {0}» /tmp/a.img')
    expect(turned().say('Cancelled')).toBe('«Cancelled»')
    expect(turned().say('FAT32 cannot be as large as 12 bytes')).toBe('«FAT{0} cannot be as large as {1} bytes» 12 | 32')
  })

  it('is taken for the template that says most of it', () => {
    expect(turned().say('There is no file a in b')).toBe('«There is no file {0} in {1}» b | a')
  })

  it('keeps values as they are, whatever characters they have', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\S+$/), fc.stringMatching(/^\S+$/), (from, where) => {
        fc.pre(!/ from /.test(from))
        expect(turned(['Get {0} from {1}']).say(`Get ${from} from ${where}`)).toBe(`«Get {0} from {1}» ${where} | ${from}`)
      }),
    )
  })

  it('has sentences in it translated too', () => {
    expect(turned().say('sdb could not be unmounted from /mnt: it is in use')).toBe(
      '«{0} could not be unmounted from {1}: {2}» «it is in use» | /mnt | sdb',
    )
    expect(turned().say('path: There is no file a: b')).toBe('path: «There is no file {0}» a: b')
    expect(turned().say('There is no file a. Check the path.')).toBe('«There is no file {0}» a. «Check the path.»')
  })

  it('has braces and apostrophes of its own', () => {
    expect(new EngineTemplate("Write for example '{'serial: {0}'}'.").valuesIn('Write for example {serial: 7}.')).toEqual(['7'])
    expect(new EngineTemplate("''{0}'' is no name").valuesIn("'x' is no name")).toEqual(['x'])
    expect(new EngineTemplate("the board's name").text).toBe("the board's name")
  })

  it('stays as it is where no template fits', () => {
    for (const sentence of ['', 'virtual-os-v1', 'usb 1-1: new high-speed device, see the log', 'There is no fil', 'x'.repeat(3000)])
      expect(turned().say(sentence)).toBe(sentence)
  })

  it('is not found by chance where a template has but a word', () => {
    expect(turned().say('the card in the reader is about to be written')).toBe('the card in the reader is about to be written')
    expect(turned().say('card-1 is mounted')).toBe('«{0} is {1}» mounted | card-1')
    expect(turned().say('v1.4: aborted')).toBe('«{0}: aborted» v1.4')
  })

  it('is looked for in bounded time, whatever a device makes of it', () => {
    const words = turned(['{0} of {1} of {2} of {3} of {4} of many files', ...TEMPLATES])
    for (let at = 0; at < 5000; at++) expect(words.say(`${'a of '.repeat(350)}${at}`)).toMatch(/^a of/)
  })

  it('is the same template again, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 }), { minLength: 3, maxLength: 3 }), (values) => {
        const [a = '', b = '', c = ''] = values
        const found = new EngineTemplate('From {0}, with {1} and {2}.').valuesIn(`From ${a}, with ${b} and ${c}.`)
        expect(`From ${found?.[0]}, with ${found?.[1]} and ${found?.[2]}.`).toBe(`From ${a}, with ${b} and ${c}.`)
      }),
    )
  })
})
