import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { DebianBoard } from '../src/main/engine/provision/debian-board.cases.ts'
import { BenchLine } from '../src/main/engine/provision/serial/bench-line.cases.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'

const RECIPE = `version: 1
name: Lab board
deviceType: board
identity: {serial: {series: lab, pattern: "LAB-{0000}"}}
key: p256
client: {apt: []}
files: [{to: /opt/colour, text: "blue\\n"}]
commands: [{run: "cat /opt/colour", expect: blue}]
`

test('a board is provisioned over its serial console from a recipe whose steps were seen; its SSH console refuses a changed host key', async ({
  bench,
}) => {
  const { page } = bench
  const folder = await mkdtemp(join(tmpdir(), 'otabench-provision-'))
  await using board = await DebianBoard.start({ prepare: 'echo root:toor | chpasswd' })
  await using line = await BenchLine.start({ program: board.console() })
  const recipe = join(folder, 'board.yaml')
  await writeFile(recipe, `${RECIPE}colour: red\n`)
  await page.getByRole('button', { name: /^Use my hardware/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Provision…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Provision a board' })
  await bench.choose({ open: recipe }, () => dialog.getByRole('button', { name: 'Choose: Recipe' }).click())
  await expect(dialog.getByRole('alert')).toContainText('board.yaml:9:1: Unrecognized key')
  await writeFile(recipe, RECIPE)
  await dialog.getByText('Card image', { exact: true }).click()
  await expect(dialog.getByRole('list').first()).toContainText('LAB-{0000}')
  await expect(dialog.getByText('must say "blue"')).toBeHidden()
  await dialog.getByText('Serial port', { exact: true }).click()
  await expect(dialog.getByText('must say "blue"')).toBeVisible()
  await dialog.getByLabel('Port', { exact: true }).fill(line.path)
  await dialog.getByRole('combobox', { name: 'Baud' }).click()
  await page.getByRole('option', { name: '115200' }).click()
  await dialog.getByLabel('Password', { exact: true }).fill('toor')
  await inBothThemes(bench, 'provision-form')
  await dialog.getByRole('button', { name: 'Provision', exact: true }).click()
  await expect(dialog.getByText('wrote /opt/colour', { exact: true })).toBeVisible()
  expect(board.run('cat /opt/colour')).toBe('blue\n')
  await inBothThemes(bench, 'provision-done')
  await dialog.getByRole('button', { name: 'Show the device' }).click()
  await expect(page.locator('article')).toHaveAccessibleName(/LAB-0001, expected/)

  await page.keyboard.press('Control+`')
  const form = page.getByRole('form', { name: 'SSH' })
  const logIn = async (): Promise<void> => {
    await form.getByRole('textbox', { name: 'Host', exact: true }).fill('127.0.0.1')
    await form.getByLabel('TCP port').fill(String(board.port))
    await form.getByLabel('User').fill('pi')
    await form.getByLabel('Password').fill('raspberry')
    await form.getByRole('button', { name: 'Log in' }).click()
  }
  await logIn()
  await expect(page.getByLabel('Console of pi@')).toBeFocused()
  await page.keyboard.type('id -un; echo typed-$((40+2))\n')
  const screen = page.locator('.xterm-rows')
  await expect(screen).toContainText('typed-42')
  await expect(screen).toContainText('pi')
  await board.changeHostKey()
  await page.getByRole('button', { name: 'New console' }).click()
  await logIn()
  await expect(form.getByRole('alert')).toContainText(/SHA256:.* SHA256:/)
  await inBothThemes(bench, 'console-host-key')
  const forget = form.getByRole('button', { name: /forget its old key/ })
  await expect(forget).toBeInViewport({ ratio: 0.9 })
  await forget.click()
  await expect(form.getByRole('alert')).toBeHidden()
  await logIn()
  await expect(page.getByRole('tab', { name: /^pi@/ })).toHaveCount(2)
  await rm(folder, { recursive: true })
})
