import { createHash } from 'node:crypto'
import { array, assert, boolean, constant, nat, oneof, property, record, string, tuple, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { readBmap } from './bmap-read.ts'
import { type Bmap, encodeBmap } from './bmap.ts'
import { type Range, merged, without } from './ranges.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sum = (type: string, text: string): string => createHash(type).update(text).digest('hex')

/** Gaps and lengths in turn, so that ranges are in order. */
const maps = record({ steps: array(tuple(nat(1000), nat(1000), boolean()), { maxLength: 40 }), tail: nat(8191) }).map(
  ({ steps, tail }): Bmap => {
    let at = 0
    const ranges = steps.map(([gap, length, hasChecksum]) => {
      const range = { start: at + gap, end: at + gap + length + 1, checksum: hasChecksum ? sum('sha256', `${at}`) : null }
      at = range.end
      return range
    })
    return { imageBytes: at * 4096 + tail, blockBytes: 4096, checksumType: 'sha256', ranges }
  },
)

/** Text with its checksum put in, as format 1.3 and 1.4 have it; `@` stands for it. */
function sealed(text: string, type: 'sha1' | 'sha256'): Uint8Array {
  const zeros = '0'.repeat(type === 'sha1' ? 40 : 64)
  return bytes(text.replace('@', sum(type, text.replace('@', zeros))))
}

const OLD = `<?xml version="1.0" ?>
<!-- of bmaptool 2 -->
<bmap version="1.3">
  <ImageSize> 10000 </ImageSize><BlockSize>4096</BlockSize> <BlocksCount> 3 </BlocksCount>
  <MappedBlocksCount> 2 </MappedBlocksCount> <BmapFileSHA1> @ </BmapFileSHA1>
  <BlockMap><Range sha1='${sum('sha1', 'x')}'> 0 </Range> <!-- hole --> <Range> 2 </Range></BlockMap>
</bmap>
`

describe('block maps', () => {
  it('are read as they were written', () => {
    assert(
      property(maps, (map) => {
        expect(readBmap(bytes(encodeBmap(map)))).toEqual(map)
      }),
    )
  })

  it('are read in the formats 1.3 and 1.4 too', () => {
    const ranges = [
      { start: 0, end: 1, checksum: sum('sha1', 'x') },
      { start: 2, end: 3, checksum: null },
    ]
    const expected = { imageBytes: 10_000, blockBytes: 4096, checksumType: 'sha1', ranges }
    expect(readBmap(sealed(OLD, 'sha1'))).toEqual(expected)
    const newer = OLD.replace('"1.3"', '"1.4"').replaceAll('BmapFileSHA1', 'BmapFileChecksum').replace('sha1=', 'chksum=')
    expect(readBmap(sealed(newer.replace('<BlockMap>', '<ChecksumType>sha1</ChecksumType><BlockMap>'), 'sha1'))).toEqual(expected)
  })

  it('are refused with a typed error whatever is damaged in them, and never read as something else', () => {
    const whole = encodeBmap({
      imageBytes: 40_960,
      blockBytes: 4096,
      checksumType: 'sha256',
      ranges: [{ start: 1, end: 7, checksum: sum('sha256', '') }],
    })
    const change = tuple(nat(whole.length - 1), oneof(string({ maxLength: 3 }), constant('>'), constant('<!--')), nat(3))
    assert(
      property(change, ([at, put, removed]) => {
        const damaged = whole.slice(0, at) + put + whole.slice(at + removed)
        if (damaged.toLowerCase() === whole.toLowerCase()) return
        expect(() => readBmap(bytes(damaged))).toThrow(AppError)
      }),
      { numRuns: 1000 },
    )
    assert(
      property(uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => readBmap(noise)).toThrow(AppError)
      }),
    )
  })

  it.each([
    ['another format', '"1.3"', '"3.0"', /its format is "3.0"/],
    ['a block twice', '<Range> 2 </Range>', '<Range>0</Range>', /the range 0-0/],
    ['a block behind the end', '<Range> 2 </Range>', '<Range>3</Range>', /the range 3-3 of 3 blocks/],
    ['a range backwards', '<Range> 2 </Range>', '<Range>2-1</Range>', /the range 2-1/],
    ['another count', 'Count> 2 <', 'Count> 3 <', /names 2 blocks, and says 3/],
    ['a size too large', '10000', '99999999999999999', /is no number/],
    ['blocks of no power of two', '>4096<', '>4095<', /blocks of 4095 bytes/],
    ['an unknown element', '<BlockMap>', '<Extra>1</Extra><BlockMap>', /<Extra> does not belong/],
    ['an entity', ' 10000 ', ' &size; ', /does not belong there/],
    ['a DTD', '<bmap', '<!DOCTYPE bmap><bmap', /does not belong there/],
    ['an open comment', '<!-- hole -->', '<!-- hole', /does not belong there/],
    ['a field twice', '<BlockMap>', '<BlockSize>4096</BlockSize><BlockMap>', /does not belong there/],
    ['no size', '<ImageSize> 10000 </ImageSize>', '', /has no ImageSize/],
  ])('are refused with %s', (_, from, to, message) => {
    expect(OLD).toContain(from)
    expect(() => readBmap(sealed(OLD.replace(from, to), 'sha1'))).toThrow(message)
  })
})

describe('ranges', () => {
  const some = array(tuple(nat(60), nat(6)), { maxLength: 12 }).map((pairs): Range[] =>
    pairs.map(([start, length]) => ({ start, end: start + length })).toSorted((a, b) => a.start - b.start),
  )
  const members = (ranges: readonly Range[]): number[] =>
    Array.from({ length: 70 }, (_, at) => at).filter((at) => ranges.some(({ start, end }) => start <= at && at < end))

  it('are merged and subtracted as sets of numbers are', () => {
    assert(
      property(some, some, (one, other) => {
        const [all, holes] = [merged(one), merged(other)]
        expect(members(all)).toEqual(members(one))
        const left = without(all, holes)
        expect(members(left)).toEqual(members(one).filter((at) => !members(other).includes(at)))
        expect(merged(left)).toEqual(left)
      }),
    )
  })
})
