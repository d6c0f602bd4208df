import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type Page, chromium, expect, test } from '@playwright/test'
import { offences } from './axe.ts'

const root = join(import.meta.dirname, '..')
const PASSWORD = 'correct horse'

/** Debian's browser, which `./test` installs. */
const openBrowser = (): Promise<Browser> =>
  // As root, Chromium runs without its sandbox or not at all.
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })

/** Starts `otabench serve --ui`; answers where, once it is printed. */
async function serve(folder: string): Promise<{ server: ChildProcess; url: string }> {
  await mkdir(folder, { recursive: true })
  const listen = ['--http', '127.0.0.1:0', '--data', join(folder, 'data')]
  const words = [join(root, 'out', 'main', 'cli.js'), 'serve', '--ui', ...listen]
  const env = { ...process.env, OTABENCH_ADMIN_PASSWORD: PASSWORD }
  const server = spawn(process.env.OTABENCH_NODE ?? process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/http:\S+#token=\S+/)
  return { server, url: new URL('/ui/', /http:\S+#token=\S+/.exec(said)?.[0]).href }
}

async function logIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('User').fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

const picture = (page: Page, name: string) => page.screenshot({ path: join(root, 'test-results', 'pictures', `${name}.png`) })

test('in Chromium people log in, see what their role lets them do and why not more, and are shown out when it ends', async ({}, testInfo) => {
  const { server, url } = await serve(testInfo.outputPath(''))
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
    await page.getByRole('button', { name: /^Start virtual bench/ }).click()
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
    await expect(other.getByRole('button', { name: 'Deploy…' }).first()).toBeDisabled({ timeout: 30_000 })
    await picture(other, 'viewer-bench')
    await other.getByRole('button', { name: /^Settings/ }).click()
    await other.getByRole('tab', { name: 'Users' }).click()
    await expect(other.getByText('This takes an engineer, and you are a viewer.')).toBeVisible()
    await picture(other, 'viewer-settings')
    await other.getByRole('tab', { name: 'Tokens' }).click()
    await expect(other.getByText('This takes an operator, and you are a viewer.')).toBeVisible()
    await other.keyboard.press('Control+k')
    await other.keyboard.type('accept new devices')
    await expect(other.getByRole('option', { name: /^Accept new devices.*This takes an engineer/ })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
    await other.keyboard.press('Escape')
    expect(await offences(other)).toEqual([])

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
    server.kill()
  }
})
