import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { electronPath } from './app.ts'
import { otabench } from './files.ts'
import { test } from './journey.ts'

/** Starts a program in a session of its own with an open GNOME keyring. */
const IN_SESSION = `#!/bin/sh
exec dbus-run-session -- sh -c 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"' session "${electronPath}" "$@"
`

test('where there is a keychain the app seals the private keys, those that lay in the clear too, and signs with them', async ({
  start,
}, testInfo) => {
  const folder = testInfo.outputPath('')
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  const executable = join(folder, 'in-session')
  await writeFile(executable, IN_SESSION)
  await chmod(executable, 0o755)
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  otabench(['keys', 'generate', 'early', '--data', join(folder, 'data')])
  const keyFiles = async () => {
    const names = (await readdir(join(folder, 'data', 'keys'))).filter((name) => name.endsWith('.pem'))
    return Promise.all(names.map((name) => readFile(join(folder, 'data', 'keys', name), 'utf8')))
  }
  expect(await keyFiles()).toEqual([expect.stringContaining('BEGIN PRIVATE KEY')])

  const session = { executable, more: ['--password-store=gnome-libsecret'] }
  for (const name of ['signed-1', 'signed-2']) {
    // As at each login: the sockets of the last keyring daemon are gone. Their paths must be short.
    const runtime = await mkdtemp(join(tmpdir(), 'otabench-run-'))
    // The second time with the key that the first one left in the keychain.
    const app = await start(folder, { ...session, environment: { HOME: home, XDG_RUNTIME_DIR: runtime } })
    const page = await app.firstWindow({ timeout: 0 })
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByText('Server running').waitFor()
    await expect.poll(keyFiles).toEqual([expect.stringMatching(/^-----BEGIN OTA BENCH SEALED KEY-----/)])
    await page.keyboard.press('Control+n')
    const form = page.getByRole('dialog', { name: 'New artifact' })
    await form.getByRole('radio', { name: 'Script' }).check()
    await form.getByRole('textbox', { name: 'Scripts', exact: true }).fill(join(folder, 'run.sh'))
    await form.getByLabel('Artifact name').fill(name)
    await form.getByRole('combobox', { name: 'Device types' }).fill('board')
    await page.keyboard.press('Enter')
    await form.getByRole('button', { name: 'Write' }).click()
    await expect(page.getByRole('complementary', { name })).toContainText('signed by early')
    await page.getByRole('tab', { name: /^Keys/ }).click()
    await expect(page.getByRole('tabpanel')).toContainText('Private keys are sealed with the GNOME keyring')
    await page.screenshot({ path: join(import.meta.dirname, '..', 'test-results', 'pictures', 'keychain.png') })
    await app.close()
    await rm(runtime, { recursive: true, force: true })
  }
})
