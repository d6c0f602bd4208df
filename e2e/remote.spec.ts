import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { MenderClient } from './clients/mender-client.ts'

test('a real device is worked on from its inspector: a terminal, files in both directions, settings, and a poll now', async ({ bench }) => {
  const { page, picture } = bench
  const folder = await mkdtemp(join(tmpdir(), 'otabench-remote-'))
  const serverUrl = await page
    .getByRole('contentinfo')
    .getByText(/^http:/)
    .innerText()
  const client = await MenderClient.start({ serverUrl, mac: '52:54:00:00:00:41', deviceType: 'azure_vm', hasConnect: true, pollSeconds: 3 })
  try {
    const card = page.locator('article')
    await card.getByRole('button', { name: 'Accept' }).click()
    await expect(card).toHaveAccessibleName(/up to date/)
    await card.getByRole('button', { name: '52:54:00:00:00:41', exact: true }).click()
    const inspector = page.getByRole('complementary')
    await inspector.getByRole('tab', { name: 'Terminal' }).click()
    const screen = inspector.locator('.xterm-rows')
    await expect(screen).toContainText(/[#$]/)
    await page.keyboard.type('echo typed-$((40+2)); ls --color=always /etc/mender\n')
    await expect(screen).toContainText('typed-42')
    await expect(screen).toContainText('artifact_info')
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await inspector.getByRole('tab', { name: 'Overview' }).click()
      await inspector.getByRole('tab', { name: 'Terminal' }).click()
      await expect(screen).toContainText(/[#$]/)
      await page.keyboard.type('ls -l --color=always /etc | tail -20\n')
      await expect(screen).toContainText('drwx')
      await picture(`terminal-${scheme}`)
      expect(await offences(page), `terminal, ${scheme}`).toEqual([])
    }
    await page.keyboard.type('exit\n')
    await expect(inspector.getByText('The shell has ended.')).toBeVisible()

    const [here, there, back] = ['here.bin', 'there', 'back.bin'].map((name) => join(folder, name))
    await writeFile(here ?? '', 'x'.repeat(200_000))
    await inspector.getByRole('tab', { name: 'Files' }).click()
    await inspector.getByLabel('Folder or file name on the device').fill(there ?? '')
    await bench.choose({ open: here ?? '' }, () => inspector.getByRole('button', { name: 'Put…' }).click())
    await expect(inspector.getByText(/is on the device/)).toBeVisible()
    await inspector.getByLabel('File on the device').fill(there ?? '')
    await bench.choose({ save: back ?? '' }, () => inspector.getByRole('button', { name: 'Get…' }).click())
    await expect(inspector.getByText(/is here/)).toBeVisible()
    expect(await readFile(back ?? '', 'utf8')).toBe('x'.repeat(200_000))
    await inBothThemes(bench, 'files')

    await inspector.getByRole('tab', { name: 'Settings' }).click()
    // Heads stand above something only.
    await expect(inspector.getByRole('button', { name: 'Add' })).toBeVisible()
    await expect(inspector.getByText('Wanted', { exact: true })).toHaveCount(0)
    await inspector.getByRole('button', { name: 'Add' }).click()
    await expect(inspector.getByText('Wanted', { exact: true })).toBeVisible()
    await inspector.getByLabel('Key of new setting').fill('timezone')
    await inspector.getByLabel('Wanted timezone').fill('Europe/Berlin')
    await inspector.getByRole('button', { name: 'Add' }).click()
    await inspector.getByLabel('Key of new setting').fill('log_level')
    await inspector.getByLabel('Wanted log_level').fill('debug')
    await inBothThemes(bench, 'settings')
    await inspector.getByRole('button', { name: 'Apply to the device' }).click()
    await expect(card).toHaveAccessibleName(/configuration-/)

    await card.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Poll now' }).click()
    await client.disconnect()
    await inspector.getByRole('tab', { name: 'Files' }).click()
    await expect(inspector.getByText(/is (reconnecting|disconnected)/)).toBeVisible()
    await picture('files-disconnected')
  } finally {
    await client[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
})
