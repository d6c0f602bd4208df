import { execFileSync } from 'node:child_process'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { dragFiles, otabench } from './files.ts'

async function openKeys(page: Page): Promise<void> {
  await page.getByText('Server running').waitFor()
  await page.keyboard.press('Control+2')
  await page.getByRole('tab', { name: 'Library' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: /^Keys/ })).toHaveAttribute('aria-selected', 'true')
}

/** Opens a menu and chooses from it, by keys: the first line has the focus once the menu is there. */
async function chooseByKeys(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole('button', { name: menu }).press('Enter')
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await page.getByRole('menuitem', { name: item }).press('Enter')
}

test('a signing key is made, named anew and removed by typing its name', async ({ bench }) => {
  const { page } = bench
  await openKeys(page)
  // The tests have no keychain, a browser never has one, and the page says so.
  await expect(page.getByRole('tabpanel')).toContainText(/not encrypted\. (This desktop has no keychain|Only the app reaches the keychain)/)
  await inBothThemes(bench, 'keys-empty')
  await page.getByRole('button', { name: 'Generate…' }).focus()
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'Generate a key' })
  await expect(form.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('two words')
  await expect(form.getByLabel('Name')).toHaveAccessibleDescription(/letters, digits/)
  await inBothThemes(bench, 'keys-generate')
  await form.getByLabel('Name').fill('release-2026')
  await page.keyboard.press('Enter')
  const row = page.getByRole('row', { name: /release-2026/ })
  await expect(row).toContainText('sign and verify')

  await page.getByRole('button', { name: 'Copy the public key of release-2026' }).click()
  await expect.poll(bench.clipboard).toContain('-----BEGIN PUBLIC KEY-----')
  await chooseByKeys(page, 'More for release-2026', 'Rename…')
  await page.getByRole('dialog').getByLabel('Name').fill('release')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('row', { name: /release / })).toBeVisible()

  await chooseByKeys(page, 'More for release', 'Remove…')
  const confirm = page.getByRole('dialog', { name: 'Remove the key release?' })
  await expect(confirm.getByLabel('Type release to confirm')).toBeFocused()
  await page.keyboard.type('releas')
  await expect(confirm.getByRole('button', { name: 'Remove the key' })).toBeDisabled()
  await inBothThemes(bench, 'keys-remove')
  await page.keyboard.type('e')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'No signing keys' })).toBeVisible()
})

test('an encrypted key is imported with its passphrase, and proves what it has signed elsewhere', async ({ bench }, testInfo) => {
  const { page, picture, dataFolder } = bench
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  const pem = join(folder, 'ci.pem')
  const openssl = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-aes256', '-pass', 'pass:s3cret', '-out', pem]
  execFileSync('openssl', openssl, { stdio: 'ignore' })
  await writeFile(join(folder, 'pass'), 's3cret\n')
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-n', 'signed-1', '-t', 'board', '-f', 'run.sh']
  otabench([...words, '-k', 'ci.pem', '--passphrase-file', 'pass', '-o', 'signed-1.mender'], folder)
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'signed-1.mender')])).drop()
  const signed = page.locator('[data-artifact]')
  await expect(signed).toContainText('signed by a key that is not here')

  await openKeys(page)
  await page.getByRole('button', { name: 'Import…' }).first().click()
  const form = page.getByRole('dialog', { name: 'Import a key' })
  await form.locator('input[type=file]').setInputFiles(pem)
  await expect(form.getByLabel('Name')).toHaveValue('ci')
  const passphrase = form.getByLabel('Passphrase of the key')
  await expect(passphrase).toHaveAttribute('type', 'password')
  await passphrase.fill('wrong')
  await picture('keys-import')
  expect(await offences(page), 'import').toEqual([])
  await form.getByRole('button', { name: 'Import the private key' }).click()
  await expect(page.getByRole('alert')).toContainText('The passphrase does not open the private key')
  await passphrase.fill('s3cret')
  await form.getByRole('button', { name: 'Import the private key' }).click()
  const row = page.getByRole('row', { name: /^ci / })
  await expect(row).toContainText('sign and verify')
  await picture('keys-imported')

  const files = (await readdir(join(dataFolder, 'keys'))).filter((name) => name.endsWith('.pem'))
  for (const name of files) expect((await stat(join(dataFolder, 'keys', name))).mode & 0o777).toBe(0o600)
  expect(files).toHaveLength(1)
  await page.getByRole('button', { name: 'More for ci' }).click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await expect(page.getByRole('dialog')).toContainText('It signed 1 artifact here: signed-1.')
  await picture('keys-remove-signed')
  await page.keyboard.press('Escape')
  await row.getByRole('button', { name: '1 artifact' }).click()
  await expect(signed).toContainText('signed by ci')
  await expect(page.getByRole('searchbox', { name: 'Search the library' })).toHaveValue('ci')
})
