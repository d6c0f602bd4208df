// What ships may carry no copyleft. The page is bundled out of devDependencies, so every installed package is asked, and the few
// with a licence of another kind are named here, each with the reason why it may be there.
import { z } from 'zod'
import { bin, capture } from '../program.ts'

/** Licences that ask for no more than to be named. */
const permissive = new Set(
  'MIT MIT-0 Apache-2.0 ISC BSD-2-Clause BSD-3-Clause 0BSD BlueOak-1.0.0 CC0-1.0 Unlicense Python-2.0 Zlib'.split(' '),
)

const exceptions: { name: RegExp; licence: string; why: string }[] = [
  { name: /^(@axe-core\/playwright|axe-core)$/, licence: 'MPL-2.0', why: 'runs in tests, and does not ship' },
  { name: /^lightningcss(-.+)?$/, licence: 'MPL-2.0', why: 'runs while building, and does not ship' },
  { name: /^caniuse-lite$/, licence: 'CC-BY-4.0', why: 'data for building, and does not ship' },
  { name: /^spdx-(exceptions|ranges)$/, licence: 'CC-BY-3.0', why: 'data for this very check, and does not ship' },
  { name: /^@fontsource-variable\//, licence: 'OFL-1.1', why: 'fonts, which may be bundled with any program; named in NOTICE' },
]

const report = z.record(z.string(), z.object({ licenses: z.union([z.string(), z.array(z.string())]) }))

/** Whether a licence expression allows a package ("name@version") to be there: each of A AND B, at least one of A OR B. */
export function mayBeThere(packageId: string, expression: string): boolean {
  const name = packageId.slice(0, packageId.lastIndexOf('@'))
  const excused = exceptions.filter((one) => one.name.test(name)).map((one) => one.licence)
  const good = (licence: string) => permissive.has(licence) || excused.includes(licence)
  const plain = expression.replaceAll(/[()*]/g, ' ')
  return plain.split(/ OR /).some((choice) => choice.split(/ AND /).every((one) => good(one.trim())))
}

/** The packages whose licence does not allow them to be there, one line each. */
export async function copyleft(): Promise<string[]> {
  const { code, output } = await capture(process.execPath, [bin('license-checker-rseidelsohn'), '--excludePrivatePackages', '--json'])
  if (code !== 0) return [output.trim()]
  const packages = Object.entries(report.parse(JSON.parse(output)))
  const refused = packages.filter(([id, { licenses }]) => ![licenses].flat().every((one) => mayBeThere(id, one)))
  return refused.map(([id, { licenses }]) => `${id}: ${[licenses].flat().join(', ')}`)
}
