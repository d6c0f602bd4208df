import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type ElectronApplication, type Locator, type Page } from '@playwright/test'
import { test } from './journey.ts'

/** What is there of itself: names, addresses, values, keys, and the field's words, which are Mender's in every language. */
const DATA = [
  /^virt-0\d (good|fails to boot|slow network|silent)$/,
  /^(virtual(-os-v[12](-broken)?)?(, |$))+$/,
  /^(Ctrl|Shift|Alt)\+|^(Enter|Esc|Space|Del|Home, End|Arrows|Shift\+Arrows)$/,
  /^(rootfs-image|mac|admin|virtual-bench|accepted|SSH|http|none|mender-connect|ext4|yes|localhost|eth0|board-1|bootcount|Electron|OTA Bench.*)$/,
  /^[a-z]+([_.-][a-z0-9]+)+$/,
  /^(EC prime256v1|CN=OTA Bench .*|user@host|.*\.local|inventory|hostname|kernel|uboot|deb, directory, .*)$/,
  /^\/|^[0-9a-f]{12,64}…?$|^[0-9a-f:., ]+$|^myapp-v2$/,
]

/** What a device says in its log. */
const DEVICE = [/^(mender|: dev auth): /]

/** Letters of a message of the catalogue have marks on them. */
const MARKED = /[\u00C0-\u024F\u1E00-\u1EFF]/

/** Where nothing but data stands; the drives that this machine has are another matter on each. */
const QUOTED = ['code, pre, kbd, [class*=_terms_] dt, style, script, .mono, .xterm', '[class*=_refused_] > :not(summary)']

/** Each text of the page that no message of the catalogue has gone into. */
async function plainTexts(page: Page): Promise<string[]> {
  return page.evaluate((without) => {
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement
      if (parent?.checkVisibility() && parent.closest(without) === null) texts.push(node.textContent ?? '')
    }
    for (const element of document.body.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(name) ?? '')
    return texts.map((text) => text.trim()).filter((text) => /[A-Za-z]{3}/.test(text) && !/[\u00C0-\u024F\u1E00-\u1EFF]/.test(text))
  }, QUOTED.join())
}

/** The same, once nothing more comes in. */
async function settledTexts(page: Page): Promise<string[]> {
  const seen: { texts: string[] | null } = { texts: null }
  await expect
    .poll(async () => {
      const before = seen.texts
      seen.texts = await plainTexts(page)
      return seen.texts.join('\n') === before?.join('\n')
    })
    .toBe(true)
  return seen.texts ?? []
}

/** Does an action of the menu, whatever it is called. */
async function choose(electron: ElectronApplication, id: string): Promise<void> {
  const click = () =>
    electron.evaluate(({ Menu }, choice) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById(choice) ?? null
      item?.click()
      return item !== null
    }, id)
  await expect.poll(click).toBe(true)
}

const SHEETS = [
  'bench.add-hardware',
  'bench.add-board',
  'bench.preauthorize',
  'bench.provision',
  'artifact.new',
  'station.open',
  'help.shortcuts',
  'help.glossary',
]

test('in another language nothing is left in English but what is data', async ({ start }) => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-language-'))
  const electron = await start(folder, { more: ['--lang=en-XA'] })
  const found: Record<string, string[]> = {}
  const page = await electron.firstWindow({ timeout: 0 })
  const look = async (name: string): Promise<void> => {
    const plain = (await settledTexts(page)).filter((text) => ![...DATA, ...DEVICE].some((known) => known.test(text)))
    if (plain.length > 0) found[name] = [...new Set(plain)]
  }
  const lookThrough = async (name: string, tabs: Locator): Promise<void> => {
    for (const tab of await tabs.all()) {
      await tab.click()
      await expect(tab).toHaveAttribute('aria-selected', 'true')
      await look(`${name} ${await tab.getAttribute('id')}`)
    }
  }
  try {
    await page.setViewportSize({ width: 1280, height: 800 })
    await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA')
    await expect(page.getByRole('contentinfo')).toBeVisible()
    await choose(electron, 'bench.start-virtual')
    await expect(page.locator('article', { hasText: /virt-0\d .*virtual-os-v1 \S+ A\b/ })).toHaveCount(4)
    for (const view of ['cards', 'table', 'topology', 'plots']) {
      await look(view)
      await page.keyboard.press('Control+Shift+V')
    }
    await page.locator('article').first().focus()
    await page.keyboard.press('Enter')
    const tabs = page.getByRole('complementary').getByRole('tab')
    await expect(tabs).toHaveCount(9)
    await lookThrough('device', tabs)
    // what the engine says: on the timeline, why nothing is deployed, why a file is not opened
    for (const [tab, said] of [
      ['#tab-timeline', '[data-entry]'],
      ['#tab-overview', '[class*=_why_]'],
    ] as const) {
      await page.locator(tab).click()
      await expect(page.locator(said).filter({ hasText: MARKED }).first()).toBeVisible()
    }
    await electron.evaluate(({ app }) => app.emit('open-file', { preventDefault: () => undefined }, '/nowhere/there.yaml'))
    const refusal = page.getByRole('alert').filter({ hasText: '/nowhere/there.yaml' })
    await expect(refusal).toHaveText(MARKED)
    await look('refusal')
    const heading = page.getByRole('heading', { level: 1 })
    for (const place of ['artifacts', 'flash', 'deployments', 'jobs', 'activity', 'settings']) {
      const before = await heading.innerText()
      await choose(electron, `go.${place}`)
      await expect(heading).not.toHaveText(before)
      await look(place)
      await lookThrough(place, page.getByRole('main').getByRole('tab'))
    }
    await choose(electron, 'go.jobs')
    await expect(page.getByRole('main').locator('[class*=_cut_]').filter({ hasText: MARKED }).first()).toBeVisible()
    for (const sheet of SHEETS) {
      await choose(electron, sheet)
      await expect(page.getByRole('dialog').first()).toBeVisible()
      await look(sheet)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
    }
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible()
    await look('palette')
    const menu = await electron.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? [])
    expect(menu.filter((label) => /^[&\w]+$/.test(label))).toEqual([])
    await page.screenshot({ path: 'test-results/pictures/language-palette.png' })
    expect(found).toEqual({})
  } finally {
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  }
})
