import { execFileSync } from 'node:child_process'
import { cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { KEPT_PACKAGES, realParts, someBoard, someJob } from '../src/main/engine/boards/boards.cases.ts'
import { buildCard } from '../src/main/engine/boards/build.ts'
import { type App, test as base } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { choose, dragFiles } from './files.ts'

/** What others fetch or make at this moment, which is gone when it is there. */
const isWhole = (path: string): boolean => !/^apt-|\.new$/.test(basename(path))

/** The packages that are kept lie in the data folder, as on a bench that has made a board before. */
async function keptPackages(dataFolder: string): Promise<void> {
  const isKept = await stat(KEPT_PACKAGES).catch(() => null)
  await mkdir(join(dataFolder, 'boards'), { recursive: true })
  if (isKept !== null) await cp(KEPT_PACKAGES, join(dataFolder, 'boards', '.packages'), { recursive: true, filter: isWhole })
}

const test = base.extend({ given: { prepare: keptPackages } })
const withoutPrograms = base.extend({ given: { prepare: keptPackages, environment: { PATH: '/nowhere' } } })

/** The form for another board. */
async function openForm(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Use my hardware/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add virtual board…' }).click()
  return page.getByRole('dialog', { name: 'Add virtual board' })
}

withoutPrograms('where QEMU is not installed, the form says so with the remedy, and is there again', async ({ bench }) => {
  const { page } = bench
  const dialog = await openForm(page)
  await inBothThemes(bench, 'board-form')
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Not A Name')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.locator('input:invalid')).toHaveCount(1)
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('lab-1')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.getByRole('alert')).toContainText(/qemu-system-aarch64 is not installed.*Install it/)
  await inBothThemes(bench, 'board-no-qemu')
  await dialog.getByRole('button', { name: 'Back' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeVisible()
})

/** Makes a good update for lab-1, and deploys it. */
async function update(app: App): Promise<void> {
  const { page } = app
  await page.getByRole('button', { name: 'More for lab-1' }).click()
  await page.getByRole('menuitem', { name: 'Make an update…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make an update for lab-1' })
  await expect(dialog.getByRole('textbox', { name: 'Artifact name' })).toHaveValue('board-2')
  await inBothThemes(app, 'board-update')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await dialog.getByRole('button', { name: 'Deploy…' }).click()
  const deploy = page.getByRole('dialog', { name: 'Deploy' })
  // A board that is still on its way up is in it once it has joined.
  await deploy.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(deploy).toBeHidden()
}

/** Has U-Boot start the other slot the next time, of which the client knows nothing: by SSH, with the line that the inspector shows. */
async function runOtherSlot(page: Page): Promise<void> {
  const shown = await page
    .getByRole('complementary')
    .getByText(/^ssh -p/)
    .textContent()
  const words = (shown ?? '').split(' ').slice(1)
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'].flatMap((option) => ['-o', option])
  const command = 'fw_setenv mender_boot_part 2 && fw_setenv mender_boot_part_hex 2 && sync'
  execFileSync('ssh', ['-F', 'none', ...options, ...words, command], { stdio: 'pipe' })
}

test('a virtual board is made, speaks in the console dock, is updated, shows a MISMATCH, and is OFF when its power is cut', async ({
  app,
}) => {
  test.setTimeout(900_000)
  const { page } = app
  const dialog = await openForm(page)
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('lab-1')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeVisible()
  await inBothThemes(app, 'board-making')
  await dialog.getByRole('button', { name: 'Done' }).click()

  const card = page.locator('article', { hasText: 'lab-1' })
  await expect(card).toContainText('virtual')
  await expect(card).toContainText('runs')
  const menu = card.getByRole('button', { name: 'More for lab-1' })
  await menu.click()
  await expect(page.getByRole('menuitem', { name: 'Power on' })).toBeDisabled()
  await page.getByRole('menuitem', { name: 'Console', exact: true }).click()
  await expect(page.getByRole('tab', { name: 'lab-1' })).toBeVisible()
  await expect(page.locator('.xterm-rows')).toContainText(/\S/)
  await card.getByRole('button', { name: 'lab-1', exact: true }).click()
  await expect(page.getByRole('complementary')).toContainText('client says')
  await inBothThemes(app, 'board-on')

  const inspector = page.getByRole('complementary')
  await inspector.getByText('All variables on its card').click()
  await expect(inspector).toContainText('mender_boot_part_hex')
  await inBothThemes(app, 'board-variables')

  await update(app)
  await expect(card).toHaveAccessibleName(/^lab-1, updated, .*on B$/)
  await runOtherSlot(page)
  await menu.click()
  await page.getByRole('menuitem', { name: 'Reset' }).click()
  await expect(card).toHaveAccessibleName(/^lab-1, mismatch, the client says that board-2 is installed, but slot A runs board-1$/)
  await expect(inspector).toContainText('MISMATCH')
  // Slot B was committed: another one runs, but it has not failed.
  await expect(card).not.toContainText('failed')
  await inBothThemes(app, 'board-mismatch')
  await card.getByRole('button', { name: 'Why?' }).click()
  await expect(inspector.getByRole('region', { name: 'Why' })).toContainText(
    'The client says that board-2 is installed, but slot A runs board-1.',
  )
  await inBothThemes(app, 'board-mismatch-why')

  await menu.click()
  await page.getByRole('menuitem', { name: 'Cut the power' }).click()
  await expect(card).toHaveAccessibleName(/^lab-1, off, /)
  await expect(page.getByRole('tab', { name: 'lab-1 · off' })).toBeVisible()
  await inBothThemes(app, 'board-off')
})

/** Has a recipe made for virtual boards, and carries it out on one over its console. */
async function provision(app: App, name: string, folder: string): Promise<void> {
  const { page } = app
  await page.getByRole('button', { name: `More for ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Provision…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Provision a board' })
  await expect(dialog.getByRole('combobox', { name: 'Virtual board' })).toHaveValue(name)
  await choose(app, { save: join(folder, 'board.yaml') })
  await dialog.getByRole('button', { name: /^Begin with an example/ }).click()
  await expect(dialog.getByText(/^server https?:\/\/10\.0\.2\.2:/)).toBeVisible()
  await inBothThemes(app, 'board-provision-ssh')
  await dialog.getByText('Serial port', { exact: true }).click()
  await expect(dialog.getByLabel('Port', { exact: true })).toHaveValue(`board:${name}`)
  await dialog.getByLabel('Password', { exact: true }).fill('board')
  await inBothThemes(app, 'board-provision-serial')
  await dialog.getByRole('button', { name: 'Provision', exact: true }).click()
  await dialog.getByRole('button', { name: 'Show the device' }).click({ trial: true })
  await inBothThemes(app, 'board-provisioned')
  await dialog.getByRole('button', { name: 'Show the device' }).click()
}

test('a card image is tried on a virtual board, which is provisioned over its console; one that cannot start is refused', async ({
  app,
}, testInfo) => {
  test.setTimeout(720_000)
  const { page } = app
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  const image = join(folder, 'My card.img')
  await buildCard(someJob(), realParts(), someBoard({ name: 'mine', artifactName: 'mine-1' }), {
    cacheFolder: KEPT_PACKAGES,
    cardPath: image,
  })
  await writeFile(join(folder, 'empty.img'), Buffer.alloc(1 << 20))
  const dialog = await openForm(page)
  await dialog.getByText('A card image of yours').click()
  await dialog.getByRole('textbox', { name: 'Card image' }).fill(join(folder, 'empty.img'))
  await dialog.getByRole('button', { name: 'Try it' }).click()
  await expect(dialog.getByRole('alert')).toContainText('empty.img is no card image: it has no partitions')
  await inBothThemes(app, 'try-refused')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Flash', exact: true }).click()
  await (await dragFiles(page, page.getByRole('region', { name: 'Image' }), [image])).drop()
  await expect(page.getByText('boots rootfs A')).toBeVisible()
  await inBothThemes(app, 'try-chosen')
  await page.getByRole('button', { name: 'Look into it' }).click()
  await inBothThemes(app, 'try-inspected')
  await page.getByRole('button', { name: 'Try on a virtual board…' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Card image' })).toHaveValue(image)
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('my-card')
  await inBothThemes(app, 'try-form')
  await dialog.getByRole('button', { name: 'Try it' }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()

  const tried = page.getByRole('region', { name: 'Tried images' }).getByRole('listitem')
  await expect(tried).toContainText('it asks for a login, runs A · mine-1')
  await inBothThemes(app, 'try-running')
  await provision(app, 'my-card', folder)
  await expect(tried).toHaveCount(0)
  const card = page.locator('article')
  await expect(card).toContainText('client says mine-1')
  await inBothThemes(app, 'board-joined')
  await card.getByRole('button', { name: /^More for/ }).click()
  await page.getByRole('menuitem', { name: 'Remove virtual board…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(card).toHaveCount(0)
})
