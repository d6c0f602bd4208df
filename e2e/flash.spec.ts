import { mkdirSync } from 'node:fs'
import { expect } from '@playwright/test'
import { makeCard } from '../src/main/cli/commands/image.cases.ts'
import { test } from './app.ts'
import { offences } from './axe.ts'
import { choose, dragFiles } from './files.ts'

for (const scheme of ['light', 'dark'] as const)
  test(`shots ${scheme}`, async ({ app }, testInfo) => {
    const { page, picture } = app
    mkdirSync(testInfo.outputPath('x'), { recursive: true })
    const card = makeCard(testInfo.outputDir, 'gpt')
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.keyboard.press('Control+Shift+F')
    await expect(page.getByRole('heading', { level: 1, name: 'Flash' })).toBeVisible()
    await page.waitForTimeout(500)
    await picture(`flash-empty-${scheme}`)
    console.log(await offences(page))
    await page.getByRole('button', { name: 'Virtual drive…' }).first().click()
    await page.waitForTimeout(300)
    await picture(`flash-virtual-${scheme}`)
    console.log(await offences(page))
    await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click()
    await dragFiles(page, page.getByRole('main'), [card]).then(({ drop }) => drop())
    await page.getByRole('checkbox', { name: /card-1/ }).check()
    await page.waitForTimeout(300)
    await picture(`flash-chosen-${scheme}`)
    console.log(await offences(page))
    await page.getByRole('button', { name: 'Look into it' }).click()
    await page.getByRole('button', { name: 'Files of partition 2' }).click()
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForTimeout(300)
    await picture(`flash-inspect-${scheme}`)
    console.log(await offences(page))
    await choose(app, { open: testInfo.outputPath('x') })
  })
