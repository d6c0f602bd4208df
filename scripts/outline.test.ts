import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './program.ts'

const read = (path: string) => readFile(join(root, 'src/renderer', path), 'utf8')

/** The first value of each of a list of names in a part of a style sheet. */
function colours(text: string, selector: string, names: readonly string[]): (string | undefined)[] {
  const part = text.slice(text.indexOf(`${selector} {`))
  return names.map((name) => new RegExp(`--${name}: ([^;]+);`).exec(part)?.[1])
}

it.each([':root', ":root[data-mantine-color-scheme='dark']"])('the outline of the frame has the colours of the frame in %s', async (of) => {
  const [outline, theme] = [await read('index.html'), await read('ui/theme.css')]
  const wanted = colours(theme, of, ['canvas', 'chrome', 'line', 'dim'])
  expect(wanted).toEqual(wanted.map(() => expect.stringMatching(/^#[0-9a-f]{6}$/)))
  expect(colours(outline, of, ['first-canvas', 'first-chrome', 'first-line', 'first-text'])).toEqual(wanted)
})
