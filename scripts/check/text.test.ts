import { describe, expect, it } from 'vitest'
import { offencesIn } from './text.ts'

const why = (file: string, text: string) => offencesIn(file, text, '/somewhere/checkout').map((one) => one.why)
const source = 'src/main/engine/jobs/runner.ts'

describe('the rules over text', () => {
  it.each([
    [source, 'let count = 0'],
    [source, 'export let count = 0'],
    [source, '// oxlint-disable-next-line no-console'],
    [source, '// @ts-expect-error it is late'],
    [source, "export * from './other.ts'"],
    [source, "export { a, b } from './other.ts'"],
    [source, 'export class DeviceManager {'],
    [source, 'interface IDevice {'],
    [source, 'const at = new Date()'],
    ['src/renderer/app/frame.tsx', 'useEffect(() => list.current?.scrollIntoView(), [])'],
    ['src/renderer/app/frame.tsx', '<Button title="Open it">'],
    ['src/renderer/app/frame.tsx', '<h2>Open it</h2>'],
    ['package-lock.json', '"resolved": "https://registry.example.org/zod.tgz"'],
    ['README.md', 'cd /somewhere/checkout && ./run'],
    ['src/main/engine/lib/utils.ts', ''],
    ['src/main/engine/lib/ReadFile.ts', ''],
    [source, `export class Wide {\n${Array.from({ length: 11 }, (_, i) => `  async method${i}(x: number) {\n  }\n`).join('')}}`],
  ])('refuse, in %s: %s', (file, text) => {
    expect(why(file, text)).toHaveLength(1)
  })

  it.each([
    [source, '  let inside = 0'],
    [source, '// oxlint-disable-next-line no-console -- the one place that prints'],
    [source, 'const at = new Date(clock.now())'],
    [source, 'export interface Info {'],
    ['src/renderer/app/frame.tsx', '<h2 title={t`Open it`} color="gray">{t`Open it`}</h2>'],
    ['src/main/contract/index.ts', "export * from './errors.ts'"],
    ['src/main/engine/jobs/runner.test.ts', 'let found = []'],
    ['src/main/engine/host.node.ts', 'const at = new Date()'],
    ['src/renderer/ui/StateWord.tsx', ''],
    [source, `export class Narrow {\n${Array.from({ length: 11 }, (_, i) => `  #method${i}() {\n  }\n`).join('')}  one() {\n  }\n}`],
  ])('let pass, in %s: %s', (file, text) => {
    expect(why(file, text)).toEqual([])
  })

  it('name the line', () => {
    expect(offencesIn(source, 'const a = 1\nlet b = 2\n', '/x')).toEqual([
      { file: source, line: 2, why: expect.stringContaining('module') },
    ])
  })
})
