import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { bin, capture } from '../scripts/program.ts'
import { BROWSER_ONLY, DESKTOP_ONLY, whyDesktop } from './desktop-only.ts'

const spec = z.object({ title: z.string(), file: z.string(), tests: z.array(z.object({ projectName: z.string() })) })
const report = z.object({ suites: z.array(z.object({ specs: z.array(spec) })) })

/** Every journey, with where it is made. */
async function journeys(): Promise<{ file: string; title: string; where: string[] }[]> {
  const words = [bin('playwright'), 'test', '--config', join(import.meta.dirname, 'playwright.config.ts'), '--list', '--reporter=json']
  const { code, output } = await capture(process.execPath, words)
  if (code !== 0) throw new Error(output)
  const specs = report.parse(JSON.parse(output.slice(output.indexOf('{')))).suites.flatMap((suite) => suite.specs)
  const all = Map.groupBy(specs, ({ file, title }) => `${file} ${title}`)
  return [...all.values()].map((same) => ({
    file: same[0]?.file ?? '',
    title: same[0]?.title ?? '',
    where: same.flatMap(({ tests }) => tests.map(({ projectName }) => projectName)).toSorted(),
  }))
}

test('every journey is made in the app and in Chromium, but for those that are named with a reason, and nothing else is named', async () => {
  const all = await journeys()
  const here = (where: string[]) => all.filter((one) => one.where.join() === where.join()).map(({ file, title }) => `${file} ${title}`)
  const named = all.filter(({ file, title }) => whyDesktop(file, title) !== null)
  expect(here(['app'])).toEqual(named.map(({ file, title }) => `${file} ${title}`))
  expect(here(['chromium'])).toEqual(all.filter(({ file }) => BROWSER_ONLY.includes(file)).map(({ file, title }) => `${file} ${title}`))
  expect(here(['app', 'chromium']).length).toBeGreaterThan(30)

  const isThere = (file: string, beginning: string): boolean => named.some((one) => one.file === file && one.title.startsWith(beginning))
  const unknown = Object.entries(DESKTOP_ONLY).flatMap(([file, why]) =>
    (typeof why === 'string' ? [''] : Object.keys(why)).filter((beginning) => !isThere(file, beginning)).map((title) => `${file} ${title}`),
  )
  expect(unknown).toEqual([])
})
