// What ships may carry no copyleft. License-checker reads the licence of each production package; the list of the good ones is here.
import { z } from 'zod'
import { bin, capture } from '../program.ts'

/** Licences that ask for no more than to be named. */
const permissive = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
  'Zlib',
])

const report = z.record(z.string(), z.object({ licenses: z.union([z.string(), z.array(z.string())]) }))

/** Whether a licence expression allows us to ship: each of A AND B, at least one of A OR B. */
export function isPermissive(expression: string): boolean {
  const plain = expression.replaceAll(/[()*]/g, ' ')
  return plain.split(/ OR /).some((choice) => choice.split(/ AND /).every((one) => permissive.has(one.trim())))
}

/** The production packages whose licence is none of ours, one line each. */
export async function copyleft(): Promise<string[]> {
  const { code, output } = await capture(process.execPath, [
    bin('license-checker-rseidelsohn'),
    '--production',
    '--excludePrivatePackages',
    '--json',
  ])
  if (code !== 0) return [output.trim()]
  const packages = Object.entries(report.parse(JSON.parse(output)))
  const refused = packages.filter(([, { licenses }]) => ![licenses].flat().every(isPermissive))
  return refused.map(([name, { licenses }]) => `${name}: ${[licenses].flat().join(', ')}`)
}
