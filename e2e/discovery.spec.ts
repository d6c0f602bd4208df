import { expect } from '@playwright/test'
import { inBothThemes, offences } from './axe.ts'
import { atCable as test } from './cable.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('a board on the network is discovered once, leads to its console and to provisioning, and can be ignored', async ({ app }) => {
  const { page } = app
  const section = page.getByRole('region', { name: 'Discovered' })
  const card = section.getByRole('listitem', { name: 'benchpi, discovered' })
  await expect(card).toBeVisible()
  await expect(card).toContainText('10.77.0.2')
  await expect(section.getByText('benchpi', { exact: true })).toHaveCount(1)
  await inBothThemes(app, 'discovered')
  await card.getByRole('button', { name: 'Provision…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Provision a board' })
  await expect(dialog.getByRole('textbox', { name: 'Host', exact: true })).toHaveValue('10.77.0.2')
  await expect(dialog.getByRole('textbox', { name: 'TCP port' })).toHaveValue('2222')
  await page.keyboard.press('Escape')
  await card.getByRole('button', { name: 'Console' }).click()
  await expect(page.getByRole('form', { name: 'SSH' }).getByRole('textbox', { name: 'Host', exact: true })).toHaveValue('10.77.0.2')
  await page.keyboard.press('Control+`')
  await card.getByRole('button', { name: 'Ignore' }).click()
  await expect(card).toBeHidden()
  await expect(section).toContainText('No new board is noticed')
  await section.getByRole('button', { name: /1 ignored board…$/ }).click()
  await card.getByRole('button', { name: 'Show again' }).click()
  await expect(card).toContainText('DISCOVERED')
  await startVirtualBench(page)
  await expect(card).toContainText('DISCOVERED')
  await app.picture('discovered-strip')
  expect(await offences(page), 'beside devices').toEqual([])
})
