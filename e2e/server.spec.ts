import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { otabench } from './files.ts'

test('the server tells how it is reached, by hand and by camera', async ({ bench }, testInfo) => {
  const { page, clipboard } = bench
  const opener = page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })
  await opener.focus()
  await page.keyboard.press('Enter')
  const about = page.getByRole('dialog', { name: 'Server' })
  const code = about.getByRole('img', { name: /^QR code of https:/ })
  await expect(code).toBeVisible()
  await inBothThemes(bench, 'server')

  const url = ((await code.getAttribute('alt')) ?? '').replace('QR code of ', '')
  const seen = testInfo.outputPath('code.png')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await code.screenshot({ path: seen })
    expect(execFileSync('zbarimg', ['--quiet', '--raw', seen], { encoding: 'utf8' }).trim(), colorScheme).toBe(url)
  }
  await about.getByRole('button', { name: `Copy ${url}` }).click()
  await expect.poll(clipboard).toBe(url)
  await about.getByRole('button', { name: /copy the certificate$/ }).click()
  await expect.poll(clipboard).toMatch(/^-----BEGIN CERTIFICATE-----/)
  await expect(about).toContainText(/valid for \d+ days/)

  await page.keyboard.press('Escape')
  await expect(about).toBeHidden()
  await expect(opener).toBeFocused()
  await page.keyboard.press('Enter')
  await about.getByRole('button', { name: 'Lines for a device…' }).click()
  await expect(page.getByRole('dialog', { name: 'Use my hardware' })).toContainText('mender setup')
})

test('a backup is written from the window, and the command line restores it', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  const [file, folder] = [testInfo.outputPath('bench.tar'), testInfo.outputPath('restored')]
  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: /^Server running/ })
    .click()
  await bench.choose({ save: file }, () => page.getByRole('button', { name: 'Back up…' }).click())
  await expect(page.getByRole('status').filter({ hasText: 'bench.tar is written' })).toBeVisible()
  await picture('backed-up')
  expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' })).toMatch(/^bench\.db\n(.*\n)*tls\/ca\.pem\n(.*\n)*backup\.json\n$/)
  otabench(['restore', file, '--data', folder])
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['bench.db', 'tls']))
})
