import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { cliPath, nodePath } from './app.ts'
import { type Bench, test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { choose, dragFiles } from './files.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

/** Runs a line that the app shows, with the real command line, in a folder. */
function runShown(line: string, folder: string): void {
  execFileSync('sh', ['-euc', `otabench() { "${nodePath}" "${cliPath}" "$@"; }\n${line}`], { cwd: folder, stdio: 'pipe' })
}

/** The form, filled in by keyboard but for the kind and the file. */
async function fillIn(bench: Bench, script: string): Promise<Locator> {
  const { page } = bench
  await openForm(page)
  const form = page.getByRole('dialog', { name: 'New artifact' })
  await form.getByRole('radio', { name: 'Script' }).check()
  await bench.choose({ open: script }, () => form.getByRole('button', { name: 'Choose: Scripts' }).click())
  await expect(form.getByRole('textbox', { name: 'Scripts', exact: true })).toHaveValue(script)
  await form.getByLabel('Artifact name').focus()
  await page.keyboard.type('greet-v1')
  return form
}

/** Opens the form by its key, which is heard once the page is there. */
async function openForm(page: Page): Promise<void> {
  await page.getByText('Server running').waitFor()
  await page.keyboard.press('Control+n')
}

test('a script artifact is written by the form, is what its command line writes, and is deployed to a virtual board', async ({
  bench,
}, testInfo) => {
  const { page, picture } = bench
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  const script = testInfo.outputPath('greet.sh')
  await writeFile(script, '#!/bin/sh\necho hello\n')
  const stateScript = testInfo.outputPath('ArtifactInstall_Enter_01_greet')
  await writeFile(stateScript, '#!/bin/sh\necho before\n')
  const form = await fillIn(bench, script)
  await form.getByText('Version and state scripts').click()
  await form.getByRole('textbox', { name: 'State scripts' }).fill(stateScript)
  await expect(form).toContainText('virtual')
  await picture('new-artifact-filled')
  await expect(form.locator('pre')).toContainText('otabench artifact write script -n greet-v1 -t virtual')
  const shown = (await form.locator('pre').innerText()).trim()
  await form.getByRole('button', { name: 'Write' }).click()

  const inspector = page.getByRole('complementary', { name: 'greet-v1' })
  await expect(inspector).toContainText('greet.sh')
  await expect(form).toBeHidden()
  await inspector.getByText('ArtifactInstall_Enter_01_greet').click()
  await expect(inspector).toContainText('echo before')
  await expect(inspector.getByRole('list', { name: 'Compatibility' })).toContainText(/Installs on virt-01 good, .*virt-04 silent/)
  await inspector.getByRole('list', { name: 'Compatibility' }).scrollIntoViewIfNeeded()
  await picture('new-artifact-written')
  await page.getByRole('tab', { name: /^Keys/ }).click()
  await expect(page.getByRole('row', { name: /virtual-bench/ })).toContainText('4 artifacts')
  await picture('keys')
  await page.getByRole('tab', { name: 'Library' }).click()

  // The signature of an ECDSA key is another each time: what is compared is unsigned.
  const copy = testInfo.outputPath('copy.mender')
  await inspector.getByRole('button', { name: 'More for greet-v1' }).click()
  await bench.save(copy, () => page.getByRole('menuitem', { name: /^(Save a copy…|Download)$/ }).click())
  runShown(shown.replace(/ -k \S+/, ''), dirname(script))
  // It is there before all of it is.
  await expect.poll(() => manifestOf(copy).catch(() => null)).toBe(await manifestOf(testInfo.outputPath('greet-v1.mender')))

  await inspector.getByRole('button', { name: 'Deploy…' }).click()
  const deploy = page.getByRole('dialog', { name: 'Deploy' })
  await deploy.getByRole('checkbox', { name: /virt-01/ }).check()
  await deploy.getByRole('button', { name: 'Deploy', exact: true }).click()
  // While it stands, the keys are the dialog's.
  await expect(deploy).toBeHidden()
  await page.keyboard.press('Control+1')
  await expect(card).toContainText('greet-v1')
  await expect(card).toHaveAccessibleName(/updated/)
})

/** The lines that name all content of an artifact with its checksum. */
async function manifestOf(file: string): Promise<string> {
  const bytes = await readFile(file)
  const size = Number.parseInt(bytes.toString('latin1', 1024 + 124, 1024 + 135), 8)
  expect(bytes.toString('latin1', 1024, 1032)).toBe('manifest')
  return bytes.toString('latin1', 1536, 1536 + size)
}

test('the form says by field what is missing, and what the engine refuses', async ({ bench }) => {
  const { page, picture, where } = bench
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await page.getByRole('button', { name: 'New artifact…' }).click()
  const form = page.getByRole('dialog', { name: 'New artifact' })
  await form.getByRole('button', { name: 'Write' }).click()
  await expect(form.getByLabel('Artifact name')).toHaveAccessibleDescription('Give it a name')
  await expect(form.getByRole('textbox', { name: 'File', exact: true })).toBeFocused()
  await picture('new-artifact-missing')
  // A page is told no path of what is dropped on it.
  const ways = where === 'app' ? 'Drop it here, choose it, or type its path' : 'Choose it, or type its path'
  await expect(form.getByRole('textbox', { name: 'File', exact: true })).toHaveAttribute('placeholder', ways)
  await form.getByRole('textbox', { name: 'File', exact: true }).fill('/nowhere/app.conf')
  await form.getByLabel('Folder on the device').fill('/etc/app')
  await form.getByLabel('Artifact name').fill('conf-v1')
  await form.getByRole('combobox', { name: 'Device types' }).fill('board')
  await page.keyboard.press('Enter')
  await form.getByRole('button', { name: 'Write' }).click()
  await expect(form.getByRole('textbox', { name: 'File', exact: true })).toHaveAccessibleDescription(/There is no file/)
})

test('a file that is dropped on the form is what goes in', async ({ app }, testInfo) => {
  const { page } = app
  const file = testInfo.outputPath('app.conf')
  await writeFile(file, 'port = 80\n')
  await openForm(page)
  const form = page.getByRole('dialog', { name: 'New artifact' })
  await expect(form).toBeVisible()
  await (await dragFiles(page, form.locator('form'), [file])).drop()
  await expect(form.getByRole('textbox', { name: 'File', exact: true })).toHaveValue(file)
})

test('the form asks for what each kind asks for, takes the kind of dropped files, and writes an update module with meta-data', async ({
  app,
}, testInfo) => {
  const { page, picture } = app
  const folder = testInfo.outputPath('')
  const files = { 'one.deb': '!<arch>', 'two.deb': '!<arch>', 'firmware.bin': 'firmware', 'meta.json': '{"slot": 2}' }
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await openForm(page)
  const form = page.getByRole('dialog', { name: 'New artifact' })
  await (await dragFiles(page, form.locator('form'), [join(folder, 'one.deb'), join(folder, 'two.deb')])).drop()
  await expect(form.getByRole('radio', { name: 'Debian packages' })).toBeChecked()
  await expect(form.getByRole('textbox', { name: 'Packages' })).toHaveValue(`${join(folder, 'one.deb')}\n${join(folder, 'two.deb')}`)
  await form.getByRole('radio', { name: 'Docker Compose' }).check()
  await expect(form.getByLabel('Project name')).toBeVisible()
  await expect(form.getByRole('textbox', { name: 'Folder with the images' })).toBeVisible()
  await expect(form.locator('pre')).toContainText('write docker-compose -n NAME -t TYPE --project-name PROJECT --images-dir IMAGES')

  await form.getByRole('radio', { name: 'Update module' }).check()
  await form.getByRole('textbox', { name: 'Files' }).fill(join(folder, 'firmware.bin'))
  await form.getByLabel('Name of the update module').fill('mcu')
  await choose(app, { open: join(folder, 'meta.json') })
  await form.getByRole('button', { name: 'Choose: Meta-data (JSON file)' }).click()
  await form.getByLabel('Artifact name').fill('mcu-7')
  await form.getByRole('combobox', { name: 'Device types' }).fill('board')
  await page.keyboard.press('Enter')
  await form.getByRole('combobox', { name: 'Compression' }).click()
  await picture('new-artifact-compression')
  await page.getByRole('option', { name: /zstd_best/ }).click()
  await form.getByText('Provides, depends and groups').click()
  await form.getByLabel('Only in these groups').fill('lab')
  await expect(form.locator('pre')).toContainText('-T mcu -m')
  await expect(form.locator('pre')).toContainText('-G lab --compression zstd_best')
  await picture('new-artifact-module')
  await form.getByRole('button', { name: 'Write' }).click()
  const inspector = page.getByRole('complementary', { name: 'mcu-7' })
  await expect(inspector).toContainText('firmware.bin')
  await expect(inspector).toContainText('zstd')
})

test('axe finds nothing in the form', async ({ bench }) => {
  const { page } = bench
  await openForm(page)
  const form = page.getByRole('dialog', { name: 'New artifact' })
  await form.getByText('Version and state scripts').click()
  await form.getByText('Provides, depends and groups').click()
  await form.getByRole('button', { name: 'Write' }).click()
  await expect(form.getByLabel('Depends', { exact: true })).toBeVisible()
  await inBothThemes(bench, 'new-artifact')
})
