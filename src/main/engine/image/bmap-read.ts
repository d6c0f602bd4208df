import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { type Bmap, type BmapRange, mappedBlockCount } from './bmap.ts'

/** Larger than a map of a million ranges. */
export const MAX_BMAP_BYTES = 128 << 20
const MAX_RANGES = 1_000_000
const MAX_BLOCK_BYTES = 16 << 20

function badBmap(message: string): AppError {
  return new AppError(
    'ARTIFACT_INVALID',
    `The block map is damaged: ${message}`,
    'Fetch it again, or make it anew: otabench image bmap FILE.',
  )
}

/** What differs between the formats: 1.3 knows SHA-1 alone, under names of its own. */
const FORMATS = {
  '1.3': { fileSum: 'BmapFileSHA1', rangeSum: 'sha1' },
  '1.4': { fileSum: 'BmapFileChecksum', rangeSum: 'chksum' },
  '2.0': { fileSum: 'BmapFileChecksum', rangeSum: 'chksum' },
} as const

const SUM_DIGITS = { sha1: 40, sha256: 64 } as const

/** Reads a block map of bmaptool, format 1.3, 1.4 or 2.0. ARTIFACT_INVALID for anything else, and where its own checksum is wrong. */
export function readBmap(bytes: Uint8Array): Bmap {
  if (bytes.length > MAX_BMAP_BYTES) throw badBmap(`it has more than ${MAX_BMAP_BYTES} bytes`)
  const text = textOf(bytes)
  const { version, fields, ranges: stored } = parse(text)
  const { fileSum, rangeSum } = formatOf(version)
  const checksumType = version === '1.3' ? 'sha1' : checksumTypeOf(fields.get('ChecksumType')?.text)
  checkFile(text, fields.get(fileSum), checksumType)
  const number = (name: string): number => numberOf(name, fields.get(name)?.text)
  const [imageBytes, blockBytes, blockCount] = [number('ImageSize'), number('BlockSize'), number('BlocksCount')]
  if (blockBytes < 512 || blockBytes > MAX_BLOCK_BYTES || (blockBytes & (blockBytes - 1)) !== 0)
    throw badBmap(`blocks of ${blockBytes} bytes`)
  if (blockCount !== Math.ceil(imageBytes / blockBytes))
    throw badBmap(`${blockCount} blocks of ${blockBytes} bytes for ${imageBytes} bytes`)
  const ranges = stored.map((range) => rangeOf(range, rangeSum, checksumType))
  let last = 0
  for (const { start, end } of ranges) {
    if (start < last || end <= start || end > blockCount) throw badBmap(`the range ${start}-${end - 1} of ${blockCount} blocks`)
    last = end
  }
  const count = mappedBlockCount(ranges)
  if (count !== number('MappedBlocksCount')) throw badBmap(`it names ${count} blocks, and says ${number('MappedBlocksCount')}`)
  return { imageBytes, blockBytes, checksumType, ranges }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw badBmap('it is no text')
  }
}

function formatOf(version: string): (typeof FORMATS)[keyof typeof FORMATS] {
  if (version === '1.3' || version === '1.4' || version === '2.0') return FORMATS[version]
  throw badBmap(`its format is ${JSON.stringify(version)}; 1.3, 1.4 and 2.0 are read`)
}

function checksumTypeOf(text: string | undefined): Bmap['checksumType'] {
  if (text === 'sha1' || text === 'sha256') return text
  throw badBmap(`its checksums are ${JSON.stringify(text ?? 'not named')}; sha1 and sha256 are read`)
}

function checkFile(text: string, field: Field | undefined, type: Bmap['checksumType']): void {
  if (!field || !isSum(field.text, type)) throw badBmap('it has no checksum of its own')
  const hash = createHash(type)
  hash.update(text.slice(0, field.at)).update('0'.repeat(field.text.length))
  if (hash.update(text.slice(field.at + field.text.length)).digest('hex') !== field.text.toLowerCase())
    throw badBmap('its own checksum is wrong')
}

function isSum(text: string, type: Bmap['checksumType']): boolean {
  return text.length === SUM_DIGITS[type] && /^[\da-f]*$/i.test(text)
}

function numberOf(name: string, text: string | undefined): number {
  const value = /^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw badBmap(text === undefined ? `it has no ${name}` : `${JSON.stringify(text.slice(0, 40))} is no number (${name})`)
}

function rangeOf({ text, attributes }: Element, name: string, type: Bmap['checksumType']): BmapRange {
  const [first, last = first, ...rest] = text.split('-')
  const [start, end] = [numberOf('Range', first?.trim()), numberOf('Range', last?.trim()) + 1]
  const checksum = attributes.get(name) ?? null
  if (rest.length > 0 || attributes.size > (checksum === null ? 0 : 1)) throw badBmap(`the range ${JSON.stringify(text.slice(0, 40))}`)
  if (checksum !== null && !isSum(checksum, type)) throw badBmap(`the checksum of the range ${start}-${end - 1}`)
  return { start, end, checksum: checksum?.toLowerCase() ?? null }
}

interface Field {
  /** Without the white space around it. */
  text: string
  at: number
}

interface Element extends Field {
  attributes: Map<string, string>
}

const FIELDS = ['ImageSize', 'BlockSize', 'BlocksCount', 'MappedBlocksCount', 'ChecksumType', 'BmapFileChecksum', 'BmapFileSHA1']
const ATTRIBUTES = String.raw`((?:\s+\w+\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*)\s*`
const DECLARATION = /\s*<\?xml\s[^?<>]*\?>/y
const BLANK = /\s*/y
const OPEN = new RegExp(String.raw`<(\w+)${ATTRIBUTES}>`, 'y')
const EMPTY = new RegExp(String.raw`<BlockMap${ATTRIBUTES}/>`, 'y')
const TEXT = /\s*([^<>&\s](?:[^<>&]*[^<>&\s])?)?\s*/y
const CLOSE = /<\/(\w+)\s*>/y

/** The document taken apart: the little of XML that block maps are written in, and nothing else (no entities, no DTD). */
function parse(text: string): { version: string; fields: Map<string, Field>; ranges: Element[] } {
  const reader = new Reader(text)
  reader.skip(DECLARATION)
  const { name, attributes } = reader.open()
  if (name !== 'bmap') throw badBmap('it does not begin with <bmap>')
  const fields = new Map<string, Field>()
  let ranges: Element[] | null = null
  while (!reader.closes('bmap')) {
    // `closes` has come to the next tag.
    if (ranges === null && reader.skip(EMPTY)) {
      ranges = []
      continue
    }
    const field = reader.open()
    if (field.name === 'BlockMap' && ranges === null) ranges = rangesIn(reader)
    else if (FIELDS.includes(field.name) && !fields.has(field.name)) fields.set(field.name, reader.textUntil(field.name))
    else throw badBmap(`<${field.name}> does not belong there`)
  }
  reader.end()
  return { version: attributes.get('version') ?? '', fields, ranges: ranges ?? [] }
}

function rangesIn(reader: Reader): Element[] {
  const ranges: Element[] = []
  while (!reader.closes('BlockMap')) {
    const { name, attributes } = reader.open()
    if (name !== 'Range') throw badBmap(`<${name}> does not belong there`)
    if (ranges.length === MAX_RANGES) throw badBmap(`it has more than ${MAX_RANGES} ranges`)
    ranges.push({ ...reader.textUntil(name), attributes })
  }
  return ranges
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Whether the pattern was there, and is passed now. */
  skip(pattern: RegExp): boolean {
    return this.#match(pattern) !== null
  }

  open(): { name: string; attributes: Map<string, string> } {
    this.#skipComments()
    const [, name, written = ''] = this.#match(OPEN) ?? []
    if (name === undefined) throw this.#unexpected()
    const attributes = new Map<string, string>()
    for (const [, key = '', double, single] of written.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      if (attributes.has(key)) throw badBmap(`the attribute ${key} stands twice`)
      attributes.set(key, double ?? single ?? '')
    }
    return { name, attributes }
  }

  /** The text of an element up to its end. */
  textUntil(name: string): Field {
    const start = this.#at
    const [whole = '', text = ''] = this.#match(TEXT) ?? []
    const at = start + whole.indexOf(text)
    if (this.#match(CLOSE)?.[1] !== name) throw this.#unexpected()
    return { text, at }
  }

  /** Whether the element ends here; its end is then passed. */
  closes(name: string): boolean {
    this.#skipComments()
    if (!this.#text.startsWith('</', this.#at)) return false
    if (this.#match(CLOSE)?.[1] !== name) throw this.#unexpected()
    return true
  }

  end(): void {
    this.#skipComments()
    if (this.#at < this.#text.length) throw this.#unexpected()
  }

  #skipComments(): void {
    while (this.skip(BLANK) && this.#text.startsWith('<!--', this.#at)) {
      const end = this.#text.indexOf('-->', this.#at + 4)
      if (end < 0) throw this.#unexpected()
      this.#at = end + 3
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at = pattern.lastIndex
    return found
  }

  #unexpected(): AppError {
    const rest = JSON.stringify(this.#text.slice(this.#at, this.#at + 40))
    return badBmap(`${rest} at character ${this.#at} does not belong there`)
  }
}
