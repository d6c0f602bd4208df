import { mkdirSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Page, expect } from '@playwright/test'
import { createVirtualDrives } from '../src/main/engine/drives/virtual-drives.ts'
import { nodeHost } from '../src/main/engine/host.node.ts'
import { CARD_BYTES, lookAtCard, makeRecipe, makeSmallCard } from '../src/main/engine/provision/station/station.cases.ts'
import { command } from './command.ts'
import { test } from './journey.ts'
import { killEngine } from './kill-engine.ts'
import { inBothThemes } from './axe.ts'

/** Walks with Tab until something of this name has the focus; in a browser that leads out of the page too, and in again. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps += 1) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ''
      const labels = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? [...(element.labels ?? [])] : []
      return element.getAttribute('aria-label') ?? (labels.map((each) => each.textContent).join(' ') || element.textContent)
    })
    if (typeof name === 'string' ? found.trim() === name : name.test(found)) return
  }
  throw new Error(`Tab never comes to ${String(name)}`)
}

/** The form has the focus: Tab goes on from there. */
async function isOpenedByKeys(page: Page): Promise<void> {
  await expect(page.getByRole('dialog', { name: 'Station' }).locator(':focus')).toHaveCount(1)
}

async function fillByKeys(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, label)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

/** As a wedge scanner does it. */
async function scan(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text, { delay: 5 })
  await page.keyboard.press('Enter')
}

test('an operator works at the station with keyboard and scanner alone, and leaves it by its PIN', async ({ bench }, testInfo) => {
  const { page, picture, dataFolder } = bench
  const folder = testInfo.outputPath('station')
  mkdirSync(folder, { recursive: true })
  const image = makeSmallCard(folder)
  const recipe = makeRecipe(folder)
  const files = nodeHost().files
  const readers = createVirtualDrives({ files, folder: join(dataFolder, 'virtual-drives') })
  for (const name of ['left', 'right']) await readers.create({ name, sizeBytes: CARD_BYTES })
  const said = page.getByRole('status', { name: 'Answer' })
  const lane = (name: RegExp) => page.getByRole('article', { name })

  await test.step('an engineer sets it up', async () => {
    await command(page, 'Station…')
    await isOpenedByKeys(page)
    await fillByKeys(page, 'Recipe', recipe)
    await fillByKeys(page, 'Image', image)
    for (const name of ['left', 'right']) {
      await tabTo(page, new RegExp(`virtual ${name}`))
      await page.keyboard.press('Space')
    }
    await fillByKeys(page, 'Operator', 'Ada')
    await tabTo(page, 'New…')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('Name')).toBeFocused()
    await page.keyboard.type('WO-17')
    await fillByKeys(page, 'Units of a series', '2')
    await tabTo(page, 'Make it')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('Work order')).toHaveValue('WO-17')
    await fillByKeys(page, 'PIN to leave the station', '2468')
    await tabTo(page, 'Set')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('New PIN')).toBeVisible()
    await inBothThemes(bench, 'station-setup')
    await tabTo(page, 'Arm 2 slots')
    await page.keyboard.press('Enter')
  })

  const station = page.getByRole('dialog', { name: 'Station' })
  await test.step('cards that were there before are left alone', async () => {
    await expect(lane(/Reader 1, REMOVE CARD/)).toBeVisible()
    await expect(lane(/Reader 2, REMOVE CARD/)).toBeVisible()
    await expect(page.getByLabel('Scan or type')).toBeFocused()
    await inBothThemes(bench, 'station-remove')
  })

  await test.step('a unit is made of each card that is put in, and a bad one is told', async () => {
    for (const name of ['left', 'right']) await readers.remove(name)
    await expect(lane(/Reader 1, INSERT CARD/)).toBeVisible()
    await inBothThemes(bench, 'station-insert')
    const faults = { writeBytesPerSecond: 2 << 20, failsAtByte: null, pulledAtByte: null, realBytes: null }
    await readers.create({ name: 'left', sizeBytes: CARD_BYTES, faults })
    await readers.create({ name: 'right', sizeBytes: CARD_BYTES, faults: { ...faults, writeBytesPerSecond: null, failsAtByte: 6 << 20 } })
    await expect(lane(/Reader 1, WRITING/)).toBeVisible()
    await picture('station-working')
    await expect(lane(/Reader 2, FAILED/)).toContainText('EIO')
    await inBothThemes(bench, 'station-failed')
    await expect(lane(/Reader 1, REMOVE CARD, L-000/)).toContainText('is good')
    await readers.remove('right')
    await expect(lane(/Reader 2, INSERT CARD/)).toBeVisible()
    await readers.create({ name: 'right', sizeBytes: CARD_BYTES })
    await expect(lane(/Reader 2, REMOVE CARD, L-000/)).toContainText('is good')
    await expect(station).toContainText('2 / 2')
    await inBothThemes(bench, 'station-good')
  })

  await test.step('what is scanned is answered, right or wrong', async () => {
    await scan(page, 'operator Grace')
    await expect(said).toHaveText('Operator Grace')
    await scan(page, 'WO-99')
    await expect(said).toContainText('neither a work order nor a serial number')
    const [card] = await readdir(join(dataFolder, 'virtual-drives')).then((all) => all.filter((name) => name === 'left.img'))
    const found = lookAtCard(join(dataFolder, 'virtual-drives', card ?? ''))
    expect(found).toMatchObject({ isWhole: true, complaints: ['', '', '', ''] })
    await scan(page, `void ${found.identity['serial']} scratched`)
    await expect(said).toContainText('is void: scratched')
  })

  await test.step('nothing is smaller than an operator can read and press', async () => {
    const small = await station.evaluate((element) => {
      const texts = [...element.querySelectorAll('*')].filter(
        (each) =>
          !each.closest('.sr-only') && [...each.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== ''),
      )
      const tiny = texts.filter((each) => Number.parseFloat(getComputedStyle(each).fontSize) < 18).map((each) => each.textContent)
      const low = [...element.querySelectorAll('button, input')].filter((each) => each.getBoundingClientRect().height < 44)
      return { tiny, low: low.map((each) => each.outerHTML) }
    })
    expect(small).toEqual({ tiny: [], low: [] })
  })

  await test.step('it is left by its PIN alone', async () => {
    for (const key of ['Escape', 'Escape', 'Control+2', 'F6', 'Control+K']) await page.keyboard.press(key)
    await expect(station).toBeVisible()
    await expect(page.getByLabel('Scan or type')).toBeFocused()
    // Nothing else than the station can be reached; in a browser Tab also leaves the page.
    for (let steps = 0; steps < 5; steps += 1) {
      await page.keyboard.press('Tab')
      const isElsewhere = await page.evaluate(() => document.activeElement?.matches('body, dialog[aria-label="Station"] *') === false)
      expect(isElsewhere).toBe(false)
    }
    await tabTo(page, 'Leave…')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('PIN')).toBeFocused()
    await scan(page, '1111')
    await expect(said).toContainText('That is not the PIN')
    await inBothThemes(bench, 'station-leave')
    await scan(page, '2468')
    await expect(station).toBeHidden()
    await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible()
  })
  await rm(folder, { recursive: true })
})

test('the window of a station stays, whatever is asked of the desktop, and is let go with its engine', async ({ app }, testInfo) => {
  const { page, dataFolder } = app
  const folder = testInfo.outputPath('station')
  mkdirSync(folder, { recursive: true })
  const files = nodeHost().files
  await createVirtualDrives({ files, folder: join(dataFolder, 'virtual-drives') }).create({ name: 'left', sizeBytes: CARD_BYTES })
  const station = page.getByRole('dialog', { name: 'Station' })

  /** What the shell holds of the window. */
  const held = () =>
    app.electron.evaluate(({ BrowserWindow, Menu }) => ({
      isKiosk: BrowserWindow.getAllWindows()[0]?.isKiosk(),
      hasTools: BrowserWindow.getAllWindows()[0]?.webContents.isDevToolsOpened(),
      menus: Menu.getApplicationMenu()?.items.map(({ label }) => label.replace('&', '')) ?? [],
    }))
  const closeWindow = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  const arm = async (): Promise<void> => {
    await page.getByRole('button', { name: /^Arm 1 slot/ }).click()
    await expect.poll(held).toMatchObject({ isKiosk: true })
  }

  await command(page, 'Station…')
  await station.getByRole('textbox', { name: 'Recipe' }).fill(makeRecipe(folder))
  await station.getByRole('textbox', { name: 'Image' }).fill(makeSmallCard(folder))
  await station.getByRole('checkbox', { name: /^virtual left, [\d.]+ [MG]B$/ }).check()
  await station.getByRole('textbox', { name: 'Operator' }).fill('Ada')
  await arm()
  await closeWindow()
  await app.electron.evaluate((electron) => electron.app.quit())
  for (const key of ['Control+Q', 'Control+W', 'Control+Shift+I', 'F11']) await page.keyboard.press(key)
  expect(await held()).toEqual({ isKiosk: true, hasTools: false, menus: [] })
  await page.getByRole('button', { name: 'Leave…' }).click()
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await expect(station).toBeHidden()
  await expect.poll(held).toMatchObject({ isKiosk: false, menus: expect.arrayContaining(['File', 'View']) })

  // An engine that is gone holds nobody.
  await command(page, 'Station…')
  await station.getByRole('checkbox', { name: /virtual left/ }).check()
  await station.getByRole('textbox', { name: 'Operator' }).fill('Ada')
  await arm()
  killEngine(app.electron)
  await expect(station.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })).toBeVisible()
  const closed = app.electron.waitForEvent('close', { timeout: 0 })
  await closeWindow()
  await closed
  await rm(folder, { recursive: true })
})
