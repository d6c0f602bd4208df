import type { Comparison, FileChange, FileFacts } from '@contract/comparisons.ts'
import { describe, expect, it } from 'vitest'
import { fileWords, imageFiles, sectionsOf } from './compare-words.ts'

const facts: FileFacts = {
  ...{ kind: 'file', mode: '0644', uid: 0, gid: 0, sizeBytes: 10, modifiedAt: 0, linkTarget: null, device: null, sha256: 'a' },
}
const changed = (more: Partial<FileFacts>, differs: FileChange['differs']): FileChange => ({
  ...{ path: '/x', change: 'changed', differs, a: facts, b: { ...facts, ...more } },
})

describe('what is said of a changed file', () => {
  it('is how size, mode and target changed, and content only where the size does not tell', () => {
    expect(fileWords(changed({ sizeBytes: 20, sha256: 'b' }, ['sizeBytes', 'sha256', 'modifiedAt']))).toBe('10 B → 20 B')
    expect(fileWords(changed({ sha256: 'b' }, ['sha256']))).toBe('content')
    expect(fileWords(changed({ mode: '4755', uid: 3 }, ['mode', 'uid']))).toBe('mode 0644 → 4755, uid 0 → 3')
  })

  it('is size and mode of what was added or removed, and the target of a link', () => {
    expect(fileWords({ path: '/x', change: 'added', differs: [], a: null, b: facts })).toBe('10 B  0644')
    const link = { ...facts, kind: 'link', sizeBytes: null, linkTarget: 'tool' } as const
    expect(fileWords({ path: '/x', change: 'removed', differs: [], a: link, b: null })).toBe('→ tool  0644')
  })
})

describe('the parts of a comparison', () => {
  const payload = (name: string): Comparison['payload'][number] => ({
    change: 'changed',
    a: { name, sizeBytes: 1, sha256: 'a'.repeat(64), modifiedAt: 0 },
    b: { name, sizeBytes: 2, sha256: 'b'.repeat(64), modifiedAt: 0 },
    contents: { kind: 'ext4', changes: [changed({}, ['mode'])] },
  })
  const empty = { isSame: false, header: [], provides: [], depends: [], scripts: [], payload: [] }

  it('are the sections that hold a difference, with lists and empty values as words', () => {
    const header = [
      { field: 'deviceTypes', a: ['x'], b: ['x', 'y'] },
      { field: 'group', a: null, b: 'g' },
    ]
    expect(sectionsOf({ ...empty, header })).toEqual([
      {
        title: 'Header',
        rows: [
          { name: 'device types', change: 'changed', a: 'x', b: 'x, y' },
          { name: 'group', change: 'added', a: null, b: 'g' },
        ],
      },
    ])
  })

  it('tell files of several images apart', () => {
    expect(imageFiles({ ...empty, payload: [payload('one.ext4')] })).toMatchObject([{ key: '/x' }])
    const both = imageFiles({ ...empty, payload: [payload('one.ext4'), payload('two.ext4')] })
    expect(both.map(({ key }) => key)).toEqual(['one.ext4:/x', 'two.ext4:/x'])
  })
})
