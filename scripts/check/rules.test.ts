// Each rule of .oxlintrc.json must bite: the linter runs here over small offences, and over their lawful neighbours.
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bin, capture, root } from '../program.ts'

const lines = (count: number, line: string) => Array.from({ length: count }, () => line).join('\n')

// file, its text, the rule it breaks
const offences: [string, string, string][] = [
  ['src/main/contract/a.ts', `import 'node:fs'`, 'no-restricted-imports'],
  ['src/main/contract/b.ts', `import '../engine/host.ts'`, 'no-restricted-imports'],
  ['src/main/contract/c.ts', `import '@orpc/server'`, 'no-restricted-imports'],
  ['src/main/engine/jobs/a.ts', `import 'electron'`, 'no-restricted-imports'],
  ['src/main/engine/jobs/b.ts', `import '../server/tls.ts'`, 'no-restricted-imports'],
  ['src/main/engine/jobs/c.ts', `import '../../electron/window.ts'`, 'no-restricted-imports'],
  ['src/main/engine/jobs/d.ts', `import '../engine.ts'`, 'no-restricted-imports'],
  ['src/main/engine/server/a.ts', `import '../device/boot.ts'`, 'no-restricted-imports'],
  ['src/main/engine/store/a.ts', `import '../server/tls.ts'`, 'no-restricted-imports'],
  ['src/main/engine/lib/a.ts', `import '../jobs/runner.ts'`, 'no-restricted-imports'],
  ['src/main/engine/artifact/a.ts', `import 'node:fs/promises'`, 'no-restricted-imports'],
  ['src/main/engine/artifact/b.ts', `import '../host.ts'`, 'no-restricted-imports'],
  ['src/main/engine/fleet/a.ts', `import '../store/devices.ts'`, 'no-restricted-imports'],
  ['src/main/engine/fleet/b.ts', `setTimeout(() => undefined, 1)`, 'no-restricted-globals'],
  ['src/main/engine/image/a.ts', `export const got = fetch('http://127.0.0.1')`, 'no-restricted-globals'],
  ['src/main/engine/env.ts', `export const home = process.env['HOME']`, 'no-restricted-properties'],
  ['src/main/engine/platform.ts', `export const linux = process.platform === 'linux'`, 'no-restricted-properties'],
  ['src/main/engine/now.ts', `export const now = Date.now()`, 'no-restricted-properties'],
  ['src/main/electron/a.ts', `import '../engine/server/tls.ts'`, 'no-restricted-imports'],
  ['src/main/electron/b.ts', `import '../engine/engine.ts'`, 'no-restricted-imports'],
  ['src/main/electron/c.ts', `import 'better-sqlite3'`, 'no-restricted-imports'],
  ['src/main/cli/a.ts', `import 'electron'`, 'no-restricted-imports'],
  ['src/preload/a.ts', `import 'node:fs'`, 'no-restricted-imports'],
  ['src/renderer/app/a.ts', `import 'node:fs'`, 'no-restricted-imports'],
  ['src/renderer/app/b.ts', `import '../../main/engine/host.ts'`, 'no-restricted-imports'],
  ['src/renderer/features/bench/a.ts', `import '../artifacts/list.tsx'`, 'no-restricted-imports'],
  ['src/renderer/ui/a.ts', `import '../features/bench/card.tsx'`, 'no-restricted-imports'],
  ['src/main/long-file.ts', lines(301, 'export {}'), 'max-lines'],
  ['src/main/long-function.ts', `export function long() {\n${lines(60, '  console.log(1)')}\n}`, 'max-lines-per-function'],
  ['src/main/params.ts', `export const five = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e]`, 'max-params'],
  ['src/main/branches.ts', `export function f(x: number) {\n${lines(15, '  if (x > Math.random()) x += 1')}\n  return x\n}`, 'complexity'],
  ['src/main/any.ts', `export const any = (x: any) => String(x)`, 'no-explicit-any'],
  ['src/main/bang.ts', `export const bang = (x: string | null) => x!.length`, 'no-non-null-assertion'],
  ['src/main/cast.ts', `export const cast = (x: unknown) => x as string`, 'consistent-type-assertions'],
  ['src/main/floating.ts', `const late = async () => 1\nexport const start = () => {\n  late()\n}`, 'no-floating-promises'],
  ['src/main/cycle-a.ts', `import { b } from './cycle-b.ts'\nexport const a = () => b`, 'no-cycle'],
  ['src/main/cycle-b.ts', `import { a } from './cycle-a.ts'\nexport const b = () => a`, 'no-cycle'],
  ['src/main/mock.test.ts', `import { vi } from 'vitest'\nvi.mock('./any.ts')`, 'no-restricted-vi-methods'],
  ['src/main/hasty.test.ts', `import { vi } from 'vitest'\nawait vi.waitFor(() => undefined)`, 'no-restricted-vi-methods'],
  ['src/main/skipped.test.ts', `import { it } from 'vitest'\nit.skip('is skipped', () => undefined)`, 'no-disabled-tests'],
  ['src/main/only.test.ts', `import { it } from 'vitest'\nit.only('is alone', () => undefined)`, 'no-focused-tests'],
]

const lawful: [string, string][] = [
  [
    'src/main/contract/lawful.ts',
    `import { z } from 'zod'\nimport { oc } from '@orpc/contract'\nimport './lawful-too.ts'\nexport const both = { z, oc }`,
  ],
  [
    'src/main/engine/server/lawful.ts',
    `import '../host.ts'\nimport '../lib/changes.ts'\nimport '../store/open.ts'\nimport '../artifact/read.ts'\nimport './tls.ts'`,
  ],
  ['src/main/engine/artifact/lawful.ts', `import 'node:crypto'\nimport 'node:zlib'\nimport '../../contract/errors.ts'`],
  ['src/main/engine/host.node.ts', `export const now = Date.now()\nexport const home = process.env['HOME']`],
  ['src/main/engine/jobs/lawful.test.ts', `import '../host.fake.ts'\nexport const long = () => {\n${lines(80, '  console.log(1)')}\n}`],
  ['src/main/electron/lawful.ts', `import 'electron'\nimport '../engine/lib/changes.ts'\nimport '../contract/desktop.ts'`],
  ['src/renderer/features/bench/lawful.ts', `import '@contract/devices.ts'\nimport '../../app/client.ts'\nimport './card.tsx'`],
  ['src/main/constant.ts', `export const kinds = ['a', 'b'] as const`],
]

const report = z.object({ diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })) })

let found: z.infer<typeof report>['diagnostics'] = []
const rulesFor = (file: string) => found.filter((one) => one.filename === file).map((one) => one.code)

async function lint(files: [string, string][]): Promise<typeof found> {
  const folder = await mkdtemp(join(tmpdir(), 'lint-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, text] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  await writeFile(join(folder, '.oxlintrc.json'), await readFile(join(root, '.oxlintrc.json')))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.base.json'), include: ['src'] }))
  const { output } = await capture(process.execPath, [bin('oxlint'), '-f', 'json', 'src'], { cwd: folder })
  return report.parse(JSON.parse(output)).diagnostics
}

describe('the linter', () => {
  beforeAll(async () => {
    found = await lint([...offences.map(([file, text]): [string, string] => [file, text]), ...lawful])
  })

  it.each(offences.map(([file, , rule]) => [file, rule]))('refuses %s, by the rule %s', (file, rule) => {
    expect(rulesFor(file).join()).toContain(`(${rule})`)
  })

  it.each(lawful.map(([file]) => file))('lets %s pass', (file) => {
    expect(rulesFor(file)).toEqual([])
  })

  it('knows every folder of the engine by name, so that a new one is judged as a feature, a pure folder or the wiring', async () => {
    const config = await readFile(join(root, '.oxlintrc.json'), 'utf8')
    const folders = (await readdir(join(root, 'src/main/engine'), { withFileTypes: true })).filter((entry) => entry.isDirectory())
    const unnamed = folders.map((folder) => folder.name).filter((name) => !new RegExp(`[{|(,]${name}[|),}]`).test(config))
    expect(unnamed).toEqual([])
  })
})
