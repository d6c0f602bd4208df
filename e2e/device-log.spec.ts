import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Locator, expect } from '@playwright/test'
import { JournalBoard } from '../src/main/engine/provision/journal-board.cases.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'

/** A device that asks to join, is accepted on its card, and tells its address. */
async function joinBench(server: string, card: Locator): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pubkey = publicKey.export({ type: 'spki', format: 'pem' })
  const body = JSON.stringify({ id_data: JSON.stringify({ serial: 'BOARD-7' }), pubkey, tenant_token: '' })
  const ask = (): Promise<Response> =>
    fetch(`${server}/api/devices/v1/authentication/auth_requests`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/json', 'x-men-signature': sign('sha256', Buffer.from(body), privateKey).toString('base64') },
    })
  await ask()
  await card.getByRole('button', { name: 'Accept' }).click()
  await expect.poll(async () => (await ask()).status).toBe(200)
  const token = await (await ask()).text()
  await fetch(`${server}/api/devices/v1/inventory/device/attributes`, {
    ...{ method: 'PATCH', body: JSON.stringify([{ name: 'ipv4_eth0', value: '127.0.0.1/8' }]) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
}

test('the log of a device is followed over SSH, searched, saved, and taken up again after the connection broke and the host key changed', async ({
  bench,
}) => {
  const { page } = bench
  const folder = await mkdtemp(join(tmpdir(), 'otabench-device-log-'))
  await using board = await JournalBoard.start({ log: 'journal' })
  board.say('level=info msg="State transition: init -> idle"')
  const card = page.locator('article')
  await joinBench(
    await page
      .getByRole('contentinfo')
      .getByText(/^http:/)
      .innerText(),
    card,
  )
  await card.focus()
  await page.keyboard.press('o')
  const inspector = page.getByRole('complementary', { name: 'BOARD-7' })
  const form = inspector.getByRole('form', { name: 'Log of the Mender client' })
  await expect(form.getByRole('textbox', { name: 'Host', exact: true })).toHaveValue('127.0.0.1')
  const logIn = async (): Promise<void> => {
    await form.getByLabel('TCP port').fill(String(board.port))
    await form.getByLabel('User').fill('pi')
    await form.getByLabel('Password').fill('raspberry')
    await form.getByRole('button', { name: 'Log in' }).click()
  }
  await inBothThemes(bench, 'device-log-form')
  await logIn()
  const log = inspector.getByRole('log')
  await expect(log).toContainText('init -> idle')
  await expect(inspector.getByRole('list', { name: 'Services' })).toContainText(/mender-client.*active \(running\), PID \d+/)
  for (let number = 1; number <= 30; number++) board.say(`level=info msg="line ${number} of a longer log"`)
  board.say('level=error msg="Update check failed: the server cannot be reached"')
  await expect(log).toContainText('Update check failed')
  await inBothThemes(bench, 'device-log')

  await inspector.getByRole('searchbox').fill('LINE 7 of')
  await expect(log.locator('time')).toHaveCount(1)
  const saved = join(folder, 'saved.log')
  await bench.save(saved, () => inspector.getByRole('button', { name: 'Save these lines…' }).click())
  await expect.poll(() => readFile(saved, 'utf8').catch(() => '')).toMatch(/^\d{4}-\S+Z mender-client\[\d+\]: .*line 7 of a longer log"\n$/)
  await inspector.getByRole('searchbox').fill('')
  await inspector.getByRole('tab', { name: 'Timeline' }).click()
  await expect(inspector.getByText(/Update check failed/)).toBeVisible()
  await inspector.getByRole('tab', { name: 'Log', exact: true }).click()
  await expect(log).toContainText('Update check failed')

  board.cut()
  await expect(inspector.getByText(/was lost\. Check/)).toBeVisible()
  await inBothThemes(bench, 'device-log-lost')
  await board.board.changeHostKey()
  await inspector.getByRole('button', { name: 'Connect again…' }).click()
  await expect(form.getByLabel('User')).toHaveValue('pi')
  await logIn()
  await expect(form.getByRole('alert')).toContainText(/SHA256:.* SHA256:/)
  await inBothThemes(bench, 'device-log-host-key')
  await form.getByRole('button', { name: /forget its old key/ }).click()
  await expect(form.getByRole('alert')).toBeHidden()
  await logIn()
  await expect(log).toContainText('Update check failed')
  await inspector.getByRole('button', { name: 'Stop' }).click()
  await expect(form).toBeVisible()
  await rm(folder, { recursive: true })
})
