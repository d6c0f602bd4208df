import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { MenderClient } from './clients/mender-client.ts'
import { dragFiles, otabench } from './files.ts'
import { writeScript } from './clients/script-artifact.ts'

test('a real device waits where it is told to, and goes on or fails with one click', async ({ bench }) => {
  const { page, picture } = bench
  const folder = await mkdtemp(join(tmpdir(), 'otabench-pause-'))
  const serverUrl = await page
    .getByRole('contentinfo')
    .getByText(/^http:/)
    .innerText()
  const client = await MenderClient.start({ serverUrl, mac: '52:54:00:00:00:51', deviceType: 'azure_vm', pollSeconds: 2 })
  try {
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\nexit 0\n')
    for (const name of ['v2', 'v3']) otabench(writeScript({ name, script: 'run.sh', to: `${name}.mender` }), folder)
    const card = page.locator('article')
    await card.getByRole('button', { name: 'Accept' }).click()
    await expect(card).toHaveAccessibleName(/up to date/)
    await page.keyboard.press('Control+2')
    const panel = page.getByRole('tabpanel')
    await (await dragFiles(page, panel, [join(folder, 'v2.mender'), join(folder, 'v3.mender')])).drop()
    await expect(page.getByRole('complementary', { name: 'v3' })).toBeVisible()

    async function deploy(name: string, point: string): Promise<void> {
      await page.keyboard.press('Control+1')
      await card.getByRole('button', { name: 'Deploy…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('label', { hasText: name }).first().click()
      await dialog.getByRole('button', { name: 'Advanced' }).click()
      await dialog.getByRole('checkbox', { name: point, exact: true }).check()
      await picture(`pause-dialog-${name}`)
      await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
      await expect(card).toHaveAccessibleName(/paused/)
    }

    await deploy('v2', 'install')
    await inBothThemes(bench, 'pause-card')
    await card.getByRole('button', { name: 'Continue' }).click()
    await expect(card).toHaveAccessibleName(/updated|up to date/)

    await deploy('v3', 'commit')
    await page.keyboard.press('Control+4')
    const view = page.getByRole('region', { name: /^v3/ })
    await inBothThemes(bench, 'pause-view')
    await view.getByRole('button', { name: 'Fail…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Fail', exact: true }).click()
    await expect(view.getByRole('article')).toHaveAccessibleName(/failure/)
    await expect(view.getByRole('button', { name: 'Continue' })).toBeHidden()
  } finally {
    await client[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
})
