import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DiffSide, diffArtifacts, isSame } from './diff.ts'
import { diffLines } from './diff-lines.ts'
import { checkArtifact } from './read.ts'
import { brokenArtifact, bytesOf, inPieces } from './samples.cases.ts'

/** The second text, made of the first and the hunks. */
function patched(text: string, hunks: readonly string[]): string {
  const from = text.split('\n')
  const to: string[] = []
  let at = 0
  for (const hunk of hunks) {
    const start = /^@@ -(\d+) \+\d+ @@$/.exec(hunk)?.[1]
    if (start !== undefined) {
      to.push(...from.slice(at, Number(start) - 1))
      at = Number(start) - 1
      continue
    }
    if (hunk[0] !== '+') expect(from[at++]).toBe(hunk.slice(1))
    if (hunk[0] !== '-') to.push(hunk.slice(1))
  }
  return [...to, ...from.slice(at)].join('\n')
}

describe('the line difference of two texts', () => {
  it('leads from the first to the second, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 40 }).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(patched(a, diffLines(a, b))).toBe(b)
      }),
    )
  })

  it('shows a change among three lines on either side, and nothing of equal texts', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`)
    expect(diffLines(lines.join('\n'), lines.with(9, 'changed').join('\n'))).toEqual([
      '@@ -7 +7 @@',
      ...[' line 7', ' line 8', ' line 9', '-line 10', '+changed', ' line 11', ' line 12', ' line 13'],
    ])
    expect(diffLines('a\nb', 'a\nb')).toEqual([])
  })

  it('does not spend long on texts with nothing in common', () => {
    const of = (letter: string) => Array.from({ length: 30_000 }, (_, index) => `${letter}${index}`).join('\n')
    expect(diffLines(of('a'), of('b')).length).toBe(60_001)
  })
})

describe('the difference of two artifacts', () => {
  const side = async (scripts: Record<string, Uint8Array> = {}): Promise<DiffSide> => ({
    content: await checkArtifact(inPieces(brokenArtifact({}))),
    scripts: new Map(Object.entries(scripts)),
  })

  it('is nothing for the same content, in whatever order the keys of objects stand', async () => {
    const [a, b] = [await side(), await side()]
    a.content.metaData = { x: 1, y: { p: 1, q: 2 } }
    b.content.metaData = { y: { q: 2, p: 1 }, x: 1 }
    expect(isSame(diffArtifacts(a, b))).toBe(true)
    b.content.metaData = { x: 1, y: { p: 1, q: 3 } }
    expect(diffArtifacts(a, b).header).toEqual([{ field: 'metaData', a: a.content.metaData, b: b.content.metaData }])
  })

  it('shows no lines of scripts that are no text', async () => {
    const found = diffArtifacts(await side({ s: bytesOf('text') }), await side({ s: new Uint8Array([0xff, 0]) }))
    expect(found.scripts).toEqual([{ name: 's', change: 'changed', lines: null }])
  })

  it('pairs payload files by name, and the one on each side that is left', async () => {
    const [a, b] = [await side(), await side()]
    const file = (name: string, sha256: string) => ({ name, sha256, sizeBytes: 1, modifiedAt: 0 })
    a.content.files = [file('same', '0'), file('changed', '1'), file('v1', '2')]
    b.content.files = [file('changed', '3'), file('same', '0'), file('v2', '4')]
    const names = () => diffArtifacts(a, b).payload.map((each) => [each.change, each.a?.name, each.b?.name])
    expect(names()).toEqual([
      ['changed', 'changed', 'changed'],
      ['changed', 'v1', 'v2'],
    ])
    b.content.files.push(file('more', '5'))
    expect(names()).toEqual([
      ['changed', 'changed', 'changed'],
      ['removed', 'v1', undefined],
      ['added', undefined, 'v2'],
      ['added', undefined, 'more'],
    ])
  })
})
