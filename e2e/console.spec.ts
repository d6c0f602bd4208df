import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { BenchLine } from '../src/main/engine/provision/serial/bench-line.cases.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'

test('a serial console is opened, typed to, searched, and outlives the page and the cable; a file is sent over it', async ({ bench }) => {
  const { page, picture } = bench
  const folder = await mkdtemp(join(tmpdir(), 'otabench-console-'))
  await using line = await BenchLine.start({ program: 'dash -i' })
  await page.keyboard.press('Control+`')
  const dock = page.getByRole('region', { name: 'Consoles' })
  await dock.getByLabel('Port', { exact: true }).fill('/dev/ttyNONE7')
  await dock.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(dock.getByRole('alert')).toContainText('There is no serial port /dev/ttyNONE7')
  await inBothThemes(bench, 'console-new')

  await dock.getByLabel('Port', { exact: true }).fill(line.path)
  await page.keyboard.press('Enter')
  const screen = dock.locator('.xterm-rows')
  await expect(dock.getByRole('tab', { name: 'port' })).toBeVisible()
  await expect(dock.getByLabel('Console of')).toBeFocused()
  await page.keyboard.type('for i in $(seq 60); do echo "[    $i.000000] boot line $i"; done; echo typed-$((40+2))\n')
  await expect(screen).toContainText('typed-42')
  // `read` is the shell's own: a program it starts could miss an interrupt that comes while it is being started.
  await page.keyboard.type('echo reading-$((40+1)); read answer; echo never-$((1+1))\n')
  await expect(screen).toContainText('reading-41')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('echo stopped-$((40+3))\n')
  await expect(screen).toContainText('stopped-43')

  await dock.getByRole('button', { name: 'Host time' }).click()
  await expect(dock.getByText(/^\d\d:\d\d:\d\d\.\d{3}$/).first()).toBeVisible()
  await dock.getByRole('button', { name: 'Search', exact: true }).click()
  await page.keyboard.type('boot line 7')
  await expect(dock.getByText('1 of 1')).toBeVisible()
  await expect(screen).toContainText('boot line 7')
  await inBothThemes(bench, 'console-search')
  await page.keyboard.press('Escape')
  // Typing goes back to the end.
  await page.keyboard.press('Enter')

  const [from, to] = [join(folder, 'sent.bin'), join(folder, 'arrived.bin')]
  await writeFile(from, randomBytes(30_000))
  await dock.getByRole('button', { name: 'Send a file…' }).click()
  const dialog = page.getByRole('dialog').first()
  await bench.choose({ open: from }, () => dialog.getByRole('button', { name: 'Choose: File of this machine' }).click())
  await dialog.getByLabel('To, on the board').fill(to)
  await inBothThemes(bench, 'console-send')
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(screen).toContainText('has arrived')
  expect(await readFile(to)).toEqual(await readFile(from))

  line.unplug()
  await expect(dock.getByRole('tab', { name: 'port · unplugged' })).toBeVisible()
  await picture('console-unplugged')
  await line.plugAgain()
  await expect(dock.getByRole('tab', { name: 'port', exact: true })).toBeVisible()
  await page.reload()
  await expect(screen).toContainText('is back')
  await dock.getByLabel('Console of').focus()
  await page.keyboard.type('echo reloaded-$((40+4))\n')
  await expect(screen).toContainText('reloaded-44')

  await dock.getByRole('button', { name: 'Line and device…' }).click()
  await dialog.getByRole('combobox', { name: 'Baud' }).click()
  await page.getByRole('option', { name: '9600' }).click()
  await inBothThemes(bench, 'console-settings')
  await dialog.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(dock.getByText('9600 8N1')).toBeVisible()

  await dock.getByLabel('Console of').focus()
  await page.keyboard.press('F6')
  await expect(dock.getByLabel('Console of')).not.toBeFocused()
  await dock.getByRole('button', { name: 'Close this console' }).click()
  await expect(dock.getByRole('form', { name: 'SSH' })).toBeVisible()
  await page.keyboard.press('Control+`')
  await expect(dock).toBeHidden()
  await rm(folder, { recursive: true })
})
