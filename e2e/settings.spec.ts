import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { startButton } from './virtual-bench.ts'

const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name })

test('a build job gets a token of its own, a program is told what happens, and the log tells who ordered it', async ({
  bench,
}, testInfo) => {
  const { page, clipboard } = bench
  const told: string[] = []
  const statuses = [204, 503]
  const receiver = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      told.push(String(request.headers['x-men-signature']))
      response.writeHead(statuses.shift() ?? 204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const address = receiver.address()
  const hook = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/ota`
  try {
    await expect(startButton(page)).toBeVisible()
    await page.keyboard.press('Control+,')
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
    const newDevices = page.getByRole('region', { name: 'New devices' })
    await expect(newDevices.getByRole('radio', { name: 'Let them wait' })).toBeChecked()
    await newDevices.getByRole('radio', { name: 'Let them wait' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(newDevices).toContainText(/accepted until \d\d:\d\d/)
    await expect(newDevices.getByRole('radio', { name: 'Accept all for 15 minutes' })).toBeChecked()
    await newDevices.getByLabel('Network or identity').fill('mac=02:*')
    await newDevices.getByRole('button', { name: 'Accept these' }).click()
    await expect(newDevices.getByRole('radio', { name: 'Accept some' })).toBeChecked()
    await newDevices.getByText('Accept all for 15 minutes').click()
    await expect(newDevices).toContainText(/accepted until \d\d:\d\d/)
    // Chosen again, the minutes start anew, which the log below shows.
    await newDevices.getByText('Accept all for 15 minutes').click()
    await newDevices.getByRole('radio', { name: 'Accept all for 15 minutes' }).press('Space')
    await inBothThemes(bench, 'settings-server')

    // by keyboard alone
    await tab(page, 'Server').focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'New token…' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('Name')).toBeFocused()
    await page.keyboard.type('nightly build')
    await inBothThemes(bench, 'new-token')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Copy the token' }).click()
    await expect.poll(clipboard).toMatch(/^eyJ/)
    const token = await clipboard()
    await inBothThemes(bench, 'token')
    const url = (
      await page
        .getByRole('contentinfo')
        .getByText(/^http:/)
        .innerText()
    ).trim()
    const authorization = `Bearer ${token}`
    expect((await fetch(`${url}/api/management/v1/deployments/artifacts`, { headers: { authorization } })).status).toBe(200)
    expect((await fetch(`${url}/api/management/v1/useradm/users`, { headers: { authorization } })).status).toBe(403)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByRole('table', { name: 'Access tokens' })).toContainText('artifacts:write')
    await inBothThemes(bench, 'tokens')
    await page.getByRole('button', { name: 'Revoke nightly build' }).click()
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await expect(page.getByText('No access tokens')).toBeVisible()
    expect((await fetch(`${url}/api/management/v1/deployments/artifacts`, { headers: { authorization } })).status).toBe(401)

    await tab(page, 'Webhooks').click()
    await page.getByRole('button', { name: 'Add webhook…' }).click()
    await dialog.getByLabel('Address').fill(hook)
    await dialog.getByRole('radio', { name: 'Only when' }).check()
    await dialog.getByRole('checkbox', { name: /falls silent/ }).check()
    await inBothThemes(bench, 'new-webhook')
    await dialog.getByRole('button', { name: 'Add webhook' }).click()
    await inBothThemes(bench, 'webhook-secret')
    await dialog.getByRole('button', { name: 'Done' }).click()
    const inspector = page.getByRole('complementary')
    const deliveries = inspector.getByRole('list', { name: 'Last deliveries' })
    await inspector.getByRole('button', { name: 'Send a test' }).click()
    await expect(deliveries).toContainText('TAKEN')
    await inspector.getByRole('button', { name: 'Send a test' }).click()
    await expect(deliveries).toContainText('It answered with HTTP status 503')
    await inBothThemes(bench, 'webhooks')
    await deliveries
      .getByRole('button', { name: /^Send again/ })
      .first()
      .click()
    await expect(deliveries.getByText('TAKEN')).toHaveCount(2)
    expect(told[2]).toBe(told[1])
    await inspector.getByRole('button', { name: 'Remove…' }).click()
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
    await expect(page.getByText('No webhooks')).toBeVisible()

    await tab(page, 'Certificate').click()
    const shown = page.getByRole('region', { name: 'Server certificate' })
    await expect(shown).toContainText(/in \d+ days/)
    const before = await shown.getByRole('definition').last().innerText()
    await shown.getByRole('button', { name: 'Renew now' }).click()
    await expect(shown.getByRole('definition').last()).not.toHaveText(before)
    await inBothThemes(bench, 'certificate')
    const folder = testInfo.outputPath('given')
    await mkdir(folder, { recursive: true })
    const words = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=lab.example',
      '-days',
      '20',
      '-keyout',
      'k.pem',
      '-out',
      'c.pem',
    ]
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
    await shown.getByRole('button', { name: 'Use another…' }).click()
    const certificate = dialog.first().getByRole('button', { name: 'Choose the file: Certificate' })
    await bench.choose({ open: join(folder, 'c.pem') }, () => certificate.click())
    await dialog.getByRole('textbox', { name: 'Private key' }).fill(join(folder, 'k.pem'))
    await inBothThemes(bench, 'use-certificate')
    await dialog.getByRole('button', { name: 'Use it' }).click()
    await expect(shown).toContainText('CN=lab.example')
    await inBothThemes(bench, 'certificate-given')
    await shown.getByRole('button', { name: "Use the bench's own" }).click()
    await expect(shown).toContainText('OTA Bench CA')

    await tab(page, 'Appearance').click()
    await page.getByRole('radio', { name: 'Dark' }).check()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
    await page.getByRole('radio', { name: "The system's" }).check()
    await inBothThemes(bench, 'appearance')

    await page.getByRole('button', { name: /^Activity/ }).click()
    const log = page.getByRole('listbox', { name: 'Audit log' })
    await expect(log).toContainText('Exchange the certificate')
    await page.getByRole('searchbox').fill('nightly')
    await expect(log.getByRole('option')).toHaveCount(1)
    await page.getByRole('searchbox').fill('setAcceptMode')
    await expect(log.getByText('every device is accepted for 15 min').filter({ visible: true })).toHaveCount(4)
    await page.getByRole('searchbox').fill('')
    await expect(log).toContainText('Exchange the certificate')
    // The rows end where the list does, and what they hold stands below its heads.
    const rightOf = (element: Locator) => element.evaluate((each) => each.getBoundingClientRect().right)
    const row = log.getByRole('option').first()
    expect(Math.abs((await rightOf(log)) - (await rightOf(row)))).toBeLessThanOrEqual(1)
    const head = page.getByText('Outcome', { exact: true })
    expect(Math.abs((await rightOf(head)) - (await rightOf(row.locator('> * > :last-child'))))).toBeLessThanOrEqual(1)
    await log.focus()
    await page.keyboard.press('End')
    await expect(inspector).toContainText('server.setAcceptMode')
    // Beside the inspector there is no room for the column that says it.
    const about = log.getByRole('option', { selected: true }).getByText('every device is accepted for 15 min')
    await expect(about.filter({ visible: true })).toHaveCount(1)
    await inBothThemes(bench, 'activity-audit')
    const file = testInfo.outputPath('audit.csv')
    await page.getByRole('button', { name: 'Export…' }).click()
    await bench.save(file, () => page.getByRole('menuitem', { name: /^As CSV/ }).click())
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain('tokens.revoke')
    expect(await readFile(file, 'utf8')).not.toContain(token)

    await page.keyboard.press('Control+1')
    await startButton(page).click()
    await page.getByRole('button', { name: /^Jobs/ }).click()
    const jobs = page.getByRole('listbox', { name: 'Jobs' })
    await expect(jobs.getByRole('option').filter({ hasText: 'Start the virtual bench' })).toContainText('DONE')
    await jobs.focus()
    await page.keyboard.press('Home')
    await expect(inspector).toContainText(/\.mender: \d+ bytes/)
    await inBothThemes(bench, 'jobs')
  } finally {
    receiver.close()
    await rm(testInfo.outputPath('given'), { recursive: true, force: true })
  }
})
