import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'

/** What is another one each time, and what stands for it. */
const CHANGING: readonly (readonly [pattern: string, instead: string])[] = [
  ['\\d{4}-\\d\\d-\\d\\d', '2026-01-02'],
  ['\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?', '12:34:56'],
  ['(?<![\\d:])\\d{1,2}:\\d\\d(?![\\d:])', '12:34'],
  ['127\\.0\\.0\\.1:\\d+', '127.0.0.1:8080'],
  ['^127\\.0\\.0\\.1, .*', '127.0.0.1, localhost'],
  ['(?<![\\d.])\\d+(\\.\\d+)? (ms|s|min|h|d)(?!\\w)', '1 s'],
  ['\\d+(\\.\\d+)? [kMG]?B(/s)?(?!\\w)', '1 MB'],
  ['([0-9a-f]{2}:){5,}[0-9a-f]{2}', '02:00:00:00:00:01'],
  ['[0-9a-f]{8}-[0-9a-f-]{27}', '00000000-0000-4000-8000-000000000000'],
  ['(?<!\\w)[0-9a-f]{12,64}(?![\\w-])', '0123456789ab'],
  ['\\[ *\\d+\\.\\d{3}\\]', '[ 1.000]'],
  ['SHA256:[\\w+/]+', 'SHA256:0123456789ab'],
  ['(?<![\\d.])\\d+\\.\\d+\\.\\d+(?![\\d.])', '1.2.3'],
  ['(?<![\\w-])\\d{7,}(?![\\w-])', '10000000'],
  ['/\\S*/otabench-e2e-\\w+', '/tmp/otabench-e2e'],
]

const HIDING = join(import.meta.dirname, 'steady.css')

/** Has the page show times, ports, sizes and ids that are always the same, now and whenever they change. */
export async function steady(page: Page): Promise<void> {
  await page.evaluate(
    (css) => {
      // The page takes no style element of others, which is how Playwright would bring it.
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(css)
      document.adoptedStyleSheets.push(sheet)
    },
    await readFile(HIDING, 'utf8'),
  )
  await page.evaluate((changing) => {
    const rules = changing.map(([pattern, instead]) => [new RegExp(pattern, 'g'), instead] as const)
    const settle = (text: Node): void => {
      const before = text.nodeValue ?? ''
      const after = rules.reduce((value, [pattern, instead]) => value.replace(pattern, instead), before)
      if (after !== before) text.nodeValue = after
    }
    const settleBelow = (node: Node): void => {
      if (node instanceof Text) return settle(node)
      const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
      while (texts.nextNode() !== null) settle(texts.currentNode)
    }
    settleBelow(document.body)
    // Before the page is drawn again.
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) for (const node of [target, ...addedNodes]) settleBelow(node)
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  }, CHANGING)
}

/** Holds the window, or a part of it, against its picture in e2e/pictures/, in both themes. One that differs lets the next ones be taken. */
export async function looksAsBefore(page: Page, name: string, part: Page | Locator = page): Promise<void> {
  // What the pointer happens to stand on is not part of it.
  await page.mouse.move(0, 0)
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    // What comes late is another picture, on which Playwright gives up as soon as it holds still.
    await expect.soft(() => expect(part).toHaveScreenshot(`${name}-${scheme}.png`)).toPass({ timeout: 60_000 })
  }
}
