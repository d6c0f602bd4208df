import { array, assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cardLayout } from '../../contract/card-layout.ts'
import { AppError } from '../../contract/errors.ts'
import { sizeBytes } from '../../contract/sizes.ts'
import { layoutText, parseLayout, parseSeed } from './layout-file.ts'

const WHOLE = 'version: 1\nname: a\ntable: gpt\nboot: {folder: b, size: 1 MiB}\nrootfs: {image: r}\ndata: {size: fill}\n'

const refusal = (text: string): string => {
  try {
    parseLayout(text, 'card.yaml')
    return ''
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'BAD_INPUT') return thrown.message
    throw thrown
  }
}

describe('a layout file', () => {
  it('says what was said when its text is made again', () => {
    const layout = parseLayout(`${WHOLE}seed: {files: [{to: /data/a, text: "b\\n"}]}\n`, 'card.yaml')
    expect(parseLayout(layoutText(layout), 'again.yaml')).toEqual(layout)
    expect(layoutText(layout)).toMatch(/^version: 1\nname: a\n/)
    expect(cardLayout.parse(layout)).toEqual(layout)
    expect(parseSeed('', 'seed.yaml').files).toEqual([])
  })

  it('names line and column of everything that is wrong', () => {
    expect(refusal(WHOLE.replace('gpt', 'apm').replace('image: r', 'image: r, size: 1 XB'))).toMatch(
      /^card\.yaml:3:1: table: .*; card\.yaml:5:20: rootfs\.size: /,
    )
    expect(refusal('')).toContain('card.yaml:1:1: version: ')
    expect(refusal('- a\n')).toContain('card.yaml:1:1: ')
    expect(refusal(`${WHOLE}loader: {raw: [{file: a, at: 0}, {file: b, at: x}]}\n`)).toMatch(
      /^card\.yaml:7:44: loader\.raw\.1\.at: a place such as/,
    )
  })

  it('does no harm, whatever is in it', () => {
    const laughs = Array.from(
      { length: 12 },
      (_, index) => `l${index}: &l${index} [${Array.from({ length: 12 }, () => (index === 0 ? 'x' : `*l${index - 1}`)).join(',')}]`,
    )
    expect(refusal(laughs.join('\n'))).toContain('card.yaml: Excessive alias count')
    for (const deep of ['['.repeat(100_000), '{a: '.repeat(100_000), `${'- '.repeat(100_000)}a`])
      expect(refusal(deep)).toContain('card.yaml')
    expect(refusal('x'.repeat(2 << 20))).toContain('too long')
    const piece = constantFrom(
      'version: 1\n',
      'boot: ',
      '{',
      '}',
      '[',
      'size: ',
      '1 MiB',
      '*a',
      '&a ',
      '!!binary ',
      '\n  ',
      '- ',
      '"',
      ': ',
      '<<: ',
    )
    assert(property(array(piece, { maxLength: 40 }), (pieces) => typeof refusal(pieces.join('')) === 'string'))
    assert(property(string({ maxLength: 200 }), (text) => typeof refusal(text) === 'string'))
  })

  it.each([
    [7, 7],
    ['0x100000', 1 << 20],
    ['4 MiB', 4 << 20],
    ['4M', 4 << 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['8gb', 8e9],
    ['MiB', Number.NaN],
    ['-1', Number.NaN],
    ['1 TB', Number.NaN],
  ])('takes the size %j for %d bytes', (text, bytes) => {
    expect(sizeBytes(text)).toBe(bytes)
  })
})
