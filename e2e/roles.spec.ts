import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Page, expect, test } from '@playwright/test'
import { root } from './app.ts'
import { offences } from './axe.ts'
import { openBrowser, Served } from './browser.ts'
import { chooseInPage, flashTo, makeDrive } from './files.ts'
import { startButton } from './virtual-bench.ts'

const PASSWORD = 'correct horse'

async function logIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('User').fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

const picture = (page: Page, name: string) => page.screenshot({ path: join(root, 'test-results', 'pictures', `${name}.png`) })

/** Lets this page, an engineer's, write an image to a slow virtual drive. */
async function flash(page: Page, image: string): Promise<void> {
  await page.getByRole('button', { name: /^Flash/ }).click()
  await makeDrive(page, 'slow', { Size: /^1 GiB/, 'Speed of writing': /^5 MiB/ })
  await page.getByRole('region', { name: 'Image' }).getByRole('button', { name: 'Choose…' }).click()
  await chooseInPage(page, { open: image })
  await flashTo(page, 'slow')
}

test('in Chromium people log in, see what their role lets them do and why not more, and are shown out when it ends', async ({}, testInfo) => {
  const environment = { OTABENCH_ADMIN_PASSWORD: PASSWORD }
  const server = await Served.start(testInfo.outputPath(''), { environment, isMachineShared: true })
  const url = new URL('/ui/', server.url).href
  const browser = await openBrowser()
  try {
    const size = { viewport: { width: 1280, height: 800 } }
    const page = await (await browser.newContext(size)).newPage()
    await page.goto(url)
    await logIn(page, 'admin', 'wrong')
    await expect(page.getByRole('alert')).toContainText('The user name or the password is wrong')
    await picture(page, 'login')
    expect(await offences(page)).toEqual([])
    await logIn(page, 'admin')
    // Vera comes while its devices come.
    await startButton(page).click()
    await page.getByRole('button', { name: /^Settings/ }).click()
    await page.getByRole('tab', { name: 'Users' }).click()
    await page.getByRole('button', { name: 'Add user…' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('vera')
    await page.getByRole('radio', { name: /^viewer/ }).check()
    await page.getByRole('dialog').getByRole('textbox', { name: 'New password' }).fill(PASSWORD)
    await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click()
    await expect(page.getByRole('table', { name: 'Users' })).toContainText('vera')
    expect(await offences(page)).toEqual([])

    const other = await (await browser.newContext({ ...size, colorScheme: 'dark' })).newPage()
    await other.goto(url)
    await logIn(other, 'vera')
    await expect(other.getByRole('button', { name: 'vera, viewer' })).toBeVisible()
    await expect(other.getByRole('button', { name: 'Deploy…' }).first()).toBeDisabled()
    await picture(other, 'viewer-bench')
    await other.getByRole('button', { name: /^Settings/ }).click()
    await other.getByRole('tab', { name: 'Users' }).click()
    await expect(other.getByText('This takes an engineer, and you are a viewer.')).toBeVisible()
    await picture(other, 'viewer-settings')
    await other.getByRole('tab', { name: 'Tokens' }).click()
    await expect(other.getByText('This takes an operator, and you are a viewer.')).toBeVisible()
    await other.keyboard.press('Control+k')
    await expect(other.getByRole('dialog').getByRole('combobox')).toBeFocused()
    await other.keyboard.type('accept new devices')
    await expect(other.getByRole('option', { name: /^Accept new devices.*This takes an engineer/ })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
    await other.keyboard.press('Escape')
    expect(await offences(other)).toEqual([])

    // What is written at the machine is seen, and ordered by others.
    await other.getByRole('button', { name: /^Flash/ }).click()
    await expect(other.getByText('This takes an operator, and you are a viewer.')).toBeVisible()
    const image = testInfo.outputPath('card.img')
    // It is written still when a busy machine looks.
    await writeFile(image, Buffer.alloc(256 << 20, 1))
    await flash(page, image)
    const lane = other.getByRole('article', { name: /^virtual slow/ })
    await expect(lane.getByRole('progressbar')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Pause virtual slow' })).toBeVisible()
    await expect(other.getByRole('main').getByRole('button', { name: /Pause|Cancel|Clear|Finish/ })).toHaveCount(0)
    await picture(other, 'viewer-flash')
    expect(await offences(other)).toEqual([])

    await page.getByRole('button', { name: /^Settings/ }).click()
    await expect(page.getByRole('table', { name: 'Sessions' })).toContainText('vera')
    await picture(page, 'users')
    await page.getByRole('combobox', { name: 'Role of vera' }).click()
    await page.getByRole('option', { name: 'operator' }).click()
    await expect(other.getByRole('button', { name: 'vera, operator' })).toBeVisible()
    await other.getByRole('button', { name: /^Bench/ }).click()
    await expect(other.getByRole('button', { name: 'Deploy…' }).first()).toBeEnabled()

    await page.getByRole('button', { name: 'End the session of vera' }).first().click()
    await expect(other.getByRole('button', { name: 'Log in' })).toBeVisible()
    await page.reload()
    await page.getByRole('button', { name: 'admin, engineer' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
  } finally {
    await browser.close()
    await server.end()
  }
})
