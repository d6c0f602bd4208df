import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import type { Bench } from './journey.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Every offence against WCAG 2.2 AA on the page as it stands, and what axe calls serious or critical against good practice, with where it is.
 * It judges colours half faded in as they are: nothing may fade.
 */
export async function offences(page: Page): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .withTags(TAGS)
    .analyze()
  return violations
    .filter(({ tags, impact }) => impact === 'serious' || impact === 'critical' || tags.some((tag) => tag.startsWith('wcag')))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`))
}

/** Pictures of the window in both themes, in which axe finds nothing. What it finds is told at the end. */
export async function inBothThemes({ page, picture }: Pick<Bench, 'page' | 'picture'>, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    expect.soft(await offences(page), `${name}, ${scheme}`).toEqual([])
    await picture(`${name}-${scheme}`)
  }
}
