import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { expect, type Locator, type Page } from '@playwright/test'
import { command } from './command.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'

const pem = (): string => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()

async function openDialog(page: Page): Promise<Locator> {
  await command(page, 'preauthorize')
  return page.getByRole('dialog', { name: 'Preauthorize devices' })
}

test('a device is preauthorized by its identity and its key, and is no longer expected', async ({ bench }) => {
  const { page } = bench
  const dialog = await openDialog(page)
  await dialog.getByRole('tab', { name: 'Expected (0)' }).click()
  await expect(dialog).toContainText('No device is expected')
  await dialog.getByRole('tab', { name: 'One device' }).click()
  await expect(dialog.getByRole('button', { name: 'Preauthorize', exact: true })).toBeDisabled()
  await dialog.getByLabel('Value of mac').fill('52:54:00:12:34:56')
  await dialog.getByRole('button', { name: 'Attribute' }).click()
  await dialog.getByLabel('Attribute', { exact: true }).last().fill('serial')
  await dialog.getByLabel('Value of serial').fill('B-1')
  await dialog.getByLabel('Public key').fill(pem())
  await inBothThemes(bench, 'preauthorize-one')
  await dialog.getByRole('button', { name: 'Preauthorize', exact: true }).click()
  const expected = dialog.getByRole('table', { name: 'Expected devices' })
  await expect(expected).toContainText('mac=52:54:00:12:34:56 serial=B-1')
  await expected.getByRole('button', { name: /^No longer expect 52:54/ }).click()
  await expect(dialog).toContainText('No device is expected')
})

test('devices are preauthorized from a CSV file whose wrong lines are named, and are no longer expected', async ({ bench }, testInfo) => {
  const { page } = bench
  const dialog = await openDialog(page)
  const expected = dialog.getByRole('table', { name: 'Expected devices' })
  await dialog.getByRole('tab', { name: 'From a CSV file' }).click()
  const path = testInfo.outputPath('devices.csv')
  await writeFile(path, `mac,public_key\n52:54:00:00:00:01,"${pem()}"\n52:54:00:00:00:02,none\n`)
  const choose = () => bench.choose({ open: path }, () => dialog.getByRole('button', { name: 'Choose a CSV file…' }).click())
  await choose()
  await dialog.getByRole('button', { name: 'Preauthorize', exact: true }).click()
  await expect(page.getByText(/devices\.csv, line 6: /)).toBeVisible()
  await inBothThemes(bench, 'preauthorize-file')
  // Who cancels may choose another file.
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click()
  await expect(dialog.getByRole('button', { name: 'Preauthorize', exact: true })).toHaveCount(0)
  await choose()
  await writeFile(path, `mac,public_key\n52:54:00:00:00:01,"${pem()}"\n52:54:00:00:00:02,"${pem()}"\n`)
  await dialog.getByRole('button', { name: 'Preauthorize', exact: true }).click()
  await expect(dialog).toContainText('2 devices preauthorized')
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  await expect(expected.getByRole('row')).toHaveCount(3)
  await inBothThemes(bench, 'preauthorize-expected')
  await dialog.getByRole('button', { name: 'No longer expect these…' }).click()
  await page.getByRole('button', { name: 'Forget them' }).click()
  await expect(dialog).toContainText('No device is expected')

  // Shown on the bench, they are not hidden by the dialog that took them.
  await dialog.getByRole('tab', { name: 'From a CSV file' }).click()
  await choose()
  await dialog.getByRole('button', { name: 'Preauthorize', exact: true }).click()
  await dialog.getByRole('button', { name: 'Show them' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.locator('article')).toHaveCount(2)
})
