// npm run bench [NAME…]: measures, and prints what the table of docs/figures.md is made of, and README's, which is a part of it.
// Each file of scripts/bench exports one function that does its measuring and answers rows.
import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface Row {
  /** what was measured */
  what: string
  /** our figure, in `unit` */
  ours: number
  /** the peer's figure in the same unit, and its name in `what`; absent where there is no peer */
  peer?: number
  /** how many times better than the peer; absent without one */
  ratio?: number
  unit: string
  /** what a reader types to see it again */
  command: string
}

type Bench = () => Promise<Row[]> | Row[]

const isBench = (value: unknown): value is Bench => typeof value === 'function'

const figure = (value: number | undefined) =>
  value === undefined ? '' : value.toLocaleString('en', { maximumSignificantDigits: value < 1000 ? 3 : 6 })

/** A markdown table of rows. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    figure(row.ours),
    figure(row.peer),
    row.ratio === undefined ? '' : `${figure(row.ratio)} ×`,
    row.unit,
    `\`${row.command}\``,
  ])
  const all = [['what', 'ours', 'peer', 'ratio', 'unit', 'command'], ['---', '---:', '---:', '---:', '---', '---'], ...cells]
  return all.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

async function benches(names: readonly string[]): Promise<[string, Bench][]> {
  const found: [string, Bench][] = []
  for await (const file of glob('*.ts', { cwd: join(import.meta.dirname, 'bench') })) {
    const name = basename(file, '.ts')
    if (name.endsWith('.test') || (names.length > 0 && !names.includes(name))) continue
    const module: Record<string, unknown> = await import(join(import.meta.dirname, 'bench', file))
    const bench = module['default'] ?? module['bench'] ?? Object.values(module).find(isBench)
    if (isBench(bench)) found.push([name, bench])
  }
  return found.toSorted(([a], [b]) => a.localeCompare(b))
}

async function main(names: readonly string[]): Promise<void> {
  const rows: Row[] = []
  for (const [name, bench] of await benches(names)) {
    console.error(`Measuring ${name}…`)
    rows.push(...(await bench()))
  }
  console.log(table(rows))
}

if (import.meta.main) await main(process.argv.slice(2))
